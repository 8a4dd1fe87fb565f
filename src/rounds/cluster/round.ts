import { instanceOf, quorumOf, rank } from '../../hierarchy/index.js'
import type { ContentId, PeerId } from '../../network/index.js'
import { attempt, say, send } from '../context.js'
import type { Context } from '../context.js'
import { RoundsError } from '../errors.js'
import type { Phase } from '../events.js'
import type { OwnDelta, Trainer } from '../learning/trainer.js'
import { frame, openMessage, sealMessage } from '../messages/wire.js'
import type { Opened } from '../messages/wire.js'
import type { SignedVote } from '../messages/schemas.js'
import { closeWith, openList } from '../records/closing.js'
import type { Closed, RoundPlace } from '../records/closing.js'
import type { Cheat, ClusterRecord, Commit, FullPoint, Stored } from '../records/cluster-record.js'
import type { ComputedRecord } from '../records/compute-record.js'
import { isAudited } from '../records/compute-record.js'
import { isFree } from '../records/fullness.js'
import { clusterBallot } from '../records/votes.js'

import { audit, auditors } from './audit-duty.js'
import type { Chain } from './chain.js'
import { Gathering } from './gathering.js'
import type { Library } from './library.js'
import type { Liveness } from './liveness.js'
import { RecordWork } from './record-work.js'
import type { RecordPorts } from './record-work.js'
import type { Signed } from './signed.js'
import { Voting } from './voting.js'
import { Waiting } from './waiting.js'

export interface RoundParts {
  readonly library: Library
  readonly chain: Chain
  readonly liveness: Liveness
  readonly trainer: Trainer
  readonly signed: Signed
  /** The changes that a reunion makes this peer offer for its old chain. */
  readonly surrendered: () => readonly OwnDelta[]
  /** Proofs of cheating that no record has carried yet. */
  readonly charges: readonly Cheat[]
}

export interface RoundPorts extends RecordPorts {
  /** The round is over: everybody who votes is bound to this record. */
  committed(stored: Stored<ClusterRecord>, commit: Commit, computed: ComputedRecord | undefined): void
}

/** Leaves room for the frame around a message. */
const CLOSING_BYTES = 56 * 1024

/**
 * One round of one peer: train, announce, close, reveal, audit, agree. Each phase ends as soon as everything that can still come is there, and at its
 * deadline otherwise. Whatever comes in is noted, then `look` decides whether the phase is over.
 */
export class ClusterRound {
  readonly gathering: Gathering
  readonly work: RecordWork
  readonly waiting: Waiting
  private place: RoundPlace
  private voting: Voting
  private readonly point: FullPoint
  private lists = new Map<PeerId, Opened<'list'>>()
  private closed: Closed | undefined
  private closing: Uint8Array | undefined
  private early: Opened<'closing'> | undefined
  private ownAudit: Opened<'audit'> | undefined
  private rosterEnvelope: Uint8Array | undefined
  private current: Phase = 'train'
  private readonly over = new Set<Phase>()
  private lackingSince: number | undefined
  /** When the present agreement began to wait for lists. */
  private instanceSince: number | undefined
  private isOver = false

  constructor(private readonly context: Context, private readonly parts: RoundParts, private readonly ports: RoundPorts) {
    const { chain } = parts
    this.waiting = new Waiting(context.clock)
    this.gathering = new Gathering(chain.tip, context.length)
    for (const charge of parts.charges) this.gathering.addCheat(charge)
    this.work = new RecordWork(context, parts.library, chain, this.gathering, ports, this.waiting)
    this.point = chain.full
    this.place = this.placeOf(this.rankedVoters())
    this.voting = this.newVoting()
  }

  get round(): number { return this.place.round }
  get phase(): Phase { return this.current }
  get voters(): readonly PeerId[] { return this.place.voters }
  get term(): number { return this.voting.term }
  get isProvisional(): boolean { return this.point.record !== this.parent.id || this.place.voters.length < this.parent.record.members.length }
  get ballot(): Voting { return this.voting }

  private get parent(): Stored<ClusterRecord> { return this.parts.chain.tip }
  private get cluster(): string { return this.context.cluster.id }
  private get isMember(): boolean { return this.gathering.isMember(this.context.self) }
  private get isVoter(): boolean { return this.place.voters.includes(this.context.self) }

