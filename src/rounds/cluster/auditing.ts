import { decodeDelta } from '../../adapter/index.js'
import type { ContentId, PeerId } from '../../network/index.js'
import { attempt, say, send } from '../context.js'
import type { Context } from '../context.js'
import { RoundsError } from '../errors.js'
import type { Audit } from '../messages/schemas.js'
import { frame, openMessage } from '../messages/wire.js'
import type { Opened } from '../messages/wire.js'
import { isDrawn } from '../records/audits.js'
import type { Auditors } from '../records/audits.js'

export interface AuditWork {
  readonly round: number
  /** Hash of the signatures that closed the set. */
  readonly seed: ContentId
  /** How many the seed draws. */
  readonly probes: number
  /** The shared adapter from which the round started. */
  readonly adapter: Float32Array
  readonly manifests: readonly Opened<'manifest'>[]
  readonly members: readonly PeerId[]
  /** Who scores what. */
  readonly auditors: Auditors
  readonly bytes: ReadonlyMap<ContentId, Uint8Array>
}

/** The audits of one closed set: those that fall to this peer, and those that others send. */
export class Auditing {
  readonly received = new Map<PeerId, Opened<'audit'>>()
  /** What this peer has signed: no record without it gets its vote. */
  own: Opened<'audit'> | undefined
  private isStopped = false

  constructor(private readonly context: Context, private readonly work: AuditWork, private readonly changed: () => void) {}

  stop(): void { this.isStopped = true }

  /**
   * Scores what falls to this peer.
   *
   * @param isTooLate - whether a record has been proposed: an audit could then only block it
   */
  begin(isTooLate: () => boolean): void {
    attempt(this.context, 'the audits failed', async () => {
      const scores = await this.score()
      if (scores.length === 0 || this.isStopped || isTooLate()) return
      const { round, seed } = this.work
      const { context } = this
      const payload: Audit = { cluster: context.cluster.id, round, seed, scores }
      this.own = openMessage(say(context, context.cluster.id, 'audit', payload), 'audit', context)
      this.receive(this.own)
    })
  }

  /** @throws RoundsError EVIDENCE_REFUSED */
  receive(audit: Opened<'audit'>): void {
    const { peer, payload } = audit
    const { seed, members, round, probes } = this.work
    if (payload.seed !== seed || this.received.has(peer)) return
    if (!members.includes(peer) || payload.cluster !== this.context.cluster.id || payload.round !== round || payload.scores.some(({ scores }) => scores.length !== probes)) {
      throw new RoundsError('EVIDENCE_REFUSED', `the audit of ${peer} in round ${round} is refused: it is not by a member, or not on the ${probes} probes of this round`)
    }
    if (!isDrawn(audit, this.work.auditors)) throw new RoundsError('EVIDENCE_REFUSED', `the audit of ${peer} in round ${round} is refused: it scores what did not fall to it`)
    this.received.set(peer, audit)
    this.changed()
  }

  /**
   * Whether every live auditor has scored what fell to it.
   *
   * @param canScore - whether an auditor held a delta in time: who did not will not score it
   */
  isComplete(live: ReadonlySet<PeerId>, canScore: (content: ContentId, auditor: PeerId) => boolean): boolean {
    return this.work.manifests.every((manifest) => {
      const { content } = manifest.payload
      if (!this.work.bytes.has(content)) return true
      return [...this.auditorsOf(manifest)].every((peer) => !live.has(peer) || !canScore(content, peer) || this.received.get(peer)?.payload.scores.some((one) => one.content === content) === true)
    })
  }

  repeat(): void {
    if (this.own !== undefined) send(this.context, this.context.cluster.id, frame('audit', this.own.envelope))
  }

  private auditorsOf({ payload: { content } }: Opened<'manifest'>): ReadonlySet<PeerId> {
    return this.work.auditors.get(content) ?? new Set()
  }

  /** Scores each delta on top of the shared adapter. That adapter alone needs no score: only differences between deltas decide, and in these it cancels. */
  private async score(): Promise<Audit['scores']> {
    const { self, auditor, signal, events, length } = this.context
    const { round, seed, probes: count, adapter, manifests, bytes } = this.work
    const scores: Audit['scores'] = []
    for (const manifest of manifests) {
      const { peer, payload: { content } } = manifest
      const values = decoded(bytes.get(content), length)
      const isMine = this.auditorsOf(manifest).has(self)
      if (!isMine || values === undefined || this.isStopped || scores.some((one) => one.content === content)) continue
      const scored = await auditor.score(adapter.map((value, i) => value + values[i]!), Buffer.from(seed, 'hex'), count, signal)
      if (scored.scores.length !== count) throw new RangeError(`the auditor gave ${scored.scores.length} scores for ${count} probes`)
      scores.push({ content, scores: Array.from(scored.scores, (score) => Math.max(0, Math.min(65_536, Math.round(score)))) })
      events.emit('delta:audited', { round, peer, content, score: scored.scores.reduce((sum, score) => sum + score, 0) / count / 65_536 })
    }
    return scores.sort((a, b) => (a.content < b.content ? -1 : 1))
  }
}

/** Undefined for what is not here or no delta: the record refuses it, there is nothing to score. */
function decoded(bytes: Uint8Array | undefined, length: number): Float32Array | undefined {
  try {
    return bytes === undefined ? undefined : decodeDelta(bytes, length)
  } catch {
    return undefined
  }
}
