import type { Draw } from './draw.js'
import { mutateBytes } from './mutate-bytes.js'

const NUMBERS = [0, 1, -1, 0.5, -0, NaN, Infinity, -Infinity, 1e-300, 1e308, 65_537, 2 ** 31, 2 ** 32, 2 ** 40 + 1, 2 ** 53 - 1, 2 ** 53, -(2 ** 53)]
const TEXTS = ['', '\0', '__proto__', 'constructor', '../../etc/passwd', '\ud800', '\u202e', 'ä'.repeat(50), 'a'.repeat(300), 'x'.repeat(70_000), '0'.repeat(64), 'f'.repeat(128), '1e999']
const KEYS = ['__proto__', 'constructor', 'toString', 'extra', '', 'kind', 'version']

/** A value with one to three of its parts replaced, removed, repeated, swapped or nested. */
export function mutateValue(value: unknown, draw: Draw): unknown {
  let result = value
  for (let changes = 1 + draw.below(3); changes > 0; changes--) result = changedWithin(result, draw)
  return result
}

/** The value as it is, or with changes. */
export function foreignValue(valid: unknown, draw: Draw): unknown {
  return draw.chance(0.05) ? valid : mutateValue(valid, draw)
}

/** Goes down to some part of a value, the deeper the less likely, and changes it there. */
function changedWithin(value: unknown, draw: Draw): unknown {
  if (Array.isArray(value) && value.length > 0 && draw.chance(0.75)) {
    const at = draw.below(value.length)
    return (value as unknown[]).map((item, place) => place === at ? changedWithin(item, draw) : item)
  }
  if (isMap(value) && draw.chance(0.85)) {
    const keys = Object.keys(value)
    if (keys.length > 0) {
      const key = draw.pick(keys)
      return withEntries(Object.entries(value).map(([name, item]) => [name, name === key ? changedWithin(item, draw) : item]))
    }
  }
  return changed(value, draw)
}

function changed(value: unknown, draw: Draw): unknown {
  if (draw.chance(0.15)) return other(draw)
  if (typeof value === 'number') return draw.chance(0.5) ? draw.pick(NUMBERS) : value + draw.pick([1, -1, 0.25, 2 ** 32])
  if (typeof value === 'string') return changedText(value, draw)
  if (typeof value === 'boolean') return !value
  if (value instanceof Uint8Array) return value.length > 0 && draw.chance(0.7) ? mutateBytes(value, draw) : new Uint8Array(draw.pick([0, 1, 31, 33, 64, 65, 5000, 70_000]))
  if (Array.isArray(value)) return changedList(value, draw)
  return isMap(value) ? changedMap(value, draw) : other(draw)
}

function changedText(text: string, draw: Draw): string {
  if (text.length === 0 || draw.chance(0.3)) return draw.pick(TEXTS)
  const at = draw.below(text.length)
  return draw.pick([
    () => text.slice(0, at),
    () => text + text.slice(at),
    () => `${text.slice(0, at)}${draw.pick(['0', 'g', ' ', '\n', 'ä', '/', '..', '\0'])}${text.slice(at + 1)}`,
    () => text.toUpperCase(),
  ])()
}

function changedList(list: readonly unknown[], draw: Draw): unknown[] {
  return draw.pick([
    () => [],
    () => list.slice(1),
    () => [...list, ...list],
    () => [...list, other(draw)],
    () => list.toReversed(),
    // Deep items only a few times, or the case would be larger than any message.
    () => list.length === 0 ? [null] : Array.from({ length: draw.pick(isPlain(list[0]) ? [33, 129, 513, 1100] : [3, 33]) }, () => list[0]),
  ])()
}

function changedMap(map: Readonly<Record<string, unknown>>, draw: Draw): Record<string, unknown> {
  const entries = Object.entries(map)
  if (entries.length === 0 || draw.chance(0.25)) return withEntries([...entries, [draw.pick(KEYS), other(draw)]])
  const [one, another] = [draw.below(entries.length), draw.below(entries.length)]
  return withEntries(draw.chance(0.5)
    ? entries.filter((_, at) => at !== one)
    : entries.map(([key, value], at) => [key, at === one ? entries[another]![1] : at === another ? entries[one]![1] : value]))
}

/** Defines keys such as `__proto__`, too, which an assignment would not. */
function withEntries(entries: readonly (readonly [string, unknown])[]): Record<string, unknown> {
  return Object.fromEntries(entries)
}

function other(draw: Draw): unknown {
  return draw.pick<() => unknown>([
    () => null, () => true, () => undefined, () => [], () => ({}), () => new Uint8Array(0), () => draw.bytes(32), () => draw.pick(NUMBERS), () => draw.pick(TEXTS),
    () => nested(draw.pick([5, 31, 40, 300])),
    () => withEntries([['__proto__', { polluted: true }]]),
  ])()
}

function nested(depth: number): unknown {
  let value: unknown = 1
  for (let level = 0; level < depth; level++) value = level % 2 === 0 ? [value] : { a: value }
  return value
}

function isPlain(value: unknown): boolean {
  return typeof value !== 'object' || value === null
}

function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Uint8Array)
}
