import { getFloat16, setFloat16 } from '@petamoriken/float16'

import { BLOCK_LENGTH, CODEC_VERSION, HEADER_BYTES } from './constants.js'
import { DeltaCodecError } from './errors.js'
import { checkHeader, encodedLength, signsOffset } from './layout.js'

export { encodedLength } from './layout.js'

export interface EncodedDelta {
  /** What goes on the wire. */
  readonly bytes: Uint8Array
  /** What the bytes leave out, one f32 a value. It replaces the sender's residual once a record lists the delta, not before. */
  readonly residual: Float32Array
}

/**
 * Encodes `delta + residual`. A block whose mean magnitude is below f16's smallest, 6e-8, is sent as zeros and stays in the residual.
 *
 * @param delta - change of the adapter's flat weights, f32, any length
 * @param residual - what earlier rounds left out; same length
 * @throws DeltaCodecError DELTA_RESIDUAL_LENGTH, DELTA_NOT_FINITE
 * @see Seide et al. 2014, "1-Bit Stochastic Gradient Descent", section 2 (error feedback)
 */
export function encodeDelta(delta: Float32Array, residual: Float32Array): EncodedDelta {
  if (delta.length !== residual.length) {
    throw new DeltaCodecError('DELTA_RESIDUAL_LENGTH', `the delta has ${delta.length} values and the residual ${residual.length}: both must belong to the same adapter`)
  }
  const count = delta.length
  const bytes = new Uint8Array(encodedLength(count))
  const view = new DataView(bytes.buffer)
  const left = new Float32Array(count)
  const signsAt = signsOffset(count)

  view.setUint8(0, CODEC_VERSION)
  view.setUint32(1, count, true)

  for (let start = 0, magnitudeAt = HEADER_BYTES; start < count; start += BLOCK_LENGTH, magnitudeAt += 2) {
    const end = Math.min(start + BLOCK_LENGTH, count)
    let sum = 0
    for (let i = start; i < end; i++) {
      left[i] = delta[i]! + residual[i]!
      sum += Math.abs(left[i]!)
    }
    setFloat16(view, magnitudeAt, sum / (end - start), true)
    // The receiver's magnitude, so that the residual holds the rounding too.
    const magnitude = getFloat16(view, magnitudeAt, true)
    if (!Number.isFinite(magnitude)) {
      throw new DeltaCodecError('DELTA_NOT_FINITE', `values ${start} to ${end - 1} are not finite or beyond 65504: lower the learning rate, or clip the delta before encoding it`)
    }
    if (magnitude === 0) continue
    for (let i = start; i < end; i++) {
      if (left[i]! < 0) {
        bytes[signsAt + (i >> 3)]! |= 1 << (i & 7)
        left[i]! += magnitude
      } else {
        left[i]! -= magnitude
      }
    }
  }
  return { bytes, residual: left }
}

/**
 * Decodes a delta that came from another peer. Nothing is allocated before the length has been checked.
 *
 * @param count - number of values of the adapter; bytes for any other number are refused
 * @returns f32 values, each plus or minus its block's magnitude, none of them a negative zero
 * @throws DeltaCodecError DELTA_LENGTH_MISMATCH, DELTA_VERSION_UNKNOWN, DELTA_NOT_FINITE, DELTA_NOT_CANONICAL
 */
export function decodeDelta(bytes: Uint8Array, count: number): Float32Array {
  const view = checkHeader(bytes, count)
  const signsAt = signsOffset(count)
  if (count % 8 !== 0 && bytes[bytes.length - 1]! >> (count % 8) !== 0) refuseSecondEncoding('the bits after the last sign are not zero')

  const values = new Float32Array(count)
  for (let start = 0, magnitudeAt = HEADER_BYTES; start < count; start += BLOCK_LENGTH, magnitudeAt += 2) {
    const end = Math.min(start + BLOCK_LENGTH, count)
    const magnitude = getFloat16(view, magnitudeAt, true)
    if (!Number.isFinite(magnitude) || magnitude < 0 || Object.is(magnitude, -0)) {
      throw new DeltaCodecError('DELTA_NOT_FINITE', `the magnitude of values ${start} to ${end - 1} is ${Object.is(magnitude, -0) ? '-0' : magnitude}: the sender's delta has diverged, refuse it and report the peer`)
    }
    for (let i = start; i < end; i++) {
      const negative = (bytes[signsAt + (i >> 3)]! >> (i & 7)) & 1
      if (negative && magnitude === 0) refuseSecondEncoding(`value ${i} is a negative zero`)
      values[i] = negative ? -magnitude : magnitude
    }
  }
  return values
}

/** One delta has one encoding: otherwise a copy with other idle bits would pass as new. */
function refuseSecondEncoding(what: string): never {
  throw new DeltaCodecError('DELTA_NOT_CANONICAL', `${what}: the sender does not encode as this codec does, refuse its delta`)
}
