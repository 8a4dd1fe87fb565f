import { quorumOf } from '../../hierarchy/index.js'
import type { ContentId, PeerId } from '../../network/index.js'
import type { Library } from '../cluster/library.js'
import type { Signed } from '../cluster/signed.js'
import { attempt, say } from '../context.js'
import type { Context } from '../context.js'
import { RoundsError } from '../errors.js'
import type { Tip } from '../messages/fields.js'
import type { CarriedPayload, Opened } from '../messages/wire.js'
import { policyFor } from '../policies.js'
import type { RoundPolicy } from '../policy.js'
import type { Stored } from '../records/cluster-record.js'
import { dueRollback } from '../records/rollback.js'
import type { FromAbove } from '../records/state.js'

import type { Below } from './below.js'
import { nextPolicy } from './compute-level.js'
import type { ComputedLevel } from './compute-level.js'
import { Evidence } from './evidence.js'
import type { LevelChain } from './level-chain.js'
import { checkLevelCommit } from './level-commit.js'
import type { ProvedRosters } from './level-commit.js'
import { activeSeats, decodeLevelRecord } from '../records/level-record.js'
import type { LevelCommit, LevelRecord, Seat } from '../records/level-record.js'
import type { CompleteReport } from './report.js'
import { Reports, sourcesOf } from './reports.js'
import type { SeatReader } from './seat-reader.js'
import { SeatVoting } from './seat-voting.js'
import { sharedLevel } from './shared-level.js'
import { SeatPresence } from './seat-presence.js'
import { Tellings } from './tellings.js'

export interface LevelParts {
  readonly library: Library
  readonly chain: LevelChain
  /** The chain of this peer's own seat. */
  readonly below: Below
  readonly reader: SeatReader
  readonly signed: Signed
}

export interface LevelPorts {
  /** The level above this one; undefined at the top. */
  above(): Level | undefined
  /** This peer's turn to act for its seat: 0 at once. */
  turn(): number
  /** Who speaks for the seat by now, by the newest record of its cluster. */
  signers(): readonly PeerId[]
  /** There is a new record. */
  moved(level: Level): void
}

/** Times that a record one round ahead is heard of before it is pulled: usually our own agreement on it is just ending. */
const SIGHTINGS = 3

/** Peers of which it is remembered what they last told. */
const TELLERS_KEPT = 256

/**
 * One level above the clusters, as a peer behind one of its seats sees it: seats report their records, agree on a record of them, and what follows comes
 * down with theirs. A peer that no seat lists follows the chain; one that a seat lists signs for it. Nothing below ever waits for it.
 */
export class Level {
  private readonly reports: Reports
  private readonly presence: SeatPresence
  private readonly computed = new Map<ContentId, ComputedLevel>()
  private voting: SeatVoting | undefined
  /** Since when there is something to agree on. */
  private waitingSince: number | undefined
  private isFollowing = false
  private sighted = { record: '', times: 0 }
  private readonly summits = new Tellings()
  private readonly told = new Map<PeerId, Tip>()
  private readonly evidence: Evidence
  /** Set while a record that was agreed on could not be taken over. */
  private takeOverAgain: (() => void) | undefined

  constructor(private readonly context: Context, private readonly parts: LevelParts, private readonly ports: LevelPorts) {
    const { library, chain, below, reader } = parts
    this.reports = new Reports(context, library, chain, this.seat, below, reader)
    this.presence = new SeatPresence(context, chain, this.reports)
    this.evidence = new Evidence(library, () => this.seat)
    this.voting = this.newVoting()
  }

  get chain(): LevelChain { return this.parts.chain }
  get cluster(): string { return this.chain.cluster }
  /** The cluster below for which this peer speaks here. */
  get seat(): string { return this.parts.below.tip.record.cluster }
  get term(): number { return this.voting?.term ?? 0 }
  /** Whether this peer's signature counts here. */
  get takesPart(): boolean { return this.listedOf(this.seat).includes(this.context.self) || this.ports.signers().includes(this.context.self) }
  /** Whether this peer speaks for this level's cluster one level up. */
  get isDelegate(): boolean { return this.chain.tip.record.delegates.includes(this.context.self) }

