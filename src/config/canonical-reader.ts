import { isUtf8 } from 'node:buffer'

import { MAXIMUM_DEPTH } from './canonical-writer.js'

/** Short keys that are remembered with their bytes: every message has the same few. */
const KEYS_KEPT = 1024
const LONGEST_KEPT = 32

interface KnownKey {
  readonly letters: Uint8Array
  readonly text: string
}

/**
 * Reads canonical bytes in one pass, and refuses all others. As the encoder it knows no fractions.
 *
 * @throws Error that says what is wrong
 */
export class CanonicalReader {
  private bytes: Uint8Array = new Uint8Array(0)
  private buffer: Buffer = Buffer.alloc(0)
  private at = 0
  private readonly keys: (KnownKey | undefined)[] = Array.from({ length: KEYS_KEPT }, () => undefined)

  read(bytes: Uint8Array): unknown {
    // A Buffer's slices would be views.
    this.bytes = Buffer.isBuffer(bytes) ? new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length) : bytes
    this.buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
    this.at = 0
    const value = this.value(0)
    if (this.at < bytes.length) throw new Error('there are bytes after its end')
    return value
  }

  private value(depth: number): unknown {
    const head = this.head()
    const major = head >> 5
    switch (major) {
      case 0: return this.argument(head)
      case 1: return this.negative(head)
      case 2: return this.octets(this.argument(head))
      case 3: return this.text(this.argument(head))
      case 4: return this.array(this.argument(head), depth)
      case 5: return this.map(this.argument(head), depth)
      default: return simple(head)
    }
  }

  private negative(head: number): number {
    const value = -1 - this.argument(head)
    if (!Number.isSafeInteger(value)) throw new Error('an integer beyond the safe ones')
    return value
  }

  private array(length: number, depth: number): unknown[] {
    this.checkContainer(length, depth)
    const items: unknown[] = []
    for (let i = 0; i < length; i++) items.push(this.value(depth + 1))
    return items
  }

  private map(length: number, depth: number): Record<string, unknown> {
    this.checkContainer(2 * length, depth)
    const map: Record<string, unknown> = {}
    let lastStart = 0
    let lastEnd = 0
    for (let i = 0; i < length; i++) {
      const start = this.at
      const head = this.head()
      if (head >> 5 !== 3) throw new Error('a key that is no text')
      const key = this.key(this.argument(head))
      // Heads are in their shortest form, so that the order of the encodings is that of the lengths, then of the letters.
      if (i > 0 && this.buffer.compare(this.buffer, lastStart, lastEnd, start, this.at) <= 0) throw new Error('a key out of its order, or twice')
      lastStart = start
      lastEnd = this.at
      const value = this.value(depth + 1)
      if (key === '__proto__') Object.defineProperty(map, key, { value, enumerable: true, configurable: true, writable: true })
      else map[key] = value
    }
    return map
  }

  /** Before anything is made of a stranger's length: every item has a byte at least. */
  private checkContainer(items: number, depth: number): void {
    if (items > this.bytes.length - this.at) throw new Error('it ends too early')
    if (depth >= MAXIMUM_DEPTH) throw new Error(`nested deeper than ${MAXIMUM_DEPTH} levels`)
  }

  private octets(length: number): Uint8Array {
    const start = this.skip(length)
    return this.bytes.slice(start, this.at)
  }

  private text(length: number): string {
    const start = this.skip(length)
    const { bytes, buffer, at } = this
    for (let i = start; i < at; i++) if (bytes[i]! >= 0x80) return textOf(buffer, start, at)
    return buffer.toString('latin1', start, at)
  }

  private key(length: number): string {
    if (length > LONGEST_KEPT) return this.text(length)
    const start = this.skip(length)
    const { bytes, at } = this
    let place = length
    for (let i = start; i < at; i++) place = (Math.imul(place, 31) + bytes[i]!) | 0
    place &= KEYS_KEPT - 1
    const known = this.keys[place]
    if (known !== undefined && isAt(known.letters, bytes, start, length)) return known.text
    this.at = start
    const text = this.text(length)
    this.keys[place] = { letters: bytes.slice(start, at), text }
    return text
  }

  /** @returns where what is skipped begins */
  private skip(length: number): number {
    const { at } = this
    if (length > this.bytes.length - at) throw new Error('it ends too early')
    this.at = at + length
    return at
  }

  private head(): number {
    if (this.at >= this.bytes.length) throw new Error('it ends too early')
    return this.bytes[this.at++]!
  }

  /** The argument of a head, which must be in its shortest form. */
  private argument(head: number): number {
    const short = head & 31
    if (short < 24) return short
    if (short > 27) throw new Error('a length that is left open')
    const width = 1 << (short - 24)
    let value = 0
    for (let i = 0; i < width; i++) value = value * 256 + this.head()
    if (value < (width === 1 ? 24 : 256 ** (width / 2))) throw new Error('a number that is written longer than it need be')
    if (value > Number.MAX_SAFE_INTEGER) throw new Error('an integer beyond the safe ones')
    return value
  }
}

function simple(head: number): boolean | null {
  if (head === 0xf4) return false
  if (head === 0xf5) return true
  if (head === 0xf6) return null
  if (head >> 5 === 6) throw new Error('a tag')
  throw new Error(head >= 0xf9 && head <= 0xfb ? 'a float' : 'a value of another kind')
}

/** A mark of the byte order would be left out when the text is written again, so that two encodings had one value. */
function textOf(buffer: Buffer, start: number, end: number): string {
  const isMarked = buffer[start] === 0xef && buffer[start + 1] === 0xbb && buffer[start + 2] === 0xbf && end - start >= 3
  if (isMarked || !isUtf8(buffer.subarray(start, end))) throw new Error('text that is no UTF-8, or begins with a mark of the byte order')
  return buffer.toString('utf8', start, end)
}

function isAt(letters: Uint8Array, bytes: Uint8Array, start: number, length: number): boolean {
  if (letters.length !== length) return false
  for (let i = 0; i < length; i++) if (letters[i] !== bytes[start + i]) return false
  return true
}
