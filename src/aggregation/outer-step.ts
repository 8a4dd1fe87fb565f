import { checkValues } from './values.js'

/** What a record names by hash: the shared adapter and the momentum of its outer steps. */
export interface Checkpoint {
  readonly adapter: Float32Array
  readonly velocity: Float32Array
}

export interface OuterOptions {
  readonly rate: number
  readonly momentum: number
}

/** What the learning trials found best. Upper levels use `{ rate: 1, momentum: 0 }`, which adds the aggregate as it is. */
export const DEFAULT_OUTER_OPTIONS: OuterOptions = { rate: 0.7, momentum: 0.6 }

/**
 * One Nesterov step on an aggregate d: v' = momentum · v + d, x' = x + rate · (d + momentum · v'). Each is computed in f64 in this order and rounded
 * to f32 once; negative zeros become zeros.
 *
 * @returns new vectors; the inputs stay as they are
 * @throws AggregationError AGGREGATION_LENGTH, AGGREGATION_NOT_FINITE, AGGREGATION_NEGATIVE_ZERO; AGGREGATION_NOT_FINITE also when the result overflows
 * @see Douillard et al. 2023, "DiLoCo", algorithm 1
 */
export function outerStep(input: Checkpoint & { readonly aggregate: Float32Array }, { rate, momentum }: OuterOptions = DEFAULT_OUTER_OPTIONS): Checkpoint {
  const { length } = input.adapter
  checkValues('the adapter', input.adapter, length)
  checkValues('the velocity', input.velocity, length)
  checkValues('the aggregate', input.aggregate, length)
  const next = { adapter: new Float32Array(length), velocity: new Float32Array(length) }
  stepValues(input, next, rate, momentum)
  for (const [what, values] of [['the next velocity', next.velocity], ['the next adapter', next.adapter]] as const) checkValues(what, values, length)
  return next
}

/** Adding 0 turns a value that rounds to -0 into 0. */
function stepValues({ adapter, velocity, aggregate }: Checkpoint & { readonly aggregate: Float32Array }, next: Checkpoint, rate: number, momentum: number): void {
  for (let i = 0; i < adapter.length; i++) {
    const change = aggregate[i]!
    const speed = Math.fround(momentum * velocity[i]! + change) + 0
    next.velocity[i] = speed
    next.adapter[i] = Math.fround(adapter[i]! + rate * (change + momentum * speed)) + 0
  }
}