  stop(): void { this.voting?.stop() }

  /** Called every heartbeat. */
  tick(): void {
    this.report()
    if (this.takesPart) this.tellSummit(this.cluster)
    this.takeOverAgain?.()
    this.voting?.repeat()
  }

  /** Tells what is new below. */
  report(): void {
    if (!this.takesPart) return
    // Whoever has become a delegate meanwhile joins in.
    this.voting ??= this.newVoting()
    this.try('the report to the level above failed', async () => {
      if (await this.reports.noteOwn()) this.voting?.reconsiderSeat(this.seat)
      this.reports.announce(this.patience())
      this.tryToStart()
    })
  }

  /** Tells those on another cluster's topic how far this level is, unless somebody has lately. */
  tellSummit(topicOf: string): void {
    const { announcement } = this.chain
    const now = this.context.clock.now()
    if (announcement.round === 0 || !this.summits.isDue(topicOf, announcement.record, now, this.patience())) return
    this.summits.note(topicOf, announcement.record, now)
    say(this.context, topicOf, 'summit', { cluster: this.cluster, topic: topicOf, tip: announcement })
  }

  receiveSummit({ peer, payload: { tip, topic } }: Opened<'summit'>): void {
    if (tip.record === this.chain.tip.id) this.summits.note(topic, tip.record, this.context.clock.now())
    this.hearOf(tip, peer)
  }

  receiveReport(report: Opened<'report'>): void {
    if (!this.takesPart) return
    this.try('a report could not be had', async () => {
      if (!await this.reports.receive(report)) return
      this.voting?.reconsiderSeat(report.payload.cluster)
      this.tryToStart()
    })
  }

  /**
   * Who proposes has waited long enough for all: members that each waited by their own clock would vote in different terms. Whoever lacks reports votes for what
   * it can check all the same, so its clock must run, too: it could not give the term up.
   */
  receiveProposal(proposal: Opened<'proposal'>): void {
    if (this.voting?.receiveProposal(proposal) === true) this.voting.start()
  }

  receiveShares(carried: CarriedPayload<'shares'>): void {
    if (carried.instance === this.voting?.instance) this.voting.receiveShares(carried.shares)
    else this.presence.receiveShares(carried)
  }

  receiveCertificates(carried: CarriedPayload<'certificates'>): void {
    if (carried.instance === this.voting?.instance) this.voting.receiveCertificates(carried.certificates)
    else this.presence.receiveCertificates(carried)
    this.presence.noteSigned()
  }

  /** Another peer tells how far this level is. Its agreement may be ending here too: then nothing needs to be pulled. */
  hearOf(tip: Tip, peer: PeerId): void {
    this.noteTold(peer, tip)
    const ahead = tip.round - this.chain.tip.record.round
    if (ahead <= 0) return
    this.sighted = this.sighted.record === tip.record ? { record: tip.record, times: this.sighted.times + 1 } : { record: tip.record, times: 1 }
    const isEnding = ahead === 1 && this.voting?.isRunning === true && this.sighted.times <= SIGHTINGS
    if (!isEnding) this.try('a record of seats could not be had', () => this.follow(tip, [peer]))
  }

  private noteTold(peer: PeerId, tip: Tip): void {
    const before = this.told.get(peer)
    // Each heartbeat tells of it, mostly the same.
    if (before?.record === tip.record && before.commit === tip.commit) return
    this.told.delete(peer)
    this.told.set(peer, tip)
    if (this.told.size > TELLERS_KEPT) this.told.delete(this.told.keys().next().value!)
  }

  /** The newest record, where it is newer than what the chain below has taken over. */
  news(): FromAbove | undefined {
    return this.chain.aboveOf(this.chain.tip.id, this.parts.below)
  }

