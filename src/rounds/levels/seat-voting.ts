import { certificateStands, honestMinimum, isVouchedFor, remembered, SeatBallot, seatStatement } from '../../hierarchy/index.js'
import type { LaterRoster, Rosters, SeatCertificate, SeatShare, Through } from '../../hierarchy/index.js'
import type { ContentId, PeerId } from '../../network/index.js'
import { Agreement, waitForStep } from '../agreement/index.js'
import type { Effect, Vote, Waiting } from '../agreement/index.js'
import type { Signed } from '../cluster/signed.js'
import { attempt, say } from '../context.js'
import type { Context } from '../context.js'
import { Fading } from '../messages/fading.js'
import { Repeated } from '../messages/repeated.js'
import { encodeCarried } from '../messages/wire.js'
import type { Opened } from '../messages/wire.js'
import type { Stored } from '../records/cluster-record.js'

import { activeSeats, levelBallot, seatOrder } from '../records/level-record.js'
import type { LevelCommit, LevelRecord } from '../records/level-record.js'
import { seatTopic } from './seat-topic.js'

export interface SeatPorts {
  /** The cluster whose seat this peer votes for. */
  readonly seat: string
  /** This peer's turn among those who may act for its seat: 0 for the head, who acts at once; the others only where nothing happens. */
  turn(): number
  /** Whether a peer speaks for a seat by now, listed or not. */
  speaksFor(seat: string, peer: PeerId): boolean
  /** Whom a record that has been checked lists for a seat; undefined while it has not. */
  reportedIn(record: ContentId, seat: string): readonly PeerId[] | undefined
  /** Rosters of this peer's own seat that follow the one listed, the newest first. */
  laterRosters(): readonly LaterRoster[]
  /** One of them, of any seat; undefined while it has not been proved here. */
  laterRoster(seat: string, through: Through): readonly PeerId[] | undefined
  /** Asks others for what proves it; what comes of it is told by `reconsiderSeat`. */
  proveRoster(seat: string, through: Through, holders: readonly PeerId[]): void
  build(): Promise<{ readonly id: ContentId, readonly size: number } | undefined>
  /** `holders` tells who has the record by now. */
  check(record: ContentId, holders: () => readonly PeerId[]): Promise<boolean>
  decided(record: ContentId, commit: LevelCommit): void
}

/** Votes that wait for their record to be checked. */
const UNSURE_AT_MOST = 1024

/** Rosters that are asked for at each heartbeat, where votes name some that are not known here. */
const PROVED_AT_ONCE = 4

/** Terms ahead of ours whose votes are kept. */
const TERMS_AHEAD = 64

/**
 * One agreement of seats, as a member behind one of them sees it. The member runs the algorithm for its seat and signs shares of the seat's votes; a vote
 * counts once a quorum of the cluster has signed the same. So nobody speaks for a cluster alone, and anybody may carry its votes.
 */
export class SeatVoting {
  private readonly agreement: Agreement
  private readonly ballot: ReturnType<typeof levelBallot>
  private readonly seats: ReadonlyMap<string, readonly PeerId[]>
  private readonly own: SeatBallot
  private readonly certificates = new Map<string, SeatCertificate>()
  /** Votes of other seats of which it is not known yet who may sign: they are for records that have not been checked here, or name a report that has not come. */
  private readonly unsure = new Map<string, SeatCertificate>()
  /** When each vote of a seat was last told on the topic of all seats. */
  private readonly toldAt = new Map<string, number>()
  private readonly sizes = new Map<ContentId, number>()
  private readonly holders = new Map<ContentId, Set<PeerId>>()
  /** What this member has signed. */
  private readonly shares = new Map<string, SeatShare>()
  private readonly said: Repeated
  private readonly sharing = new Fading()
  private readonly cancels = new Set<() => void>()
  private stopped = false
  private isStarted = false

  constructor(private readonly context: Context, private readonly memory: Signed, parent: Stored<LevelRecord>, private readonly ports: SeatPorts) {
    this.ballot = levelBallot(parent)
    this.said = new Repeated(context)
    this.seats = new Map(activeSeats(parent.record).map(({ seat, members }) => [seat, members]))
    this.own = new SeatBallot(this.ballot, this.seat, (value) => this.rostersOf(this.seat, value), (peer) => ports.speaksFor(this.seat, peer), context.verify, () => ports.laterRosters())
    const before = memory.memoryOf(this.ballot.instance)
    this.agreement = new Agreement({ self: this.seat, voters: seatOrder(parent.record), behindSeat: true, isProof: (value, term) => this.isProof(value, term), ...before === undefined ? {} : { memory: before } })
  }