  start(): void {
    const { events } = this.context
    if (!this.isMember) this.current = 'joining'
    events.emit('round:started', { cluster: this.cluster, round: this.round, provisional: this.isProvisional })
    events.emit('phase:changed', { round: this.round, phase: this.current })
    if (this.isMember) {
      for (const { manifest } of this.ownDeltas()) this.announce(manifest)
      this.train()
      this.deadline('train', this.context.policy.deadlines.train)
    }
    this.repeat()
    this.look()
  }

  stop(): void {
    this.isOver = true
    this.voting.stop()
    this.waiting.stop()
  }

  /** Trains from this round's adapter, unless an earlier training is still running. */
  train(): void {
    if (this.isMember && !this.isOver) this.parts.trainer.begin({ round: this.round, parent: this.parent.id, adapter: this.parts.chain.state.adapter.values })
  }

  /** Makes an own manifest known. Its bytes stay here until the set is closed. */
  announce(manifest: Opened<'manifest'>): void {
    try {
      this.gathering.addManifest(manifest)
    } catch {
      // Too late for this round, or from a chain that gave way: the trainer learns of it from the next records.
      return
    }
    send(this.context, this.cluster, frame('manifest', manifest.envelope))
    this.look()
  }

  receiveManifest(manifest: Opened<'manifest'>): void {
    if (this.gathering.addManifest(manifest)) this.look()
  }

  receiveList(envelope: Uint8Array): void {
    const list = openList(envelope, this.place)
    if (this.lists.has(list.peer)) return
    this.lists.set(list.peer, list)
    this.look()
  }

  receiveClosing(closing: Opened<'closing'>): void {
    const { peer, payload } = closing
    if (this.closed !== undefined || payload.instance !== this.place.instance || !this.place.voters.includes(peer)) return
    const closed = closeWith(payload.lists.map((list) => openList(list, this.place)), this.place.voters)
    if (closed === undefined) throw new RoundsError('EVIDENCE_REFUSED', `the closing of ${peer} for round ${this.round} holds ${payload.lists.length} lists, which is no quorum`)
    for (const envelope of payload.manifests) {
      const manifest = openMessage(envelope, 'manifest', this.context.network)
      if (closed.manifests.has(manifest.id)) this.gathering.adopt(manifest)
    }
    this.early = closing
    if (this.gathering.take(closed.manifests).length === closed.manifests.size) this.close(closed, closing.envelope)
  }

  receiveMark({ peer, payload }: Opened<'mark'>): void {
    this.gathering.addMark(peer, payload.contents)
    this.look()
  }

  receiveAudit(received: Opened<'audit'>): void {
    if (this.closed === undefined || received.payload.seed !== this.closed.seed) return
    if (this.gathering.addAudit(received, this.closed.seed, this.context.policy.audit.probesPerRound)) this.look()
  }

  receiveVotes(instance: ContentId, votes: readonly SignedVote[]): void {
    if (instance === this.place.instance) this.voting.receiveVotes(votes)
  }

  receiveProposal(proposal: Opened<'proposal'>): void {
    if (proposal.payload.instance === this.place.instance) this.voting.receiveProposal(proposal)
  }

  /**
   * A member proposes to go on without those who are away. Each member takes part in one such agreement a round, unless it has not bound itself in it.
   */
  receiveRoster({ peer, payload, envelope }: Opened<'roster'>): void {
    const { context, place, parent } = this
    const ranked = this.rankedVoters()
    const voters = ranked.filter((voter) => payload.voters.includes(voter))
    const isSame = voters.length === payload.voters.length && voters.every((voter, at) => voter === payload.voters[at])
    if (context.policy.strict || payload.parent !== parent.id || !isSame || voters[0] !== peer || !voters.includes(context.self)) return
    const next = instanceOf(parent.id, voters)
    if (next === place.instance || voters.length >= ranked.length || this.voting.isDecided) return
    // Who has bound itself in a smaller circle cannot come back: the others follow it once they are getting nowhere.
    if ((this.lackingSince === undefined && !this.isSlow(2)) || this.parts.signed.isBound(this.round, next)) return
    this.goOnWith(voters, envelope)
  }

  /** Called every heartbeat. */
  tick(): void {
    if (this.isOver) return
    this.repeat()
    this.considerProvisional()
    if (this.early !== undefined && this.closed === undefined) {
      const early = this.early
      attempt(this.context, 'a closing could not be used', () => this.receiveClosing(early))
    }
    if (this.closed !== undefined && this.current !== 'agree') this.pullClosed(this.closed)
    this.look()
  }

  /** Whether the parent's commit, having grown, changes who votes in this round. */
  reconsider(): boolean {
    return this.current !== 'agree' && this.parts.chain.full.record !== this.point.record && this.rosterEnvelope === undefined
  }

