import { decodeDelta } from '../../adapter/index.js'
import { auditorsOf } from '../../hierarchy/index.js'
import type { ContentId, PeerId } from '../../network/index.js'
import type { Context } from '../context.js'
import type { Audit } from '../messages/schemas.js'
import type { Opened } from '../messages/wire.js'

/** Who must score a closed delta. */
export function auditors(context: Context, seed: ContentId, manifest: Opened<'manifest'>, members: readonly PeerId[]): PeerId[] {
  return auditorsOf(seed, manifest.payload.content, manifest.peer, members, context.policy.audit.auditorsPerDelta)
}

export interface Duty {
  readonly round: number
  readonly seed: ContentId
  readonly adapter: Float32Array
  readonly manifests: readonly Opened<'manifest'>[]
  readonly members: readonly PeerId[]
  readonly bytes: ReadonlyMap<ContentId, Uint8Array>
}

/**
 * Scores the deltas that fell to this peer: each on top of the shared adapter, all on the same probes. The shared adapter alone needs no score, since
 * only differences between deltas decide, and in these it cancels.
 *
 * @returns what to sign, or undefined where nothing fell to it
 */
export async function audit(context: Context, { round, seed, adapter, manifests, members, bytes }: Duty): Promise<Audit | undefined> {
  const { self, policy, auditor, signal, events, length, cluster } = context
  const count = policy.audit.probesPerRound
  const scores: { content: ContentId, scores: number[] }[] = []
  for (const manifest of manifests) {
    const { peer, payload: { content } } = manifest
    const delta = bytes.get(content)
    const mine = peer !== self && (context.auditAll || auditors(context, seed, manifest, members).includes(self))
    if (!mine || delta === undefined || signal.aborted || scores.some((one) => one.content === content)) continue
    let values: Float32Array
    try {
      values = decodeDelta(delta, length)
    } catch {
      // The record refuses what cannot be decoded; there is nothing to score.
      continue
    }
    const trained = adapter.map((value, i) => value + values[i]!)
    const scored = await auditor.score(trained, Buffer.from(seed, 'hex'), count, signal)
    if (scored.scores.length !== count) throw new RangeError(`the auditor gave ${scored.scores.length} scores for ${count} probes`)
    scores.push({ content, scores: Array.from(scored.scores, (score) => Math.max(0, Math.min(65_536, Math.round(score)))) })
    events.emit('delta:audited', { round, peer, content, score: scored.scores.reduce((sum, score) => sum + score, 0) / count / 65_536 })
  }
  return scores.length === 0 ? undefined : { cluster: cluster.id, round, seed, scores: scores.sort((a, b) => (a.content < b.content ? -1 : 1)) }
}
