import { isUtf8 } from 'node:buffer'
import { hash } from 'node:crypto'

import { decode, encode, rfc8949EncodeOptions } from 'cborg'
import type { DecodeOptions } from 'cborg/interface'

import { CanonicalError } from './canonical-error.js'

/** Deeper values are refused before they are decoded: a stranger's 64 KiB of opening brackets must not exhaust the stack. */
const MAXIMUM_DEPTH = 32

const decodeOptions: DecodeOptions = {
  strict: true,
  allowIndefinite: false,
  allowUndefined: false,
  allowInfinity: false,
  allowNaN: false,
  allowBigInt: false,
  rejectDuplicateMapKeys: true,
}

/** The lowercase hex SHA-256 of some bytes. */
export type ContentId = string

export interface CanonicalOptions {
  /** Allows finite fractions, in the shortest float that holds them exactly; default false. For settings, never for what peers compute. */
  readonly fractions?: boolean
}

/**
 * The one encoding of a value: deterministic CBOR (RFC 8949, section 4.2.1) of null, booleans, safe integers, text, bytes, arrays and maps with text keys.
 *
 * @throws CanonicalError VALUE_NOT_CANONICAL for fractions, undefined, dates, instances of classes and other values without an encoding
 */
export function encodeCanonical(value: unknown, { fractions = false }: CanonicalOptions = {}): Uint8Array {
  checkValue(value, fractions, 0)
  // cborg may answer with a Buffer on pooled memory, whose slices are views: what is written here is nobody else's.
  return new Uint8Array(encode(value, rfc8949EncodeOptions))
}

/**
 * Decodes bytes that `encodeCanonical` could have written, and refuses all others, so that equal values always have equal hashes.
 * The result may share memory with `bytes`.
 *
 * @throws CanonicalError BYTES_NOT_CANONICAL
 */
export function decodeCanonical(bytes: Uint8Array, options: CanonicalOptions = {}): unknown {
  try {
    const hasFloats = checkForm(bytes)
    if (hasFloats && options.fractions !== true) throw new Error('a float')
    const value: unknown = decode(bytes, decodeOptions)
    if (hasFloats && Buffer.compare(bytes, encodeCanonical(value, options)) !== 0) throw new Error('a float that is longer than it need be, or an integer')
    return value
  } catch (error) {
    throw new CanonicalError('BYTES_NOT_CANONICAL', `${bytes.length} bytes are no canonical CBOR: ${reason(error)}`)
  }
}

/** The content id of a value's encoding. @throws CanonicalError VALUE_NOT_CANONICAL */
export function hashCanonical(value: unknown): ContentId {
  return contentId(encodeCanonical(value))
}

/** The lowercase hex SHA-256 of some bytes: how everything that is too large for a message is named. */
export function contentId(bytes: Uint8Array): ContentId {
  return hash('sha256', bytes, 'hex')
}

/** cborg would also write fractions, `undefined`, typed arrays as bytes and instances of classes as maps: two peers could differ on them. */
function checkValue(value: unknown, fractions: boolean, depth: number): void {
  if (value === null || typeof value === 'boolean' || typeof value === 'string' || value instanceof Uint8Array) return
  if (typeof value === 'number') {
    if (Number.isSafeInteger(value) && !Object.is(value, -0)) return
    if (fractions && Number.isFinite(value) && !Number.isInteger(value)) return
    refuse(`${Object.is(value, -0) ? '-0' : value} is no safe integer: scale fractions to integers first (65536 = 1.0)`)
  }
  if (typeof value !== 'object') refuse(`a value of type ${typeof value} has no canonical encoding: leave it out or turn it into a plain value`)
  if (depth >= MAXIMUM_DEPTH) refuse(`the value is nested deeper than ${MAXIMUM_DEPTH} levels, or contains itself`)
  if (Array.isArray(value)) {
    for (const item of value) checkValue(item, fractions, depth + 1)
    return
  }
  const prototype: unknown = Object.getPrototypeOf(value)
  if (prototype !== Object.prototype && prototype !== null) {
    refuse(`an instance of ${value.constructor.name} has no canonical encoding: turn it into plain values first`)
  }
  for (const item of Object.values(value)) checkValue(item, fractions, depth + 1)
}

function refuse(what: string): never {
  throw new CanonicalError('VALUE_NOT_CANONICAL', what)
}

/** An array or a map that has been opened. */
interface Container {
  /** What is still to come in it; a map has its keys and values in turns. */
  items: number
  readonly isMap: boolean
  /** Where the map's last key begins and ends. */
  keyStart: number
  keyEnd: number
}

/**
 * Walks the heads before the decoder does, and refuses what that would take although no encoder of ours writes it: nesting too deep, keys out of their order,
 * text that is no UTF-8. Malformed bytes and longer heads than need be are left to the decoder.
 *
 * @returns whether there are floats, whose form only a second encoding shows
 */
function checkForm(bytes: Uint8Array): boolean {
  const open: Container[] = []
  let hasFloats = false
  for (let at = 0; at < bytes.length;) {
    const start = at
    const head = bytes[at++]!
    const major = head >> 5
    let argument = head & 31
    if (argument >= 24) {
      const width = argument < 28 ? 1 << (argument - 24) : 0
      argument = 0
      for (let i = 0; i < width; i++) argument = argument * 256 + (bytes[at++] ?? 0)
    }
    if (major === 2 || major === 3) at += argument
    if (major === 3 && !isText(bytes.subarray(at - argument, at))) throw new Error('text that is no UTF-8, or begins with a mark of the byte order')
    if (major === 7 && head >= FIRST_FLOAT) hasFloats = true
    const container = open.at(-1)
    if (container?.isMap === true && container.items % 2 === 0) checkKey(container, bytes, start, at)
    const items = major === 4 ? argument : major === 5 ? 2 * argument : major === 6 ? 1 : 0
    if (items > 0) {
      if (open.push({ items, isMap: major === 5, keyStart: 0, keyEnd: 0 }) > MAXIMUM_DEPTH) throw new Error(`nested deeper than ${MAXIMUM_DEPTH} levels`)
      continue
    }
    while (open.length > 0 && --open.at(-1)!.items === 0) open.pop()
  }
  return hasFloats
}

/** The decoder would leave a mark of the byte order out, so that two encodings had one value. */
function isText(bytes: Uint8Array): boolean {
  return isUtf8(bytes) && !(bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf)
}

/** Heads from here on, of major type 7, are floats. */
const FIRST_FLOAT = 0xf9

function checkKey(map: Container, bytes: Uint8Array, start: number, end: number): void {
  // Heads are in their shortest form, so that the order of the encodings is that of the lengths, then of the letters.
  if (map.keyEnd > 0 && Buffer.compare(bytes.subarray(map.keyStart, map.keyEnd), bytes.subarray(start, end)) >= 0) throw new Error('a key out of its order, or twice')
  map.keyStart = start
  map.keyEnd = end
}

function reason(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