  private look(): void {
    if (this.isOver) return
    this.waiting.look()
    if (this.current === 'train' && (this.over.has('train') || this.allAnnounced())) this.listManifests()
    if (this.current === 'close') this.tryToClose()
    if (this.current === 'reveal' && this.closed !== undefined && (this.over.has('reveal') || this.hasAllBytes(this.closed))) this.beginAudits(this.closed)
    if (this.current === 'audit' && this.closed !== undefined && (this.over.has('audit') || this.hasAllAudits(this.closed))) this.agree()
  }

  private allAnnounced(): boolean {
    const announced = new Set([...this.gathering.manifests.values()].filter(({ payload }) => payload.round === this.round).map(({ peer }) => peer))
    return this.liveMembers().every((peer) => announced.has(peer))
  }

  private listManifests(): void {
    this.enter('close', this.context.policy.deadlines.close)
    this.instanceSince = this.context.clock.now()
    if (!this.isVoter) return
    const { context, place, parts } = this
    const envelope = parts.signed.listOf(place.instance) ?? sealMessage(context.identity, 'list', context.network, {
      cluster: this.cluster, round: this.round, instance: place.instance, manifests: [...this.gathering.manifests.keys()].sort(),
    })
    attempt(context, 'the list of manifests could not be sent', async () => {
      await parts.signed.keepList(place.round, place.instance, envelope)
      if (this.isOver || this.place !== place) return
      this.lists.set(context.self, openList(envelope, place))
      send(context, this.cluster, frame('list', envelope))
      this.look()
    })
  }

  /** The first live voter in rank closes the set; the others only if it does not. */
  private tryToClose(): void {
    const { voters } = this.place
    const live = this.parts.liveness.live(voters, this.context.clock.now())
    const complete = live.every((voter) => this.lists.has(voter))
    if (!this.isVoter || this.closed !== undefined || !(complete || this.over.has('close')) || this.lists.size < quorumOf(voters.length)) return
    const turn = live.indexOf(this.context.self)
    if (turn > 0 && !this.waitedFor('closing', turn * this.context.policy.deadlines.propose)) return
    const closed = closeWith([...this.lists.values()], voters)!
    const manifests = this.gathering.take(closed.manifests)
    if (manifests.length < closed.manifests.size) return
    const lists = closed.lists.map(({ envelope }) => envelope)
    let room = CLOSING_BYTES - total(lists)
    const carried = manifests.map(({ envelope }) => envelope).filter((envelope) => (room -= envelope.length) > 0)
    const envelope = sealMessage(this.context.identity, 'closing', this.context.network, { cluster: this.cluster, round: this.round, instance: this.place.instance, lists, manifests: carried })
    send(this.context, this.cluster, frame('closing', envelope))
    this.close(closed, envelope)
  }

  private close(closed: Closed, envelope: Uint8Array): void {
    this.closed = closed
    this.closing = envelope
    this.context.events.emit('manifest:closed', { round: this.round, manifests: closed.manifests.size })
    this.enter('reveal', this.context.policy.deadlines.reveal)
    for (const { manifest, bytes } of this.ownDeltas()) {
      if (closed.manifests.has(manifest.id)) this.work.reveal(manifest.payload.content, bytes)
    }
    this.pullClosed(closed)
    this.look()
  }

  private pullClosed(closed: Closed): void {
    const lacking = this.gathering.take(closed.manifests).filter(({ payload }) => !this.work.bytes.has(payload.content))
    attempt(this.context, 'deltas could not be pulled', async () => {
      await Promise.all(lacking.map((manifest) => this.work.fetch(manifest)))
      if (this.isOver) return
      this.mark()
      this.look()
    })
  }

  private mark(): void {
    const contents = [...this.work.bytes.keys()].sort()
    this.gathering.addMark(this.context.self, contents)
    if (contents.length > 0) say(this.context, this.cluster, 'mark', { cluster: this.cluster, round: this.round, contents })
  }

  private hasAllBytes(closed: Closed): boolean {
    return this.gathering.take(closed.manifests).every(({ payload }) => this.work.bytes.has(payload.content))
  }

