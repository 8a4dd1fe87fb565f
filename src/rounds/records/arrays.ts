import { contentId } from '../../identity/index.js'
import type { ContentId } from '../../network/index.js'
import { RoundsError } from '../errors.js'

/** Values that a record names by hash. They are never changed in place. */
export interface Named {
  readonly id: ContentId
  readonly values: Float32Array
}

/** The little-endian f32 bytes of some values; shares their memory. The same object each time, so that its name is known. */
export function bytesOf(values: Float32Array): Uint8Array {
  let bytes = views.get(values)
  if (bytes === undefined) {
    bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength)
    views.set(values, bytes)
  }
  return bytes
}

const views = new WeakMap<Float32Array, Uint8Array>()

export function name(values: Float32Array): Named {
  return { id: contentId(bytesOf(values)), values }
}

/** @throws RoundsError CHECKPOINT_REFUSED where the bytes are not `length` values */
export function valuesOf(bytes: Uint8Array, length: number): Float32Array {
  if (bytes.length !== length * Float32Array.BYTES_PER_ELEMENT) {
    throw new RoundsError('CHECKPOINT_REFUSED', `${bytes.length} bytes are not the ${length} values of this network's adapter`)
  }
  let values = read.get(bytes)
  if (values === undefined) {
    // A copy, aligned to four bytes; a Buffer's `slice` would be none.
    values = new Float32Array(new Uint8Array(bytes).buffer)
    read.set(bytes, values)
  }
  return values
}

/** What has been read from bytes that are still at hand: neither ever changes. */
const read = new WeakMap<Uint8Array, Float32Array>()

/** a + b - c, in f64 and rounded once; a negative zero becomes zero. */
export function shifted(a: Float32Array, b: Float32Array, c: Float32Array): Float32Array {
  return a.map((value, i) => Math.fround(value + (b[i]! - c[i]!)) + 0)
}

/** a - b, rounded once; a negative zero becomes zero. */
export function difference(a: Float32Array, b: Float32Array): Float32Array {
  return a.map((value, i) => Math.fround(value - b[i]!) + 0)
}
