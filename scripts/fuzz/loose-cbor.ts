import { encodeCanonical } from '../../src/config/index.js'

import type { Draw } from './draw.js'

/** A value as canonical CBOR where it has one, and often as other CBOR of the same or nearly the same value. */
export function encodeAnyhow(value: unknown, draw: Draw): Uint8Array {
  if (draw.chance(0.7)) {
    try {
      return encodeCanonical(value, { fractions: true })
    } catch {
      // Only the loose encoding has it.
    }
  }
  return encodeLoosely(value, draw)
}

/** CBOR with heads wider than they need be, containers without an end, keys in any order and twice, floats for integers, tags. */
export function encodeLoosely(value: unknown, draw: Draw): Uint8Array {
  return Uint8Array.from(Buffer.concat(parts(value, draw)))
}

function parts(value: unknown, draw: Draw): Uint8Array[] {
  if (draw.chance(0.01)) return [Uint8Array.of(draw.pick([0xc0, 0xc2, 0xd7])), ...parts(value, draw)]
  if (value === null) return [Uint8Array.of(0xf6)]
  if (value === undefined) return [Uint8Array.of(0xf7)]
  if (typeof value === 'boolean') return [Uint8Array.of(value ? 0xf5 : 0xf4)]
  if (typeof value === 'number') return [number(value, draw)]
  if (typeof value === 'string') return counted(3, Buffer.from(value), draw)
  if (value instanceof Uint8Array) return counted(2, value, draw)
  if (Array.isArray(value)) return container(4, value.length, (value as unknown[]).flatMap((item) => parts(item, draw)), draw)
  const entries = Object.entries(value)
  const repeated = entries.length > 0 && draw.chance(0.05) ? [...entries, draw.pick(entries)] : entries
  return container(5, repeated.length, repeated.flatMap(([key, item]) => [...parts(key, draw), ...parts(item, draw)]), draw)
}

function number(value: number, draw: Draw): Uint8Array {
  if (Number.isSafeInteger(value) && !Object.is(value, -0) && !draw.chance(0.03)) return value < 0 ? head(1, -1 - value, draw) : head(0, value, draw)
  const bytes = new Uint8Array(9)
  bytes[0] = 0xfb
  new DataView(bytes.buffer).setFloat64(1, value)
  return bytes
}

function counted(major: number, content: Uint8Array, draw: Draw): Uint8Array[] {
  if (draw.chance(0.02)) return [Uint8Array.of(major << 5 | 31), head(major, content.length, draw), content, Uint8Array.of(0xff)]
  return [head(major, content.length, draw), content]
}

function container(major: number, count: number, content: readonly Uint8Array[], draw: Draw): Uint8Array[] {
  if (draw.chance(0.02)) return [Uint8Array.of(major << 5 | 31), ...content, Uint8Array.of(0xff)]
  return [head(major, draw.chance(0.01) ? count + draw.pick([-1, 1, 2 ** 20]) : count, draw), ...content]
}

function head(major: number, argument: number, draw: Draw): Uint8Array {
  const least = argument < 24 ? 0 : argument < 0x100 ? 1 : argument < 0x1_0000 ? 2 : argument < 0x1_0000_0000 ? 4 : 8
  const width = draw.chance(0.03) ? draw.pick([1, 2, 4, 8].filter((wider) => wider >= least)) : least
  if (width === 0) return Uint8Array.of(major << 5 | Math.max(0, argument))
  const bytes = new Uint8Array(1 + width)
  bytes[0] = major << 5 | 24 + Math.log2(width)
  for (let at = width, rest = argument; at > 0; at--, rest = Math.floor(rest / 256)) bytes[at] = rest % 256
  return bytes
}