  /** Seats that have a vote after a record of this level; undefined where it is not known here. */
  activeSeats(record: ContentId): readonly Seat[] | undefined {
    const stored = this.chain.get(record)
    return stored === undefined ? undefined : activeSeats(stored.record)
  }

  /** What a record means for the chain below; pulled from those who told of it where it is not here. */
  async find(record: ContentId, holders: readonly PeerId[]): Promise<FromAbove | undefined> {
    for (const holder of holders) {
      if (this.chain.get(record) !== undefined) break
      const tip = this.told.get(holder)
      if (tip !== undefined) await this.follow(tip, [holder])
    }
    return this.chain.aboveOf(record, this.parts.below)
  }

  private async follow(tip: Tip, holders: readonly PeerId[]): Promise<void> {
    if (this.isFollowing || tip.round <= this.chain.tip.record.round) return
    this.isFollowing = true
    const before = this.chain.tip.id
    try {
      await this.chain.follow(tip, holders, (parent, commit) => this.prove(parent, commit, holders))
    } finally {
      this.isFollowing = false
      // Whatever else has failed: who stands on another record goes on from there.
      if (this.chain.tip.id !== before) this.next(0)
    }
  }

  private listedOf(seat: string): readonly PeerId[] {
    return this.chain.tip.record.seats.find((one) => one.seat === seat)?.members ?? []
  }

  /** What a record lists that has been checked here, agreed on or not. */
  private listedIn(record: ContentId): readonly Seat[] | undefined {
    return (this.computed.get(record)?.stored ?? this.chain.get(record))?.record.seats
  }

  private newVoting(): SeatVoting | undefined {
    const parent = this.chain.tip
    // A cluster that has just split off gets its seat with the next record.
    if (!this.takesPart || !parent.record.seats.some(({ seat }) => seat === this.seat)) return undefined
    return new SeatVoting(this.context, this.parts.signed, parent, {
      seat: this.seat,
      turn: () => this.ports.turn(),
      speaksFor: (seat, peer) => this.listedOf(seat).includes(peer) || this.reports.membersOf(seat).includes(peer) || (seat === this.seat && this.ports.signers().includes(peer)),
      laterRosters: () => this.reports.rostersSince(parent, this.seat),
      laterRoster: (seat, through) => {
        const proof = this.reports.proofOf(parent, seat, through)
        if (proof !== undefined) attempt(this.context, 'what proves a roster could not be kept', () => this.evidence.keepProof(proof))
        return proof?.members
      },
      proveRoster: (seat, through, holders) => this.try('a roster that a vote names could not be proved', async () => {
        await this.evidence.keepProof(await this.reports.prove(parent, seat, through, holders))
        if (this.chain.tip.id === parent.id) this.voting?.reconsiderSeat(seat)
      }),
      reportedIn: (record, seat) => this.listedIn(record)?.find((one) => one.seat === seat)?.members,
      build: () => this.build(),
      check: (record, holders) => this.untilChecked(parent.id, record, holders),
      decided: (record, commit) => this.takeOver(parent.id, record, commit),
    })
  }

  /**
   * The seats agree once all active ones have reported; a little after the first report where a quorum has; and otherwise after as long as a training may take,
   * by when everybody who trains has reported. Rosters must be listed before they are worn out, and who is late reports to the next record; but where single
   * reports made a record each, the level would run ahead of the clusters, a seat would look silent between two of its rounds, and everybody would hear several
   * records of each level where one says the same.
   */
  private tryToStart(): void {
    if (this.voting === undefined || this.voting.isRunning) return
    const { reported, isQuorum, isComplete } = this.standing()
    if (reported === 0) return
    const { clock, policy: { deadlines } } = this.context
    const now = clock.now()
    this.waitingSince ??= now
    const waited = now - this.waitingSince
    if (isComplete || waited >= (isQuorum ? deadlines.close : deadlines.train)) this.voting.start()
  }

