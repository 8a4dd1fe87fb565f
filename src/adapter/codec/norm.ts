import { BLOCK_LENGTH, HEADER_BYTES } from './constants.js'
import { DeltaCodecError } from './errors.js'
import { checkHeader } from './layout.js'

/** A squared norm of 1 in the integer unit of `deltaSquaredNorm`: every f16 is a whole multiple of 2^-24. */
export const SQUARED_NORM_UNIT = 1n << 48n

const LARGEST_EXPONENT = 30

/**
 * The squared Euclidean norm of an encoded delta, from its integer codes: exact, so that all peers agree on it bit for bit.
 *
 * @returns the sum of squares in units of 2^-48
 * @throws DeltaCodecError DELTA_LENGTH_MISMATCH, DELTA_VERSION_UNKNOWN, DELTA_NOT_FINITE
 */
export function deltaSquaredNorm(bytes: Uint8Array, count: number): bigint {
  const view = checkHeader(bytes, count)
  // An f16 is significand · 2^(exponent - 25), or significand · 2^-24 with exponent 0. Sums of squared significands, one for each exponent, stay far
  // below 2^53 for the 2^32 values that the header can tell of.
  const sums = new Float64Array(LARGEST_EXPONENT + 1)
  for (let start = 0, magnitudeAt = HEADER_BYTES; start < count; start += BLOCK_LENGTH, magnitudeAt += 2) {
    const bits = view.getUint16(magnitudeAt, true)
    const exponent = bits >> 10
    if (exponent > LARGEST_EXPONENT) {
      throw new DeltaCodecError('DELTA_NOT_FINITE', `the magnitude of the block at value ${start} is negative or not finite: the sender's delta has diverged, refuse it and report the peer`)
    }
    const significand = (bits & 0x3ff) + (exponent === 0 ? 0 : 0x400)
    sums[exponent]! += Math.min(BLOCK_LENGTH, count - start) * significand * significand
  }
  return sums.reduce((total, sum, exponent) => total + (BigInt(sum) << BigInt(2 * Math.max(0, exponent - 1))), 0n)
}
