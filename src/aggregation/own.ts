import { aggregate } from './aggregate.js'
import { checkInteger } from './candidate.js'
import { clipToMedian } from './clip.js'
import { ONE } from './constants.js'
import { AggregationError } from './errors.js'
import { apportion, byContentId } from './integers.js'

/** A delta as a peer's own user sees it. */
export interface OwnCandidate {
  readonly id: string
  readonly values: Float32Array
  /** From the delta's integer codes, above 0. */
  readonly squaredNorm: bigint
  /** Its score under each of the user's metrics, 0 to 65536, in the order of the metrics. */
  readonly scores: readonly number[]
}

export interface OwnOptions {
  /** How far below the best a delta still counts, in 1/65536 of a score. Default 6554, which is 0.1. */
  readonly reach: number
}

export interface OwnAggregate {
  readonly values: Float32Array
  /** Weights in 1/65536 by content id; they sum to 65536. */
  readonly weights: ReadonlyMap<string, number>
}

/**
 * A peer's own weighing of a round's deltas, by the metrics of its user, for its personal model only: nobody else recomputes it.
 *
 * A delta's score is the mean over metrics, weighed as the user says. Its weight falls in a straight line from 1 for the best delta to 0 for one that is
 * `reach` below. A line rather than a softmax: it has one parameter with the unit of a score, and it drops what is bad altogether. Norms are clipped to
 * the median as in the attested aggregate.
 *
 * @param deltas - one or more
 * @param metricWeights - integers, one for each metric, not all 0
 * @param length - values of the adapter
 * @throws AggregationError AGGREGATION_INPUT, AGGREGATION_OPTIONS, AGGREGATION_DUPLICATE, AGGREGATION_LENGTH, AGGREGATION_NOT_FINITE, AGGREGATION_NEGATIVE_ZERO
 */
export function ownAggregate(deltas: readonly OwnCandidate[], metricWeights: readonly number[], length: number, { reach }: OwnOptions = { reach: 6554 }): OwnAggregate {
  if (!Number.isSafeInteger(reach) || reach < 1 || reach > ONE) {
    throw new AggregationError('AGGREGATION_OPTIONS', `reach is ${reach}: it must be a whole number from 1 to ${ONE}`)
  }
  const scored = deltas.toSorted(byContentId).map((delta) => ({ ...delta, score: meanScore(delta, metricWeights) }))
  const best = Math.max(...scored.map(({ score }) => score))
  const weights = apportion(scored.map(({ id, score }) => ({ id, weight: BigInt(Math.max(0, reach - (best - score))) })))
  const counted = scored.map((delta, i) => ({ ...delta, weight: weights[i]! })).filter(({ weight }) => weight > 0)
  const { clips } = clipToMedian(counted.map(({ squaredNorm }) => squaredNorm))
  return {
    values: aggregate(counted.map(({ id, values, weight }, i) => ({ id, values, weight, clip: clips[i]! })), length),
    weights: new Map(scored.map(({ id }, i) => [id, weights[i]!])),
  }
}

function meanScore({ id, scores, squaredNorm }: OwnCandidate, metricWeights: readonly number[]): number {
  if (scores.length !== metricWeights.length) {
    throw new AggregationError('AGGREGATION_INPUT', `the delta ${id} has ${scores.length} scores, and the user has ${metricWeights.length} metrics: score it under each`)
  }
  if (squaredNorm <= 0n) throw new AggregationError('AGGREGATION_INPUT', `the delta ${id} is empty: leave it out`)
  let sum = 0n
  let total = 0n
  scores.forEach((score, metric) => {
    checkInteger(id, `score ${metric}`, score, ONE)
    checkInteger(id, `metric weight ${metric}`, metricWeights[metric]!, ONE)
    sum += BigInt(score) * BigInt(metricWeights[metric]!)
    total += BigInt(metricWeights[metric]!)
  })
  if (total === 0n) throw new AggregationError('AGGREGATION_OPTIONS', 'all metric weights are 0: give at least one metric a weight')
  return Number(sum / total)
}