  /** How many of the active seats have reported since the last record. */
  private standing(): { readonly reported: number, readonly isQuorum: boolean, readonly isComplete: boolean } {
    const due = new Set(this.reports.due().map(({ seat }) => seat))
    const active = activeSeats(this.chain.tip.record)
    const here = active.filter(({ seat }) => due.has(seat)).length
    return { reported: due.size, isQuorum: here >= quorumOf(active.length), isComplete: here === active.length }
  }

  private async build(): Promise<{ readonly id: ContentId, readonly size: number } | undefined> {
    this.presence.noteSigned()
    const reports = this.reports.due()
    if (reports.length === 0) return undefined
    const holders = [...new Set(reports.flatMap(({ members }) => members))]
    await this.proveCarried()
    const { stored } = await this.remember(await this.compute(reports, this.chain.carried, this.ports.above()?.news(), holders), reports)
    return { id: stored.id, size: stored.bytes.length }
  }

  private async untilChecked(parent: ContentId, record: ContentId, holders: () => readonly PeerId[]): Promise<boolean> {
    const { context } = this
    this.presence.look(record)
    for (;;) {
      try {
        const { stored } = await this.verify(record, holders())
        this.presence.check(record, stored.record, this.term)
        return true
      } catch (error) {
        if (context.signal.aborted || this.chain.tip.id !== parent) return false
        if (error instanceof RoundsError && error.code !== 'EVIDENCE_REFUSED') {
          context.events.emit('message:refused', { from: holders()[0] ?? context.self, kind: 'record of seats', reason: error.message })
          return false
        }
        await new Promise<void>((resolve) => { context.clock.after(context.policy.heartbeatMs / 4, resolve) })
      }
    }
  }

  /** Recomputes a record of seats from the reports that it lists. */
  private async verify(id: ContentId, holders: readonly PeerId[]): Promise<ComputedLevel> {
    const known = this.computed.get(id)
    if (known !== undefined) return known
    const { chain, parts: { library }, context } = this
    const proposed = decodeLevelRecord(await library.get(id, holders))
    const { record } = proposed
    const parent = chain.tip
    const grandparent = parent.record.parent === null ? undefined : chain.get(parent.record.parent)
    if (record.parent !== parent.id || (record.carried === null) !== (chain.commit === null)) throw new RoundsError('EVIDENCE_REFUSED', `the record of seats ${id.slice(0, 12)} follows another one than ${parent.id.slice(0, 12)}`)
    if (record.carried !== null && grandparent !== undefined) checkLevelCommit(grandparent, parent, record.carried, context.verify, await this.prove(grandparent, record.carried, holders))
    const reports = await Promise.all(sourcesOf(proposed, holders).map((source) => this.reports.fetch(source)))
    const computed = await this.compute(reports, record.carried, await this.aboveOf(record, holders), holders)
    if (computed.stored.id !== id) throw new RoundsError('RECORD_NOT_RECOMPUTED', `the record of seats ${id.slice(0, 12)} of round ${record.round} of ${record.cluster} is not what follows from its reports`)
    return this.remember(computed, reports)
  }

  private async aboveOf(record: LevelRecord, holders: readonly PeerId[]): Promise<FromAbove | undefined> {
    const known = this.chain.tip.record.upper
    if (record.upper.record === known.record) return undefined
    const above = await this.ports.above()?.find(record.upper.record, holders)
    if (above === undefined) throw new RoundsError('EVIDENCE_REFUSED', `the record ${record.upper.record.slice(0, 12)} from above is not known here`)
    return above
  }

  private async compute(reports: readonly CompleteReport[], carried: LevelCommit | null, above: FromAbove | undefined, holders: readonly PeerId[]): Promise<ComputedLevel> {
    const { tip: parent, state } = this.chain
    const isTop = this.ports.above() === undefined
    const policy = this.policyOf(parent.record.policy)
    const next = this.policyOf(nextPolicy(parent.record, reports))
    const rollback = dueRollback(parent.record, next, isTop)
    const restored = rollback === undefined ? undefined : await this.parts.library.restored(rollback, holders.filter((peer) => peer !== this.context.self))
    return sharedLevel({ policy, next, parent, state, carried, reports, above, restored, isTop })
  }

