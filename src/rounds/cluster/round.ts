import { instanceOf, rank, releasedQuorum } from '../../hierarchy/index.js'
import type { ContentId, PeerId } from '../../network/index.js'
import { attempt, say, send } from '../context.js'
import type { Context } from '../context.js'
import type { Phase } from '../events.js'
import type { OwnDelta, Trainer } from '../learning/trainer.js'
import { frame } from '../messages/wire.js'
import type { Opened } from '../messages/wire.js'
import { Fading } from '../messages/fading.js'
import type { SignedVote } from '../messages/schemas.js'
import { auditProbes } from '../records/audit-due.js'
import { drawAuditors } from '../records/audits.js'
import type { Closed, RoundPlace } from '../records/closing.js'
import type { Cheat, ClusterRecord, Commit, FullPoint, Stored } from '../records/cluster-record.js'
import type { ComputedRecord } from '../records/compute-record.js'
import { releasedBy } from '../records/released.js'
import { startsAfter } from '../records/roll-call.js'

import { Agreeing } from './agreeing.js'
import { Auditing } from './auditing.js'
import type { Chain } from './chain.js'
import { ClosingDesk } from './closing-desk.js'
import { Gathering } from './gathering.js'
import type { Library } from './library.js'
import type { Liveness } from './liveness.js'
import { RecordWork } from './record-work.js'
import type { RecordPorts } from './record-work.js'
import { isRollCallDue } from './roll-call.js'
import { RosterWatch } from './roster-watch.js'
import type { RosterView } from './roster-watch.js'
import { Silence } from './silence.js'
import type { Signed } from './signed.js'
import type { Voting } from './voting.js'
import { Waiting } from './waiting.js'

/** How often something is said again in the time that a proposal may take. */
const REPETITIONS = 4

/** And how often at most in one term. */
const HURRIED_TIMES = 2 * REPETITIONS

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
  /** For how long the training under way has gone on, in milliseconds: roll calls do not begin it anew. */
  readonly trainedForMs: number
  /** Farewells that no record has carried yet. */
  readonly farewells: readonly Opened<'leave'>[]
}

export interface RoundPorts extends RecordPorts {
  /** The round is over: everybody who votes is bound to this record. */
  committed(computed: ComputedRecord, commit: Commit): void
  /** Somebody has voted twice in a step; it may come out when the round is long over. */
  cheated(cheat: Cheat): void
}

/** One agreement of some voters within a round: the whole roster's, or a provisional one. */
interface Session {
  readonly place: RoundPlace
  readonly desk: ClosingDesk
  readonly agreeing: Agreeing
  auditing: Auditing | undefined
  /** Phases whose deadline has passed. */
  readonly over: Set<Phase>
  /** Who held what when the reveal was over, as far as this peer knew. */
  heldInTime: ReadonlyMap<ContentId, ReadonlySet<PeerId>> | undefined
  /** The signed proposal to go on with these voters alone. */
  readonly roster: Uint8Array | undefined
}

/**
 * One round of one peer: train, announce, close, reveal, audit, agree. Each phase ends as soon as everything that can still come is there, and at its
 * deadline otherwise. Whatever comes in is noted, then `look` decides whether the phase is over.
 */
export class ClusterRound {
  readonly gathering: Gathering
  readonly work: RecordWork
  private readonly waiting: Waiting
  private readonly silence: Silence
  private readonly watch: RosterWatch
  private readonly point: FullPoint
  private readonly parent: Stored<ClusterRecord>
  private session: Session
  private current: Phase = 'train'
  private isTrainingOver = false
  /** Whether the set is closed while all still train, to renew the roster alone. */
  private isRollCall = false
  private isOver = false
  /** Marks and audits are of use to whoever proposes next: each term they are said anew. */
  private readonly marking = new Fading()
  private readonly announcing = new Fading()
  private readonly telling = new Fading()

  constructor(private readonly context: Context, private readonly parts: RoundParts, private readonly ports: RoundPorts) {
    const { chain, library, liveness, signed } = parts
    this.parent = chain.tip
    this.point = chain.full
    this.waiting = new Waiting(context.clock)
    this.gathering = new Gathering(chain.tip, context.length, context.clusters, () => ports.activeSeats(chain.tip.record.upper.record))
    for (const charge of parts.charges) this.gathering.addCheat(charge)
    for (const farewell of parts.farewells) this.gathering.addLeave(farewell)
    this.silence = new Silence(context, liveness, this.gathering, this.parent.record)
    this.work = new RecordWork(context, library, chain, this.gathering, this.silence, ports)
    this.watch = new RosterWatch(context, liveness, signed)
    this.session = this.newSession(this.rankedVoters(), undefined)
  }