  get round(): number { return this.ballot.round }
  get instance(): ContentId { return this.ballot.instance }
  get term(): number { return this.agreement.term }
  get isRunning(): boolean { return this.isStarted }
  private get seat(): string { return this.ports.seat }

  start(): void {
    if (this.isStarted) return
    this.isStarted = true
    this.obey(this.agreement.start())
  }

  stop(): void {
    this.stopped = true
    for (const cancel of this.cancels) cancel()
  }

  /** @returns whether it is for this agreement, from one who speaks for the seat whose turn it is */
  receiveProposal({ peer, payload }: Opened<'proposal'>): boolean {
    if (payload.instance !== this.instance) return false
    const seat = this.agreement.proposerOf(payload.term)
    if (!this.ports.speaksFor(seat, peer)) return false
    this.sizes.set(payload.record, payload.size)
    this.note(payload.record, peer)
    this.obey(this.agreement.proposal({ term: payload.term, from: seat, value: payload.record, validTerm: payload.validTerm }))
    return true
  }

  receiveShares(shares: readonly SeatShare[]): void {
    for (const share of shares) {
      if (share.term > this.agreement.term + TERMS_AHEAD) continue
      const certificate = this.own.add(share)
      if (share.value !== null) this.note(share.value, share.peer)
      if (certificate !== undefined) this.complete(certificate)
    }
  }

  receiveCertificates(certificates: readonly SeatCertificate[]): void {
    for (const certificate of certificates) {
      if (certificate.term > this.agreement.term + TERMS_AHEAD) continue
      const key = keyOf(certificate)
      const known = this.certificates.get(key)
      if (known !== undefined && !this.isBetter(certificate, known)) {
        this.toldAt.set(key, this.context.clock.now())
        continue
      }
      if (!this.seats.has(certificate.seat)) continue
      const rosters = this.rostersOf(certificate.seat, certificate.value, certificate.through)
      if (!certificateStands(certificate, rosters, this.ballot, this.context.verify)) {
        const isUnsure = certificate.through === undefined ? certificate.value !== null && rosters.reported === undefined : rosters.later === undefined
        if (isUnsure && this.unsure.size < UNSURE_AT_MOST) this.unsure.set(`${key}/${certificate.through?.commit ?? ''}`, certificate)
        continue
      }
      if (certificate.value !== null) for (const { peer } of certificate.signatures) this.note(certificate.value, peer)
      this.count(certificate)
      if (this.certificates.has(key)) this.toldAt.set(key, this.context.clock.now())
    }
  }

  /** A commit of the record that was decided here, with the votes of seats that were slower than those in it. */
  grown(record: ContentId, { term, seats }: LevelCommit): LevelCommit {
    const before = new Set(seats.map(({ seat }) => seat))
    const late = this.precommits(record, term).filter(({ seat }) => !before.has(seat))
    return { term, seats: [...seats, ...late.map(({ seat, signatures, through }) => ({ seat, signatures: [...signatures], ...through === undefined ? {} : { through } }))] }
  }

  /** Says again who has signed a record, where somebody proposes as if it did not know. */
  retell(record: ContentId, commit: LevelCommit): void {
    const { term, seats } = this.grown(record, commit)
    const untold = this.untold(seats.map((one) => ({ step: 'precommit', term, value: record, ...one })))
    if (untold.length > 0) this.carry(untold)
  }

  /** Whether a term's precommits for a record also prove it to those who only follow this level: some vouch for the members that the others speak through. */
  private isProof(record: ContentId, term: number): boolean {
    const { seats } = this
    return this.precommits(record, term).filter((one) => isVouchedFor(one, seats.get(one.seat)!)).length >= honestMinimum(seats.size)
  }

  private isBetter(certificate: SeatCertificate, than: SeatCertificate): boolean {
    if (certificate.step === 'prevote') return false
    const listed = this.seats.get(certificate.seat) ?? []
    return isVouchedFor(certificate, listed) && !isVouchedFor(than, listed)
  }

  private precommits(record: ContentId, term: number): SeatCertificate[] {
    return [...this.certificates.values()].filter((one) => one.step === 'precommit' && one.term === term && one.value === record)
  }

