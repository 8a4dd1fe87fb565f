import { releasedQuorum } from '../../hierarchy/index.js'
import type { ContentId, PeerId } from '../../network/index.js'
import { attempt } from '../context.js'
import type { Context } from '../context.js'
import { RoundsError } from '../errors.js'
import type { Closed, RoundPlace } from '../records/closing.js'
import type { Cheat, Commit, FullPoint } from '../records/cluster-record.js'
import type { ComputedRecord } from '../records/compute-record.js'
import { isFree } from '../records/fullness.js'
import { hasLevelAbove } from '../records/up-and-down.js'
import { clusterBallot } from '../records/votes.js'

import type { Auditing } from './auditing.js'
import type { Chain } from './chain.js'
import type { RecordWork } from './record-work.js'
import type { Signed } from './signed.js'
import { Voting } from './voting.js'
import type { VotingPorts } from './voting.js'
import type { Waiting } from './waiting.js'

export interface AgreeingParts {
  readonly chain: Chain
  readonly signed: Signed
  readonly work: RecordWork
  readonly waiting: Waiting
  /** The last full record before this round. */
  readonly point: FullPoint
  closed(): Closed | undefined
  auditing(): Auditing | undefined
  committed(computed: ComputedRecord, commit: Commit): void
  cheated(cheat: Cheat): void
}

/** What a member proposes, what it votes for, and what it then does: the protocol's side of an agreement. */
export class Agreeing {
  readonly voting: Voting
  private isStopped = false

  constructor(private readonly context: Context, private readonly place: RoundPlace, private readonly parts: AgreeingParts) {
    const parent = parts.chain.tip.id
    this.voting = new Voting(context, parts.signed, {
      ballot: clusterBallot(context.network, place.cluster, place.round, parent, place.voters),
      voters: place.voters,
      mayVote: () => !parts.signed.hasLeft(parts.chain.tip.record.members.find(({ peer }) => peer === context.self)?.since, parts.point.round),
      build: () => this.build(),
      check: (record, holders) => this.untilChecked(record, holders),
      claim: (record) => this.claim(record),
      decided: (record, commit) => attempt(context, 'a decided record could not be taken over', () => this.finish(record, commit)),
      cheated: (cheat) => { parts.cheated(cheat) },
    })
  }

  stop(): void {
    this.isStopped = true
    this.voting.stop()
  }

  private async build(): ReturnType<VotingPorts['build']> {
    const { waiting, work } = this.parts
    const { propose } = this.context.policy.deadlines
    await waiting.until(() => this.parts.closed() !== undefined || this.isStopped, propose)
    const closed = this.parts.closed()
    if (closed === undefined) return undefined
    await waiting.until(() => this.isStopped || work.isAllAvailable(closed, this.place), propose / 2)
    return this.hasStopped() ? undefined : work.build(this.place, closed, [...this.parts.auditing()?.received.values() ?? []])
  }

  /** Tries to recompute a record until it can be told whether it stands, or the agreement is over. */
  private async untilChecked(record: ContentId, holders: () => readonly PeerId[]): Promise<boolean> {
    for (;;) {
      try {
        return await this.parts.work.verify(this.place, record, holders(), this.parts.auditing()?.own, this.voting.term)
      } catch (error) {
        if (this.hasStopped()) return false
        if (error instanceof RoundsError && error.code !== 'EVIDENCE_REFUSED') {
          this.context.events.emit('message:refused', { from: holders()[0] ?? this.context.self, kind: 'record', reason: error.message })
          return false
        }
        await this.parts.waiting.pause(this.context.policy.heartbeatMs / 4)
      }
    }
  }

  /** Asked anew after every wait. */
  private hasStopped(): boolean { return this.isStopped }

  private async finish(record: ContentId, commit: Commit): Promise<void> {
    const { work } = this.parts
    const holders = commit.precommits.map(({ peer }) => peer).filter((peer) => peer !== this.context.self)
    // Where it was agreed on without us and cannot be recomputed, it comes with its values by the heartbeats of those who signed.
    if (work.of(record) === undefined) await work.verify(this.place, record, holders, undefined, Infinity).catch(() => false)
    const computed = work.of(record)
    if (!this.hasStopped() && computed !== undefined) this.parts.committed(computed, this.voting.commit ?? commit)
  }

  /** What a precommit says of other chains, and how it binds this peer. */
  private claim(record: ContentId): ReturnType<VotingPorts['claim']> {
    const { place, parts: { chain, point, signed } } = this
    const { id: parent, record: { members } } = chain.tip
    const pledge = { record, instance: place.instance, base: point.record }
    if (point.record === parent && place.voters.length === members.length) return { free: true, bind: { pledge } }
    const free = isFree(signed.pledge, point.record, place.instance, chain.backTo(point.record))
    // By its own commit, or because the level above counts it.
    const released = this.parts.work.of(record)?.stored.record.released.length ?? point.members.length
    const remaining = point.members.length - released
    const needed = Math.min(releasedQuorum(point.members.length, released), hasLevelAbove(chain.tip.record) ? Math.floor(remaining / 2) + 1 : Infinity)
    const couldBecomeFull = place.voters.length >= needed
    return { free, bind: { bound: { round: place.round, instance: place.instance }, ...free && couldBecomeFull ? { pledge } : {} } }
  }
}
