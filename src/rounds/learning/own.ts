import { decodeDelta, deltaSquaredNorm } from '../../adapter/index.js'
import { ONE, outerStep, ownAggregate } from '../../aggregation/index.js'
import type { ContentId, PeerId } from '../../network/index.js'
import type { Context } from '../context.js'
import type { RecordState } from '../records/state.js'

/**
 * The round's deltas weighed once more by what this peer's user thinks of them. For the personal model only: nobody else sees or recomputes it.
 *
 * @param deltas - encoded deltas that may be used, with their senders
 * @returns the adapter after an outer step on that aggregate, and the weights by sender; undefined where there is nothing to weigh
 */
export async function weighOwn(context: Pick<Context, 'ownMetric' | 'length' | 'policy' | 'signal'>, before: Pick<RecordState, 'adapter' | 'velocity'>, deltas: readonly { readonly peer: PeerId, readonly content: ContentId, readonly bytes: Uint8Array }[]): Promise<{ readonly adapter: Float32Array, readonly weights: ReadonlyMap<PeerId, number> } | undefined> {
  const { ownMetric, length, policy: { learning }, signal } = context
  if (ownMetric === undefined) return undefined
  const usable = deltas.map(({ content, bytes }) => ({ id: content, bytes, squaredNorm: deltaSquaredNorm(bytes, length) })).filter(({ squaredNorm }) => squaredNorm > 0n)
  if (usable.length === 0) return undefined
  const decoded = usable.map(({ id, bytes, squaredNorm }) => ({ id, squaredNorm, values: decodeDelta(bytes, length) }))
  const scores = await ownMetric.score(decoded.map(({ values }) => before.adapter.values.map((value, i) => value + values[i]!)), signal)
  if (signal.aborted) return undefined
  const candidates = decoded.map((delta, at) => ({ ...delta, scores: [Math.round(Math.max(0, Math.min(1, scores[at]!)) * ONE)] }))
  const own = ownAggregate(candidates, [1], length)
  const { adapter } = outerStep({ adapter: before.adapter.values, velocity: before.velocity.values, aggregate: own.values }, { rate: learning.outerRate, momentum: learning.outerMomentum })
  return { adapter, weights: new Map(deltas.map(({ peer, content }) => [peer, (own.weights.get(content) ?? 0) / ONE])) }
}