  /** Says again what others may have missed; nothing before it is on disk. */
  repeat(): void {
    if (!this.isStarted && this.agreement.ownVotes.length === 0) return
    if (!this.memory.isKept) {
      attempt(this.context, 'a share of a vote could not be kept', () => this.memory.keepAgain())
      return
    }
    const { term } = this.agreement
    const proposal = this.agreement.proposalOf(term)
    if (proposal?.from === this.seat && this.ports.turn() === 0) this.propose(term, proposal.value, proposal.validTerm)
    // Once the seat's vote stands it is told by certificate, on the topic that this cluster's members hear, too.
    const recent = this.agreement.ownVotes.filter((vote) => vote.term >= term - 1 && !this.certificates.has(keyOf({ ...vote, seat: this.seat })))
    if (recent.length > 0 && this.sharing.isDue(recent.map(keyOfOwn).join())) this.share(recent)
    const known = this.agreement.votesToRepeat().flatMap(({ voter: seat, ...vote }) => this.certificates.get(keyOf({ ...vote, seat })) ?? [])
    const untold = this.untold(known)
    if (untold.length > 0) this.carry(untold)
    this.proveSome()
  }

  /** Where votes name rosters that are not known here, they may be what binds another seat: without them this one could never agree with it. */
  private proveSome(): void {
    const doubtful = [...this.unsure].filter(([, { through }]) => through !== undefined).slice(0, PROVED_AT_ONCE)
    for (const [key, one] of doubtful) {
      // The others are next.
      this.unsure.delete(key)
      this.unsure.set(key, one)
      this.ports.proveRoster(one.seat, one.through!, [...one.signatures.map(({ peer }) => peer), ...one.value === null ? [] : this.holdersOf(one.value)])
    }
  }

  /** Those that nobody has told for as long as this peer waits for others to. */
  private untold(certificates: readonly SeatCertificate[]): SeatCertificate[] {
    const silence = (1 + this.ports.turn()) * this.context.policy.heartbeatMs
    return certificates.filter((one) => this.context.clock.now() - (this.toldAt.get(keyOf(one)) ?? -silence) >= silence)
  }

  private obey(effects: readonly Effect[]): void {
    if (this.stopped) return
    for (const effect of effects) this.act(effect)
  }

  private act(effect: Effect): void {
    const { context, ports } = this
    const { deadlines } = context.policy
    switch (effect.kind) {
      case 'term':
        context.events.emit('term:started', { level: this.ballot.level, round: this.round, term: effect.term, proposer: effect.proposer })
        return
      case 'build':
        this.after(ports.turn() * deadlines.propose / 4, () => attempt(context, 'no record of seats could be proposed', async () => {
          if (this.agreement.proposalOf(effect.term) !== undefined) return
          const built = await ports.build()
          if (built === undefined || this.stopped) return
          this.sizes.set(built.id, built.size)
          this.obey(this.agreement.offer(effect.term, built.id))
          this.reconsider(built.id)
        }))
        return
      case 'propose':
        this.propose(effect.proposal.term, effect.proposal.value, effect.proposal.validTerm)
        return
      case 'check':
        attempt(context, 'a proposed record of seats could not be checked', async () => {
          const valid = await ports.check(effect.value, () => this.holdersOf(effect.value))
          this.obey(this.agreement.judge(effect.value, valid))
          if (valid) this.reconsider(effect.value)
        })
        return
      case 'timer':
        this.wait(effect.waiting, effect.term, this.patience(effect.waiting) + effect.term * deadlines.termGrowth)
        return
      case 'vote':
        attempt(context, 'a share of a vote could not be cast', async () => {
          await this.memory.keepMemory(this.round, this.instance, this.agreement.memory, {})
          this.share([effect.vote])
        })
        return
      case 'decide':
        ports.decided(effect.value, this.grown(effect.value, { term: effect.term, seats: [] }))
        return
      case 'equivocation':
        context.events.emit('peer:troubled', { what: `the seat ${effect.first.voter} voted twice in one step of round ${this.round}: a third of that cluster is hostile`, error: undefined })
        return
    }
  }

  /** Signs and sends this member's part in votes of its seat. */
  private share(votes: readonly Vote[]): void {
    // What was decided without this seat is signed late, when the level may be in its next round.
    if (this.stopped && this.agreement.decided === undefined) return
    const shares = votes.map((vote) => this.signed(vote))
    const { level, cluster, round, instance } = this.ballot
    this.said.say(seatTopic(this.seat, level), shares, () => encodeCarried('shares', { level, cluster, round, instance, shares }))
    this.receiveShares(shares)
  }

  /** A share is said again until the agreement ends, and signed once. */
  private signed({ step, term, value }: Vote): SeatShare {
    const { identity, self } = this.context
    const vote = { step, term, value, seat: this.seat }
    const key = keyOf(vote)
    const share = this.shares.get(key) ?? { ...vote, peer: self, signature: identity.sign(seatStatement(this.ballot, vote)) }
    this.shares.set(key, share)
    return share
  }

