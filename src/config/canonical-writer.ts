import { CanonicalError } from './canonical-error.js'

/** Deeper values are refused: a value that contains itself must not exhaust the stack. */
export const MAXIMUM_DEPTH = 32

/** Written to at first; it grows to the largest value up to `KEPT_BYTES`, and larger ones get memory of their own. */
const FIRST_BYTES = 64 * 1024
const KEPT_BYTES = 1024 * 1024

/** Orders of keys that are remembered: records and messages have some hundreds of forms. */
const FORMS_KEPT = 1024

/** What one kind of map writes before each of its values. */
interface Key {
  readonly name: string
  readonly head: Uint8Array
}

/**
 * Writes plain values as deterministic CBOR (RFC 8949, section 4.2.1). Each record, vote and lot is written many times, so it is written here, in one pass over
 * memory that is used again, and not by way of a library's tokens.
 */
export class CanonicalWriter {
  private buffer = Buffer.allocUnsafeSlow(FIRST_BYTES)
  private at = 0
  private readonly forms = new Map<string, readonly Key[]>()

  /**
   * The bytes of a value, valid until the next one is written.
   *
   * @throws CanonicalError VALUE_NOT_CANONICAL
   */
  write(value: unknown): Uint8Array {
    if (this.buffer.length > KEPT_BYTES) this.buffer = Buffer.allocUnsafeSlow(FIRST_BYTES)
    this.at = 0
    this.value(value, 0)
    return this.buffer.subarray(0, this.at)
  }

  private value(value: unknown, depth: number): void {
    if (typeof value === 'string') this.text(value)
    else if (typeof value === 'number') this.integer(value)
    else if (value === null) this.byte(0xf6)
    else if (value instanceof Uint8Array) this.bytes(value)
    else if (typeof value === 'boolean') this.byte(value ? 0xf5 : 0xf4)
    else this.container(value, depth)
  }

  private container(value: unknown, depth: number): void {
    if (typeof value !== 'object' || value === null) refuse(`a value of type ${typeof value} has no canonical encoding: leave it out or turn it into a plain value`)
    if (depth >= MAXIMUM_DEPTH) refuse(`the value is nested deeper than ${MAXIMUM_DEPTH} levels, or contains itself`)
    if (Array.isArray(value)) {
      this.head(0x80, value.length)
      for (let i = 0; i < value.length; i++) this.value(value[i], depth + 1)
      return
    }
    const prototype: unknown = Object.getPrototypeOf(value)
    if (prototype !== Object.prototype && prototype !== null) {
      refuse(`an instance of ${value.constructor.name} has no canonical encoding: turn it into plain values first`)
    }
    const keys = this.form(Object.keys(value))
    this.head(0xa0, keys.length)
    for (const { name, head } of keys) {
      this.room(head.length)
      this.buffer.set(head, this.at)
      this.at += head.length
      this.value((value as Record<string, unknown>)[name], depth + 1)
    }
  }

  private integer(value: number): void {
    if (!Number.isSafeInteger(value) || Object.is(value, -0)) refuse(`${Object.is(value, -0) ? '-0' : value} is no safe integer: scale fractions to integers first (65536 = 1.0)`)
    if (value >= 0) this.head(0x00, value)
    else this.head(0x20, -1 - value)
  }

  private text(value: string): void {
    const { length } = value
    this.room(9 + 3 * length)
    const start = this.at
    // Nearly all texts are ASCII: then there are as many bytes as letters.
    this.head(0x60, length)
    const { buffer } = this
    let at = this.at
    for (let i = 0; i < length; i++) {
      const code = value.charCodeAt(i)
      if (code >= 0x80) {
        this.at = start
        this.head(0x60, Buffer.byteLength(value))
        this.at += buffer.write(value, this.at, 'utf8')
        return
      }
      buffer[at++] = code
    }
    this.at = at
  }

  private bytes(value: Uint8Array): void {
    this.head(0x40, value.length)
    this.room(value.length)
    this.buffer.set(value, this.at)
    this.at += value.length
  }

  private byte(value: number): void {
    this.room(1)
    this.buffer[this.at++] = value
  }

  /** A major type with the shortest form of its argument. */
  private head(major: number, argument: number): void {
    this.room(9)
    const { buffer } = this
    if (argument < 24) {
      buffer[this.at++] = major | argument
    } else if (argument < 0x100) {
      buffer[this.at++] = major | 24
      buffer[this.at++] = argument
    } else if (argument < 0x10000) {
      buffer[this.at++] = major | 25
      buffer[this.at++] = argument >>> 8
      buffer[this.at++] = argument & 0xff
    } else if (argument < 0x100000000) {
      buffer[this.at] = major | 26
      this.at = buffer.writeUInt32BE(argument, this.at + 1)
    } else {
      buffer[this.at] = major | 27
      const next = buffer.writeUInt32BE(Math.floor(argument / 0x100000000), this.at + 1)
      this.at = buffer.writeUInt32BE(argument % 0x100000000, next)
    }
  }

  private room(more: number): void {
    const needed = this.at + more
    if (needed <= this.buffer.length) return
    const larger = Buffer.allocUnsafeSlow(Math.max(needed, 2 * this.buffer.length))
    larger.set(this.buffer.subarray(0, this.at))
    this.buffer = larger
  }

  /** The keys of a map in the order of their encodings. Maps of one form come in their thousands. */
  private form(names: readonly string[]): readonly Key[] {
    // Told apart by line breaks: maps with a key that has one are not remembered.
    const form = names.join('\n')
    const known = this.forms.get(form)
    if (known !== undefined && known.length === names.length) return known
    const keys = names.map((name): Key => ({ name, head: keyOf(name) })).sort((a, b) => Buffer.compare(a.head, b.head))
    if (this.forms.size < FORMS_KEPT && !names.some((name) => name.includes('\n'))) this.forms.set(form, keys)
    return keys
  }
}

/** A key's head and letters; lengths in their shortest form, so that the order of the encodings is that of the lengths, then of the letters. */
function keyOf(name: string): Uint8Array {
  const letters = Buffer.from(name, 'utf8')
  return Buffer.concat([Buffer.from(headOf(letters.length)), letters])
}

function headOf(length: number): number[] {
  if (length < 24) return [0x60 | length]
  if (length < 0x100) return [0x78, length]
  if (length < 0x10000) return [0x79, length >>> 8, length & 0xff]
  return [0x7a, length >>> 24, (length >>> 16) & 0xff, (length >>> 8) & 0xff, length & 0xff]
}

function refuse(what: string): never {
  throw new CanonicalError('VALUE_NOT_CANONICAL', what)
}
