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
  const parts: Uint8Array[] = []
  write(value, parts, draw)
  return Uint8Array.from(Buffer.concat(parts))
}

/** Parts of one encoding: a larger one is above all limits, and what is left out makes it malformed. */
const MOST_PARTS = 20_000

function write(value: unknown, into: Uint8Array[], draw: Draw): void {
  if (into.length > MOST_PARTS) return
  if (draw.chance(0.01)) into.push(Uint8Array.of(draw.pick([0xc0, 0xc2, 0xd7])))
  if (value === null) into.push(Uint8Array.of(0xf6))
  else if (value === undefined) into.push(Uint8Array.of(0xf7))
  else if (typeof value === 'boolean') into.push(Uint8Array.of(value ? 0xf5 : 0xf4))
  else if (typeof value === 'number') into.push(number(value, draw))
  else if (typeof value === 'string') writeCounted(3, Buffer.from(value), into, draw)
  else if (value instanceof Uint8Array) writeCounted(2, value, into, draw)
  else if (Array.isArray(value)) writeContainer(4, value.length, value, into, draw)
  else writeMap(Object.entries(value), into, draw)
}

function number(value: number, draw: Draw): Uint8Array {
  if (Number.isSafeInteger(value) && !Object.is(value, -0) && !draw.chance(0.03)) return value < 0 ? head(1, -1 - value, draw) : head(0, value, draw)
  const bytes = new Uint8Array(9)
  bytes[0] = 0xfb
  new DataView(bytes.buffer).setFloat64(1, value)
  return bytes
}

function writeCounted(major: number, content: Uint8Array, into: Uint8Array[], draw: Draw): void {
  if (draw.chance(0.02)) into.push(Uint8Array.of(major << 5 | 31), head(major, content.length, draw), content, Uint8Array.of(0xff))
  else into.push(head(major, content.length, draw), content)
}

function writeMap(entries: readonly (readonly [string, unknown])[], into: Uint8Array[], draw: Draw): void {
  const repeated = entries.length > 0 && draw.chance(0.05) ? [...entries, draw.pick(entries)] : entries
  writeContainer(5, repeated.length, repeated.flatMap(([key, value]) => [key, value]), into, draw)
}

function writeContainer(major: number, count: number, items: readonly unknown[], into: Uint8Array[], draw: Draw): void {
  const endless = draw.chance(0.02)
  into.push(endless ? Uint8Array.of(major << 5 | 31) : head(major, draw.chance(0.01) ? count + draw.pick([-1, 1, 2 ** 20]) : count, draw))
  for (const item of items) write(item, into, draw)
  if (endless) into.push(Uint8Array.of(0xff))
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
