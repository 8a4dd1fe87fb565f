import type { Learner } from '../../../src/rounds/index.js'
import type { CommonOptimum } from '../../../scripts/sim/toys.js'

/** Takes its time like an honest peer, and comes back with another adapter. `value` makes one of its values from the shared one and the trained one. */
export function comingBackWith(honest: Learner, value: (shared: number, trained: number, at: number) => number): Learner {
  return {
    async train(request) {
      const trained = await honest.train(request)
      return { ...trained, adapter: trained.adapter.map((one, at) => value(request.adapter[at]!, one, at)) }
    },
  }
}

/** Walks a third of its way to the reverse of what all others learn, twice as far out. */
export function trainingAway(honest: Learner, { values }: CommonOptimum): Learner {
  return comingBackWith(honest, (shared, _, at) => shared + (-2 * values[at]! - shared) / 3)
}