  private beginAudits(closed: Closed): void {
    if (!isAudited(this.round, this.context.policy)) {
      this.agree()
      return
    }
    this.enter('audit', this.context.policy.deadlines.audit)
    const { bytes } = this.work
    attempt(this.context, 'the audits failed', async () => {
      const scores = await audit(this.context, {
        round: this.round, seed: closed.seed, bytes, adapter: this.parts.chain.state.adapter.values, manifests: this.gathering.take(closed.manifests), members: this.members(),
      })
      // After a record has been proposed an audit could only block it.
      if (scores === undefined || this.isOver || this.voting.isProposed || this.closed !== closed) return
      this.ownAudit = openMessage(say(this.context, this.cluster, 'audit', scores), 'audit', this.context.network)
      this.receiveAudit(this.ownAudit)
    })
  }

  private hasAllAudits(closed: Closed): boolean {
    const live = new Set(this.liveMembers())
    return this.gathering.take(closed.manifests).every((manifest) => {
      const { content } = manifest.payload
      if (!this.work.bytes.has(content)) return true
      return auditors(this.context, closed.seed, manifest, this.members()).every((peer) =>
        !live.has(peer) || this.gathering.audits.get(peer)?.payload.scores.some((scored) => scored.content === content) === true)
    })
  }

  private agree(): void {
    this.enter('agree')
    this.voting.start()
  }

  private newVoting(): Voting {
    const { context, parts, place } = this
    const ballot = clusterBallot(context.network, this.cluster, place.round, this.parent.id, place.voters)
    return new Voting(context, parts.signed, {
      ballot,
      voters: place.voters,
      build: async () => {
        await this.waiting.until(() => this.closed !== undefined || this.isOver, context.policy.deadlines.propose)
        const { closed } = this
        if (closed === undefined || this.isOver || this.place !== place) return undefined
        if (!this.over.has('reveal')) await this.work.settleMarks(place, closed, context.policy.deadlines.propose / 2)
        return this.isOver ? undefined : this.work.build(place, closed)
      },
      check: async (record, holders) => this.untilChecked(place, record, holders),
      claim: (record) => this.claim(record),
      decided: (record, commit) => attempt(context, 'a decided record could not be taken over', () => this.finish(place, record, commit)),
      cheated: (cheat) => {
        if (this.gathering.addCheat(cheat)) context.events.emit('peer:cheated', { peer: cheat.first.voter, round: this.round })
      },
    })
  }

  /** Tries to recompute a record until it can be told whether it stands, or the round is over. */
  private async untilChecked(place: RoundPlace, record: ContentId, holders: readonly PeerId[]): Promise<boolean> {
    for (;;) {
      try {
        return await this.work.verify(place, record, holders, this.ownAudit)
      } catch (error) {
        if (this.isOver || this.place !== place) return false
        if (error instanceof RoundsError && error.code !== 'EVIDENCE_REFUSED') {
          this.context.events.emit('message:refused', { from: holders[0] ?? this.context.self, kind: 'record', reason: error.message })
          return false
        }
        await this.waiting.pause(this.context.policy.heartbeatMs / 4)
      }
    }
  }

  private async finish(place: RoundPlace, record: ContentId, commit: Commit): Promise<void> {
    const holders = commit.precommits.map(({ peer }) => peer).filter((peer) => peer !== this.context.self)
    if (this.work.of(record) === undefined) {
      // Agreed on without us: its bytes and values are to be had from those who signed.
      await this.work.verify(place, record, holders, undefined).catch(() => false)
    }
    const computed = this.work.of(record)
    if (this.isOver || computed === undefined) return
    this.ports.committed(computed.stored, this.voting.commit ?? commit, computed)
  }

  private claim(record: ContentId): ReturnType<ConstructorParameters<typeof Voting>[2]['claim']> {
    const { parent, point, place } = this
    const pledge = { record, parent: parent.id, base: point.record }
    if (!this.isProvisional) return { free: true, bind: { pledge } }
    const free = isFree(this.parts.signed.pledge, point.record, parent.id, this.parts.chain.backTo(point.record))
    const couldHeal = place.voters.length >= quorumOf(point.members.length)
    return { free, bind: { bound: { round: place.round, instance: place.instance }, ...free && couldHeal ? { pledge } : {} } }
  }

  /** Without a quorum in reach for the grace period, the first of those who are here proposes to go on with them. */
  private considerProvisional(): void {
    const { context, place } = this
    const now = context.clock.now()
    const ranked = this.rankedVoters()
    const here = this.parts.liveness.live(ranked, now)
    if (this.rosterEnvelope !== undefined && here.length >= quorumOf(ranked.length) && this.isSlow(1) && !this.parts.signed.isBound(this.round, '')) {
      this.goOnWith(ranked, undefined)
      return
    }
    const isStuck = this.parts.liveness.live(place.voters, now).length < quorumOf(place.voters.length)
    if (!isStuck || !ranked.includes(context.self)) {
      this.lackingSince = undefined
      return
    }
    this.lackingSince ??= now
    if (context.policy.strict || this.current === 'train' || now - this.lackingSince < context.policy.deadlines.grace || here[0] !== context.self) return
    if (this.parts.signed.isBound(this.round, instanceOf(this.parent.id, here))) return
    const envelope = say(context, this.cluster, 'roster', { cluster: this.cluster, round: this.round, parent: this.parent.id, voters: here })
    this.goOnWith(here, envelope)
  }