  get round(): number { return this.parent.record.round + 1 }
  get phase(): Phase { return this.current }
  get voters(): readonly PeerId[] { return this.session.place.voters }
  get term(): number { return this.voting.term }
  get voting(): Voting { return this.session.agreeing.voting }

  private get cluster(): string { return this.context.cluster.id }
  private get instance(): ContentId { return this.session.place.instance }
  private get closed(): Closed | undefined { return this.session.desk.closed }
  private get isMember(): boolean { return this.gathering.isMember(this.context.self) }
  /** Whether this peer has promised to sign nothing in this round. */
  private get hasLeft(): boolean { return this.parts.signed.hasLeft(this.parent.record.members.find(({ peer }) => peer === this.context.self)?.since, this.point.round) }
  /** Members that have seen the beginning of the training under way; all where none of these is here. */
  private get training(): PeerId[] {
    const { round } = startsAfter(this.parent)[0]!
    const first = this.live(this.parent.record.members.filter(({ since }) => since <= round + 1).map(({ peer }) => peer))
    return first.length > 0 ? first : this.live(this.members)
  }

  private get members(): PeerId[] { return this.parent.record.members.map(({ peer }) => peer) }

  start(): void {
    const { events } = this.context
    const isProvisional = this.point.record !== this.parent.id
    events.emit('round:started', { cluster: this.cluster, round: this.round, provisional: isProvisional })
    this.enter(this.isMember ? 'train' : 'joining')
    if (this.isMember) {
      for (const { manifest } of this.ownDeltas()) this.announce(manifest)
      this.train()
      const { train } = this.context.policy.deadlines
      this.after(train - this.parts.trainedForMs % train, () => { this.isTrainingOver = true })
    }
    this.repeat()
    this.look()
  }

  stop(): void {
    this.isOver = true
    this.stopSession()
    this.waiting.stop()
  }

  /** Trains from this round's adapter, unless an earlier training is still running. */
  train(): void {
    if (this.isOver || !this.isMember || !this.training.includes(this.context.self)) return
    this.parts.trainer.begin({ training: this.gathering.training, parent: startsAfter(this.parent)[0]!.record, adapter: this.parts.chain.state.adapter.values })
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
    this.context.events.emit('manifest:announced', { training: manifest.payload.training, content: manifest.payload.content, bytes: manifest.payload.size })
    this.look()
  }

  receiveManifest(manifest: Opened<'manifest'>): void {
    if (this.gathering.addManifest(manifest)) this.look()
  }

  receiveList(list: Opened<'list'>): void { this.session.desk.receiveList(list.envelope) }

  receiveClosing(closing: Opened<'closing'>): void { this.session.desk.receiveClosing(closing) }

  receiveMark({ peer, payload }: Opened<'mark'>): void {
    this.gathering.addMark(peer, payload.contents, this.context.clock.now())
    this.look()
  }

  receiveAudit(audit: Opened<'audit'>): void { this.session.auditing?.receive(audit) }

  receiveVotes(instance: ContentId, votes: readonly SignedVote[]): void {
    if (instance === this.instance) this.voting.receiveVotes(votes)
  }

  receiveProposal(proposal: Opened<'proposal'>): void {
    if (proposal.payload.instance === this.instance) this.voting.receiveProposal(proposal)
  }

  receiveRoster(roster: Opened<'roster'>): void {
    const voters = this.voting.isDecided ? undefined : this.watch.accepts(roster, this.view())
    if (voters !== undefined) this.goOnWith(voters, roster.envelope)
  }

  /** Called every heartbeat. */
  tick(): void {
    if (this.isOver) return
    this.repeat()
    if (this.isMember && !this.voting.isDecided && !this.hasLeft) this.considerRoster()
    if (this.closed !== undefined && this.current !== 'agree') this.pull(this.closed)
    this.look()
  }

  /** Whether the parent's commit, having grown, changes who votes in this round. */
  isOutdated(): boolean {
    return this.current !== 'agree' && this.session.roster === undefined && this.parts.chain.full.record !== this.point.record
  }

  private look(): void {
    if (this.isOver) return
    this.waiting.look()
    const { closed } = this
    const { over, desk, auditing, heldInTime } = this.session
    if (this.current === 'train' && (this.isTrainingOver || this.allAnnounced() || this.callsRoll())) this.beginClosing()
    if (this.current === 'close' && closed === undefined) desk.tryToClose(this.live(this.voters), over.has('close'))
    if ((this.current === 'train' || this.current === 'close') && closed !== undefined) this.reveal(closed)
    if (this.current === 'reveal' && closed !== undefined && (over.has('reveal') || this.hasWhatCanBeHad(closed))) this.beginAudits(closed)
    if (this.current === 'audit' && (over.has('audit') || auditing?.isComplete(new Set(this.live(this.members)), (content, auditor) => heldInTime?.get(content)?.has(auditor) ?? true) === true)) this.agree()
  }