  /** A record has been checked: it tells who else speaks for the seats, so votes for it may stand now. */
  private reconsider(record: ContentId): void {
    for (const certificate of this.own.certificatesFor(record)) this.complete(certificate)
    this.countUnsure(({ value }) => value === record)
  }

  /** A seat has reported a later record: votes that its roster has signed may stand now. */
  reconsiderSeat(seat: string): void {
    if (this.stopped) return
    if (seat === this.seat) for (const certificate of this.own.certificates()) this.complete(certificate)
    this.countUnsure((one) => one.seat === seat)
  }

  private countUnsure(concerns: (one: SeatCertificate) => boolean): void {
    const waiting = [...this.unsure].filter(([, one]) => concerns(one))
    for (const [key] of waiting) this.unsure.delete(key)
    this.receiveCertificates(waiting.map(([, one]) => one))
  }

  private rostersOf(seat: string, value: ContentId | null, through?: Through): Rosters {
    const { seats, ports } = this
    return {
      listed: seats.get(seat) ?? [],
      reported: value === null ? undefined : ports.reportedIn(value, seat),
      later: through === undefined ? undefined : ports.laterRoster(seat, through),
    }
  }

  private complete(certificate: SeatCertificate): void {
    const key = keyOf(certificate)
    // Enough is enough: further shares of the same vote would only be told once more.
    const known = this.certificates.get(key)
    if (known !== undefined && !this.isBetter(certificate, known)) return
    const turn = this.ports.turn()
    // Before it is counted: it may decide, and then this agreement says nothing more.
    if (turn === 0) this.carry([certificate])
    this.count(certificate)
    if (turn === 0) return
    this.after(turn * this.context.policy.heartbeatMs / 2, () => {
      if (!this.toldAt.has(key)) this.carry([this.certificates.get(key)!])
    })
  }

  private count(certificate: SeatCertificate): void {
    const { step, term, seat: voter, value } = certificate
    const key = keyOf(certificate)
    const before = this.certificates.get(key)
    // Whether the vote decides depends on what vouches for it.
    this.certificates.set(key, certificate)
    if (certificate.through !== undefined) this.ports.laterRoster(voter, certificate.through)
    const vote: Vote = { step, term, voter, value }
    const effects = this.agreement.vote(vote)
    if (before === undefined && !this.agreement.tally.has(vote)) this.certificates.delete(key)
    this.obey(effects)
  }

  private carry(certificates: readonly SeatCertificate[]): void {
    const { level, cluster, round, instance } = this.ballot
    for (const certificate of certificates) this.toldAt.set(keyOf(certificate), this.context.clock.now())
    this.said.say(cluster, certificates, () => encodeCarried('certificates', {
      level, cluster, round, instance, certificates: certificates.map((one) => ({ ...one, signatures: [...one.signatures] })),
    }))
  }

  private propose(term: number, record: ContentId, validTerm: number): void {
    const { level, cluster, round, instance } = this.ballot
    say(this.context, cluster, 'proposal', { level, cluster, round, instance, term, validTerm, record, size: this.sizes.get(record) ?? 0 })
  }

  private holdersOf(record: ContentId): PeerId[] {
    return [...this.holders.get(record) ?? []].filter((peer) => peer !== this.context.self)
  }

  private note(record: ContentId, holder: PeerId): void {
    this.holders.set(record, (this.holders.get(record) ?? new Set()).add(holder))
  }

  private wait(waiting: Waiting, term: number, milliseconds: number): void {
    waitForStep(this.agreement, waiting, term, (run) => this.after(milliseconds, run), () => this.obey(this.agreement.timeout(waiting, term)))
  }

  /** A seat's vote takes one exchange within its cluster more than a member's; and where those are gone who carry it first, the next ones do within a heartbeat. */
  private patience(waiting: Waiting): number {
    const { deadlines, heartbeatMs } = this.context.policy
    return 2 * deadlines[waiting] + (waiting === 'propose' ? 0 : heartbeatMs)
  }

  private after(milliseconds: number, run: () => void): void {
    const cancel = this.context.clock.after(milliseconds, () => {
      this.cancels.delete(cancel)
      if (!this.stopped) run()
    })
    this.cancels.add(cancel)
  }
}

function keyOfOwn({ step, term, value }: Vote): string {
  return `${term}/${step}/${value ?? ''}`
}

/** Votes of seats never change, and the same ones come again and again. */
const keyOf = remembered(({ step, term, seat, value }: Pick<SeatCertificate, 'step' | 'term' | 'seat' | 'value'>) => `${term}/${step}/${seat}/${value ?? ''}`)
