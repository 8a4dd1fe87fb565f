import { encode, rfc8949EncodeOptions } from 'cborg'

import { CanonicalError } from './canonical-error.js'

/** Deeper values are refused, in both directions. */
export const MAXIMUM_DEPTH = 32

/** What is written to before it is copied out; a larger one is given back after use. */
const SCRATCH_BYTES = 64 * 1024

let scratch = Buffer.allocUnsafeSlow(SCRATCH_BYTES)
let end = 0

/**
 * Deterministic CBOR in one pass. Peers hash and sign all that they say in it, so it is one of the things that they do most.
 *
 * @throws CanonicalError VALUE_NOT_CANONICAL
 */
export function writeCanonical(value: unknown, fractions: boolean): Uint8Array {
  return withCanonical(value, fractions, (bytes) => new Uint8Array(bytes))
}

/** Hands the encoding to `use`, whose bytes are only good until it returns: where they are but hashed, nothing needs to be copied. */
export function withCanonical<Result>(value: unknown, fractions: boolean, use: (bytes: Uint8Array) => Result): Result {
  end = 0
  try {
    write(value, fractions, 0)
    return use(scratch.subarray(0, end))
  } finally {
    if (scratch.length > SCRATCH_BYTES) scratch = Buffer.allocUnsafeSlow(SCRATCH_BYTES)
  }
}

/** Instances of classes, typed arrays, dates and `undefined` are refused: two peers could differ on them. */
function write(value: unknown, fractions: boolean, depth: number): void {
  if (typeof value === 'string') {
    writeText(value)
  } else if (typeof value === 'number') {
    writeNumber(value, fractions)
  } else if (value === null) {
    writeByte(0xf6)
  } else if (typeof value === 'boolean') {
    writeByte(value ? 0xf5 : 0xf4)
  } else if (value instanceof Uint8Array) {
    writeHead(2, value.length)
    writeBytes(value)
  } else if (typeof value === 'object') {
    writeContainer(value, fractions, depth)
  } else {
    refuse(`a value of type ${typeof value} has no canonical encoding: leave it out or turn it into a plain value`)
  }
}

function writeContainer(value: object, fractions: boolean, depth: number): void {
  if (depth >= MAXIMUM_DEPTH) refuse(`the value is nested deeper than ${MAXIMUM_DEPTH} levels, or contains itself`)
  if (Array.isArray(value)) {
    writeHead(4, value.length)
    for (const item of value) write(item, fractions, depth + 1)
    return
  }
  const prototype: unknown = Object.getPrototypeOf(value)
  if (prototype !== Object.prototype && prototype !== null) {
    refuse(`an instance of ${value.constructor.name} has no canonical encoding: turn it into plain values first`)
  }
  const keys = Object.keys(value).sort(byEncoding)
  writeHead(5, keys.length)
  for (const key of keys) {
    writeText(key)
    write((value as Record<string, unknown>)[key], fractions, depth + 1)
  }
}

function writeNumber(value: number, fractions: boolean): void {
  if (Number.isSafeInteger(value) && !Object.is(value, -0)) {
    if (value >= 0) writeHead(0, value)
    else writeHead(1, -1 - value)
  } else if (fractions && Number.isFinite(value) && !Number.isInteger(value)) {
    writeBytes(encode(value, rfc8949EncodeOptions))
  } else {
    refuse(`${Object.is(value, -0) ? '-0' : value} is no safe integer: scale fractions to integers first (65536 = 1.0)`)
  }
}

function writeText(text: string): void {
  const length = Buffer.byteLength(text)
  writeHead(3, length)
  reserve(length)
  scratch.write(text, end, length, 'utf8')
  end += length
}

/** Major type and argument in the fewest bytes. */
function writeHead(major: number, argument: number): void {
  reserve(9)
  const high = major << 5
  if (argument < 24) {
    scratch[end++] = high | argument
  } else if (argument < 0x100) {
    scratch[end++] = high | 24
    scratch[end++] = argument
  } else if (argument < 0x1_0000) {
    scratch[end++] = high | 25
    scratch[end++] = argument >> 8
    scratch[end++] = argument & 0xff
  } else if (argument < 0x1_0000_0000) {
    scratch[end++] = high | 26
    end = scratch.writeUInt32BE(argument, end)
  } else {
    scratch[end++] = high | 27
    end = scratch.writeUInt32BE(Math.floor(argument / 0x1_0000_0000), end)
    end = scratch.writeUInt32BE(argument % 0x1_0000_0000, end)
  }
}

function writeByte(byte: number): void {
  reserve(1)
  scratch[end++] = byte
}

function writeBytes(bytes: Uint8Array): void {
  reserve(bytes.length)
  scratch.set(bytes, end)
  end += bytes.length
}

function reserve(bytes: number): void {
  if (end + bytes <= scratch.length) return
  const larger = Buffer.allocUnsafeSlow(Math.max(2 * scratch.length, end + bytes))
  larger.set(scratch.subarray(0, end))
  scratch = larger
}

/** Beyond ASCII, a text's UTF-16 order is not the order of its bytes. */

const ASCII = /^[\0-\x7f]*$/

/** The order of the keys' encodings: the shorter first, equally long ones by their bytes. */
function byEncoding(a: string, b: string): number {
  if (ASCII.test(a) && ASCII.test(b)) return a.length - b.length || (a < b ? -1 : a > b ? 1 : 0)
  return Buffer.byteLength(a) - Buffer.byteLength(b) || Buffer.compare(Buffer.from(a), Buffer.from(b))
}

function refuse(what: string): never {
  throw new CanonicalError('VALUE_NOT_CANONICAL', what)
}
