import { decode, encode, rfc8949EncodeOptions } from 'cborg'

import { MAXIMUM_DEPTH } from './canonical-encode.js'

/** Text that is no UTF-8 is refused; a mark of the byte order is text like other. */
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** Keys read last: messages have the same few, and a text that is known need not be made again. A power of two. */
const KEYS_KEPT = 1024
const keys: (string | undefined)[] = Array.from({ length: KEYS_KEPT }, () => undefined)

let bytes: Buffer = Buffer.alloc(0)
let at = 0

/**
 * Reads what `writeCanonical` could have written: every head in its shortest form, keys in their order and each once, nothing of indefinite length. A
 * stranger's bytes claim lengths and depths, so each is checked against what is there before anything is made of it.
 *
 * @throws Error with what is wrong
 */
export function readCanonical(encoded: Uint8Array, fractions: boolean): unknown {
  bytes = Buffer.from(encoded.buffer, encoded.byteOffset, encoded.length)
  at = 0
  try {
    const value = read(fractions, 0)
    if (at !== bytes.length) throw new Error(`${bytes.length - at} bytes too many`)
    return value
  } finally {
    bytes = NOTHING
  }
}

const NOTHING = bytes

function read(fractions: boolean, depth: number): unknown {
  const start = at
  const head = readByte()
  const major = head >> 5
  if (major === 7) return readSimple(head, start, fractions)
  const argument = readArgument(head & 31)
  switch (major) {
    case 0: return argument
    case 1: {
      const value = -1 - argument
      if (!Number.isSafeInteger(value)) throw new Error('an integer beyond the safe ones')
      return value
    }
    case 2: {
      expect(argument)
      at += argument
      return new Uint8Array(bytes.subarray(at - argument, at))
    }
    case 3: return readText(argument)
    case 4: {
      expect(argument)
      refuseDepth(depth)
      const items: unknown[] = []
      for (let item = 0; item < argument; item++) items.push(read(fractions, depth + 1))
      return items
    }
    case 5: return readMap(argument, fractions, depth)
    default: throw new Error('a tag')
  }
}

function readMap(entries: number, fractions: boolean, depth: number): Record<string, unknown> {
  expect(2 * entries)
  refuseDepth(depth)
  const map: Record<string, unknown> = {}
  let before = -1
  let beforeEnd = -1
  for (let entry = 0; entry < entries; entry++) {
    const start = at
    const head = readByte()
    if (head >> 5 !== 3) throw new Error('a key that is no text')
    const length = readArgument(head & 31)
    const key = readKey(length)
    if (before >= 0 && compareRanges(before, beforeEnd, start, at) >= 0) throw new Error(`the key "${key.slice(0, 40)}" out of its order, or twice`)
    before = start
    beforeEnd = at
    const value = read(fractions, depth + 1)
    if (key === '__proto__') Object.defineProperty(map, key, { value, enumerable: true, configurable: true, writable: true })
    else map[key] = value
  }
  return map
}

function readSimple(head: number, start: number, fractions: boolean): unknown {
  switch (head) {
    case 0xf4: return false
    case 0xf5: return true
    case 0xf6: return null
    case 0xf9:
    case 0xfa:
    case 0xfb: return readFraction(start, 1 << (head - 0xf8), fractions)
    default: throw new Error('undefined, or another value that is none of the canonical ones')
  }
}

/** A fraction in the shortest float that holds it exactly, where fractions are allowed at all. */
function readFraction(start: number, width: number, fractions: boolean): number {
  expect(width)
  at += width
  const float = bytes.subarray(start, at)
  const value: unknown = decode(float)
  if (!fractions || typeof value !== 'number' || !Number.isFinite(value) || Number.isInteger(value)) throw new Error('a float')
  if (Buffer.compare(encode(value, rfc8949EncodeOptions), float) !== 0) throw new Error('a float that is longer than it need be')
  return value
}

function readText(length: number): string {
  expect(length)
  const start = at
  at += length
  for (let byte = start; byte < at; byte++) if (bytes[byte]! > 0x7f) return utf8.decode(bytes.subarray(start, at))
  return bytes.toString('latin1', start, at)
}

function readKey(length: number): string {
  expect(length)
  if (length === 0) return ''
  const slot = (length * 7 + bytes[at]! * 31 + bytes[at + (length >> 1)]! * 57 + bytes[at + length - 1]! * 131) & (KEYS_KEPT - 1)
  const known = keys[slot]
  if (known?.length === length && isAt(known)) {
    at += length
    return known
  }
  const key = readText(length)
  if (key.length === length && length <= 32) keys[slot] = key
  return key
}

/** Whether this text of ASCII stands here. */
function isAt(text: string): boolean {
  for (let i = 0; i < text.length; i++) if (bytes[at + i] !== text.charCodeAt(i)) return false
  return true
}

function readByte(): number {
  if (at >= bytes.length) throw new Error('they end too early')
  return bytes[at++]!
}

/** The argument of a head, in its shortest form. */
function readArgument(low: number): number {
  if (low < 24) return low
  if (low > 27) throw new Error('an indefinite length, or a head that is none')
  const width = 1 << (low - 24)
  expect(width)
  let argument = 0
  for (let i = 0; i < width; i++) argument = argument * 256 + bytes[at++]!
  const least = low === 24 ? 24 : 2 ** (4 * width)
  if (argument < least) throw new Error('a number longer than it need be')
  if (!Number.isSafeInteger(argument)) throw new Error('an integer beyond the safe ones')
  return argument
}

function expect(count: number): void {
  if (count > bytes.length - at) throw new Error('they end too early')
}

function refuseDepth(depth: number): void {
  if (depth >= MAXIMUM_DEPTH) throw new Error(`nested deeper than ${MAXIMUM_DEPTH} levels`)
}

function compareRanges(a: number, aEnd: number, b: number, bEnd: number): number {
  for (; a < aEnd && b < bEnd; a++, b++) {
    const difference = bytes[a]! - bytes[b]!
    if (difference !== 0) return difference
  }
  return (aEnd - a) - (bEnd - b)
}