  /** Whether the present agreement has taken so many grace periods already. */
  private isSlow(periods: number): boolean {
    return this.instanceSince !== undefined && this.context.clock.now() - this.instanceSince > periods * this.context.policy.deadlines.grace
  }

  /** Turns to an agreement of other voters: those who are here, or all again. */
  private goOnWith(voters: readonly PeerId[], envelope: Uint8Array | undefined): void {
    this.voting.stop()
    this.place = this.placeOf(voters)
    this.lists = new Map()
    this.closed = undefined
    this.closing = undefined
    this.early = undefined
    this.ownAudit = undefined
    this.gathering.audits.clear()
    this.rosterEnvelope = envelope
    this.lackingSince = undefined
    for (const phase of ['close', 'reveal', 'audit'] as const) this.over.delete(phase)
    this.voting = this.newVoting()
    if (envelope !== undefined) this.context.events.emit('provisional:started', { round: this.round, voters })
    this.listManifests()
    this.look()
  }

  /** Says again what others may not have heard. */
  private repeat(): void {
    const { context, closed } = this
    const again = (kind: 'manifest' | 'list' | 'closing' | 'audit' | 'roster', envelope: Uint8Array | undefined): void => {
      if (envelope !== undefined) send(context, this.cluster, frame(kind, envelope))
    }
    if (this.current === 'joining') {
      say(context, this.cluster, 'join', { cluster: this.cluster, domain: context.cluster.domain, record: this.parent.record.upper.record, round: this.round })
      return
    }
    if (this.rosterEnvelope !== undefined) again('roster', this.rosterEnvelope)
    if (closed === undefined) {
      for (const { manifest } of this.ownDeltas()) again('manifest', manifest.envelope)
      again('list', this.lists.get(context.self)?.envelope)
      return
    }
    again('closing', this.closing)
    if (this.work.bytes.size > 0) this.mark()
    again('audit', this.ownAudit?.envelope)
    if (this.current === 'agree') this.voting.repeat()
  }

  private enter(phase: Phase, deadlineMs?: number): void {
    this.current = phase
    this.context.events.emit('phase:changed', { round: this.round, phase })
    if (deadlineMs !== undefined) this.deadline(phase, deadlineMs)
  }

  private deadline(phase: Phase, milliseconds: number): void {
    const { place } = this
    attempt(this.context, 'a deadline failed', async () => {
      await this.waiting.pause(milliseconds)
      if (this.place !== place && phase !== 'train') return
      this.over.add(phase)
      this.look()
    })
  }

  private readonly started = new Map<string, boolean>()

  /** False until so many milliseconds have passed since it was first asked. */
  private waitedFor(what: string, milliseconds: number): boolean {
    const key = `${what} ${this.place.instance}`
    const state = this.started.get(key)
    if (state === undefined) {
      this.started.set(key, false)
      attempt(this.context, 'a wait failed', async () => {
        await this.waiting.pause(milliseconds)
        this.started.set(key, true)
        this.look()
      })
    }
    return state === true
  }

  private ownDeltas(): OwnDelta[] {
    return [...this.parts.trainer.open, ...this.parts.surrendered()]
  }

  private members(): PeerId[] {
    return this.parent.record.members.map(({ peer }) => peer)
  }

  private liveMembers(): PeerId[] {
    return this.parts.liveness.live(this.members(), this.context.clock.now())
  }

  /** Who signs for the next record: all members of a full one; of a provisional one, those that are members of its base. */
  private rankedVoters(): PeerId[] {
    const order = rank(this.parent.record.members, this.cluster)
    return this.point.record === this.parent.id ? order : order.filter((peer) => this.point.members.includes(peer))
  }

  private placeOf(voters: readonly PeerId[]): RoundPlace {
    return { network: this.context.network, cluster: this.cluster, round: this.parent.record.round + 1, instance: instanceOf(this.parent.id, voters), voters }
  }
}

function total(parts: readonly Uint8Array[]): number {
  return parts.reduce((sum, part) => sum + part.length, 0)
}