  private policyOf(version: number): RoundPolicy {
    return policyFor(`the record of seats after round ${this.chain.tip.record.round}`, version, this.context.policies)
  }

  /** Keeps a record and what it follows from, before this member is bound to it. */
  private async remember(computed: ComputedLevel, reports: readonly CompleteReport[]): Promise<ComputedLevel> {
    await this.evidence.keepRecord(computed.stored.bytes, reports)
    this.computed.set(computed.stored.id, computed)
    return computed
  }

  /** Proves the rosters that a commit names, and keeps what proves them, for those who follow later and for those who check what the next record carries. */
  private async prove(parent: Stored<LevelRecord>, commit: LevelCommit, holders: readonly PeerId[]): Promise<ProvedRosters> {
    const proofs = await this.reports.proofsOf(parent, commit, holders)
    for (const proof of proofs) await this.evidence.keepProof(proof)
    return new Map(proofs.map((proof) => [proof.commit, proof.members]))
  }

  /** Votes that came late may name rosters that others do not know. */
  private async proveCarried(): Promise<void> {
    const { tip, carried } = this.chain
    const parent = tip.record.parent === null ? undefined : this.chain.get(tip.record.parent)
    if (carried !== null && parent !== undefined) await this.prove(parent, carried, [])
  }

  /** Takes over what was decided; where that fails, again at each heartbeat, unless it comes by another way. */
  private takeOver(parent: ContentId, record: ContentId, commit: LevelCommit): void {
    this.takeOverAgain = undefined
    this.try('a decided record of seats could not be taken over', async () => {
      try {
        await this.finish(record, commit)
      } catch (error) {
        if (this.chain.tip.id !== parent) return
        this.takeOverAgain = () => this.takeOver(parent, record, commit)
        throw error
      }
    })
  }

  private async finish(record: ContentId, commit: LevelCommit): Promise<void> {
    const holders = commit.seats.flatMap(({ signatures }) => signatures.map(({ peer }) => peer)).filter((peer) => peer !== this.context.self)
    const { stored, state } = await this.verify(record, holders)
    const before = this.chain.tip
    if (stored.record.parent !== before.id) return
    await this.prove(before, commit, holders)
    if (this.chain.tip.id !== before.id) return
    try {
      await this.chain.append(stored, commit, state)
    } finally {
      if (this.chain.tip.id === stored.id) this.next(commit.term)
    }
  }

  private next(term: number): void {
    const { chain: { tip, level }, context } = this
    this.voting?.stop()
    this.takeOverAgain = undefined
    this.reports.turn()
    this.computed.clear()
    this.waitingSince = undefined
    this.presence.begin(this.voting)
    attempt(context, 'settled reports could not be erased', () => this.evidence.turn())
    this.voting = this.newVoting()
    const weights = Object.fromEntries(tip.record.entries.filter(({ content }) => content !== null).map(({ seat, weight }) => [seat, weight / 65_536]))
    context.events.emit('upper:committed', { level, cluster: this.cluster, round: tip.record.round, record: tip.id, term, weights })
    this.ports.moved(this)
    this.tryToStart()
  }

  /** Levels and clusters move on while something is pulled: what was right when it was asked for is then refused, and is no trouble. */
  private try(what: string, act: () => Promise<void>): void {
    attempt(this.context, what, async () => {
      try {
        await act()
      } catch (error) {
        if (!(error instanceof RoundsError) || (error.code !== 'EVIDENCE_REFUSED' && error.code !== 'CHAIN_UNFINISHED')) throw error
      }
    })
  }

  /** How long this peer waits for others of its seat to say what it would. */
  private patience(): number {
    return (1 + this.ports.turn()) * this.context.policy.heartbeatMs
  }
}
