import { ONE } from './constants.js'
import { apportion } from './integers.js'

/**
 * Equal weights for all deltas, without gate, reputation or clipping: what plain averaging would do, to compare with.
 *
 * @param ids - content ids, each once
 * @returns weights and clips in 1/65536, in the order given; the weights sum to 65536
 */
export function uniformWeights(ids: readonly string[]): { readonly id: string, readonly weight: number, readonly clip: number }[] {
  const weights = apportion(ids.map((id) => ({ id, weight: 1n })))
  return ids.map((id, i) => ({ id, weight: weights[i]!, clip: ONE }))
}