  private allAnnounced(): boolean {
    const announced = new Set([...this.gathering.manifests.values()].filter(({ payload }) => payload.training === this.gathering.training).map(({ peer }) => peer))
    return this.training.every((peer) => announced.has(peer))
  }

  private callsRoll(): boolean {
    this.isRollCall = !this.hasLeft && isRollCallDue(this.members.length, this.parent.record.rollCall, this.gathering, this.silence)
    return this.isRollCall
  }

  private beginClosing(): void {
    this.enter('close', this.context.policy.deadlines.close)
    this.watch.restart()
    this.session.desk.list(this.isRollCall ? [] : [...this.gathering.manifests.keys()])
  }

  /** The set is closed: now, and not before, everybody shows its bytes. */
  private reveal(closed: Closed): void {
    this.context.events.emit('manifest:closed', { round: this.round, manifests: closed.manifests.size })
    this.enter('reveal', this.context.policy.deadlines.reveal)
    for (const { manifest, bytes } of this.ownDeltas()) {
      if (closed.manifests.has(manifest.id)) this.work.reveal(manifest.payload.content, bytes)
    }
    this.pull(closed)
  }

  private pull(closed: Closed): void {
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
    this.gathering.addMark(this.context.self, contents, this.context.clock.now())
    if (contents.length > 0) say(this.context, this.cluster, 'mark', { cluster: this.cluster, round: this.round, contents })
  }

  /** Whether all bytes are here that a peer which is here could show: a sender may be gone before anybody has pulled its delta. */
  private hasWhatCanBeHad(closed: Closed): boolean {
    const here = new Set(this.live(this.members))
    return this.gathering.take(closed.manifests).every(({ peer, payload: { content } }) =>
      this.work.bytes.has(content) || ![peer, ...this.gathering.holdersOf(content)].some((holder) => here.has(holder)))
  }

  private beginAudits(closed: Closed): void {
    const manifests = this.gathering.take(closed.manifests)
    const probes = auditProbes(this.gathering.training, this.parent.record, manifests.map(({ peer }) => peer), this.context.policy)
    if (probes === 0) {
      this.agree()
      return
    }
    this.enter('audit', this.context.policy.deadlines.audit)
    const { voting } = this
    const auditing = new Auditing(this.context, {
      round: this.round,
      seed: closed.seed,
      probes,
      adapter: this.parts.chain.state.adapter.values,
      manifests,
      members: this.members,
      auditors: drawAuditors(manifests, this.parent.record.members, closed.seed, this.context.policy.audit.auditorsPerDelta),
      bytes: this.work.bytes,
    }, () => this.look())
    this.session.auditing = auditing
    auditing.begin(() => voting.isProposed)
  }

  private agree(): void {
    this.enter('agree')
    this.work.beginAgreeing()
    this.voting.start()
    this.hurry()
  }

  private considerRoster(): void {
    const ranked = this.rankedVoters()
    const voters = this.watch.decide(this.view())
    if (voters === undefined) return
    const roster = voters.length < ranked.length
      ? say(this.context, this.cluster, 'roster', { cluster: this.cluster, round: this.round, parent: this.parent.id, voters: [...voters] })
      : undefined
    this.goOnWith(voters, roster)
  }

  private goOnWith(voters: readonly PeerId[], roster: Uint8Array | undefined): void {
    this.stopSession()
    this.session = this.newSession(voters, roster)
    if (roster !== undefined) this.context.events.emit('provisional:started', { round: this.round, voters })
    this.beginClosing()
    this.look()
  }

  private newSession(voters: readonly PeerId[], roster: Uint8Array | undefined): Session {
    const { context, parts, work, waiting, point, gathering } = this
    const place: RoundPlace = { network: context.network, cluster: this.cluster, round: this.round, instance: instanceOf(this.parent.id, voters), voters }
    const desk = new ClosingDesk(context, place, gathering, parts.signed, waiting, () => this.look())
    const agreeing = new Agreeing(context, place, {
      chain: parts.chain,
      signed: parts.signed,
      work,
      waiting,
      point,
      closed: () => desk.closed,
      auditing: () => session.auditing,
      committed: (computed, commit) => { if (!this.isOver) this.ports.committed(computed, commit) },
      cheated: (cheat) => this.ports.cheated(cheat),
    })
    const session: Session = { place, desk, agreeing, auditing: undefined, over: new Set(), heldInTime: undefined, roster }
    return session
  }

  private stopSession(): void {
    this.session.desk.stop()
    this.session.auditing?.stop()
    this.session.agreeing.stop()
  }

