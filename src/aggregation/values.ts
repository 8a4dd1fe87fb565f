import { AggregationError } from './errors.js'

const EXPONENT = 0x7f800000
const NEGATIVE_ZERO = 0x80000000

/**
 * Checks a vector that enters attested arithmetic: its length, and that every value is finite and no negative zero, which would hash differently.
 *
 * @throws AggregationError AGGREGATION_LENGTH, AGGREGATION_NOT_FINITE, AGGREGATION_NEGATIVE_ZERO
 */
export function checkValues(what: string, values: Float32Array, length: number): void {
  if (values.length !== length) {
    throw new AggregationError('AGGREGATION_LENGTH', `${what} has ${values.length} values, and the adapter has ${length}: it belongs to another adapter shape`)
  }
  const at = firstRefused(new Uint32Array(values.buffer, values.byteOffset, values.length))
  if (at < 0) return
  if (Number.isFinite(values[at])) {
    throw new AggregationError('AGGREGATION_NEGATIVE_ZERO', `value ${at} of ${what} is -0: decode deltas with decodeDelta, which refuses them`)
  }
  throw new AggregationError('AGGREGATION_NOT_FINITE', `value ${at} of ${what} is ${values[at]!}: its training has diverged, leave it out`)
}

/** Tests bit patterns, which is several times faster than Number.isFinite and Object.is. A function of its own: V8 keeps small loops optimised. */
function firstRefused(bits: Uint32Array): number {
  for (let i = 0; i < bits.length; i++) {
    if ((bits[i]! & EXPONENT) === EXPONENT || bits[i] === NEGATIVE_ZERO) return i
  }
  return -1
}
