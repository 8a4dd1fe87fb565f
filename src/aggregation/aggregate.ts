import { checkInteger } from './candidate.js'
import { ONE } from './constants.js'
import { AggregationError } from './errors.js'
import { byContentId } from './integers.js'
import { checkValues } from './values.js'

/** A delta's part in an aggregate. */
export interface WeightedDelta {
  readonly id: string
  /** In 1/65536. */
  readonly weight: number
  /** In 1/65536. */
  readonly clip: number
  /** The decoded delta. */
  readonly values: Float32Array
}

/**
 * The weighted sum of deltas, the same to the last bit on every machine: summed in f64 by content id, with the integer weight · clip as factor, then
 * divided by 2^32 and rounded to f32 once.
 *
 * @param deltas - in any order; may be empty, which gives zeros
 * @param length - values of the adapter
 * @throws AggregationError AGGREGATION_INPUT, AGGREGATION_DUPLICATE, AGGREGATION_LENGTH, AGGREGATION_NOT_FINITE, AGGREGATION_NEGATIVE_ZERO
 */
export function aggregate(deltas: readonly WeightedDelta[], length: number): Float32Array {
  const sums = new Float64Array(length)
  let last: string | undefined
  for (const { id, weight, clip, values } of deltas.toSorted(byContentId)) {
    if (id === last) throw new AggregationError('AGGREGATION_DUPLICATE', `the delta ${id} is there twice: a delta counts once`)
    last = id
    checkInteger(id, 'the weight', weight, ONE)
    checkInteger(id, 'the clip', clip, ONE)
    checkValues(`the delta ${id}`, values, length)
    addScaled(sums, values, weight * clip)
  }
  return divideAndRound(sums, ONE * ONE)
}

// Loops in functions of their own: V8 keeps them optimised, which makes them ten times as fast.

function addScaled(sums: Float64Array, values: Float32Array, factor: number): void {
  for (let i = 0; i < sums.length; i++) sums[i]! += factor * values[i]!
}

/** Adding 0 turns a quotient that rounds to -0 into 0. */
function divideAndRound(sums: Float64Array, divisor: number): Float32Array {
  const result = new Float32Array(sums.length)
  for (let i = 0; i < sums.length; i++) result[i] = Math.fround(sums[i]! / divisor) + 0
  return result
}