  /** Says again what others may not have heard. */
  private repeat(): void {
    const { context, session } = this
    if (this.current === 'joining') {
      say(context, this.cluster, 'join', { cluster: this.cluster, domain: context.cluster.domain, record: this.parent.record.upper.record, round: this.round, credential: context.credential })
      return
    }
    if (session.roster !== undefined) send(context, this.cluster, frame('roster', session.roster))
    const own = this.closed === undefined ? this.ownDeltas().filter(({ manifest }) => this.gathering.manifests.has(manifest.id)) : []
    if (own.length > 0 && this.announcing.isDue(own.map(({ manifest }) => manifest.id).join())) for (const { manifest } of own) send(context, this.cluster, frame('manifest', manifest.envelope))
    session.desk.repeat(this.isClosingLacked())
    if (this.work.bytes.size > 0 && this.marking.isDue(`${this.work.bytes.size} ${this.term}`)) this.mark()
    if (session.auditing !== undefined && this.telling.isDue(`${session.place.instance} ${this.term}`)) session.auditing.repeat()
    if (this.current === 'agree') this.voting.repeat()
  }

  /**
   * While this peer waits for a proposal or for votes, it says more often than every heartbeat what others may lack: where messages are lost, a proposer
   * that waits for an audit or a mark would else let its turn go by.
   */
  private hurry(): void {
    const { session } = this
    attempt(this.context, 'what others may lack could not be said again', async () => {
      let term = -1
      let left = 0
      for (;;) {
        await this.waiting.pause(this.context.policy.deadlines.propose / REPETITIONS)
        if (this.isOver || this.session !== session || session.agreeing.voting.isDecided) return
        // Who has not answered for so long is gone: for the others the heartbeat is soon enough.
        if (this.term !== term) left = HURRIED_TIMES
        term = this.term
        if (left-- <= 0) continue
        // What a proposal is made of is of no use any more once there is one; the heartbeat repeats it for the next proposer.
        if (!session.agreeing.voting.isProposed) {
          if (this.work.bytes.size > 0) this.mark()
          session.auditing?.repeat()
        }
        session.agreeing.voting.repeat()
      }
    })
  }

  private enter(phase: Phase, deadlineMs?: number): void {
    const { session } = this
    this.current = phase
    this.context.events.emit('phase:changed', { round: this.round, phase })
    if (deadlineMs !== undefined) {
      this.after(deadlineMs, () => {
        session.over.add(phase)
        // A sender that shows its bytes at the last moment must not make a proposer wait for audits of those who did not get them.
        if (phase === 'reveal') session.heldInTime = new Map([...this.gathering.manifests.values()].map(({ payload: { content } }) => [content, new Set(this.gathering.holdersOf(content))]))
      })
    }
  }

  private after(milliseconds: number, act: () => void): void {
    attempt(this.context, 'a deadline failed', async () => {
      await this.waiting.pause(milliseconds)
      act()
      this.look()
    })
  }

  /** Whether a member has not got as far as the closed set, by its last heartbeat. */
  private isClosingLacked(): boolean {
    return this.live(this.members).some((peer) => {
      if (peer === this.context.self) return false
      const last = this.parts.liveness.lastOf(peer)
      return last === undefined || (last.tip.record === this.parent.id && (last.phase === 'train' || last.phase === 'close'))
    })
  }

  private ownDeltas(): OwnDelta[] {
    return [...this.parts.trainer.open, ...this.parts.surrendered()]
  }

  private live(peers: readonly PeerId[]): PeerId[] {
    return this.parts.liveness.live(peers, this.context.clock.now()).filter((peer) => peer === this.context.self || !this.gathering.leaves.has(peer))
  }

  private view(): RosterView {
    const { parent: { id, record }, session: { place }, point, gathering, context } = this
    const ranked = this.rankedVoters()
    const here = this.live(ranked)
    const released = releasedBy(record, point, here, [...gathering.leaves.values()], context.verify).length
    return { parent: id, place, ranked, leavers: new Set(gathering.leaves.keys()), enoughNow: released === 0 ? Infinity : releasedQuorum(point.members.length, released) }
  }

  /** Who signs for the next record: all members of a full one; of a provisional one, those that are members of its base. */
  private rankedVoters(): readonly PeerId[] {
    const order = rank(this.parent.record.members, this.cluster)
    if (this.point.record === this.parent.id) return order
    const { base, released } = this.parent.record
    // Who has promised to sign for no successor of this base may be back, and still signs for none.
    const gone = new Set(base?.record === this.point.record ? released.map(({ peer }) => peer) : [])
    return order.filter((peer) => this.point.members.includes(peer) && !gone.has(peer))
  }
}
