import { encodedLength } from '../../adapter/index.js'
import type { LaterRoster, Through } from '../../hierarchy/index.js'
import type { ContentId, PeerId } from '../../network/index.js'
import type { Library } from '../cluster/library.js'
import { say } from '../context.js'
import type { Context } from '../context.js'
import { RoundsError } from '../errors.js'
import type { Opened } from '../messages/wire.js'
import type { Offer, Stored } from '../records/cluster-record.js'
import { encodeCommit } from '../records/record-bytes.js'

import type { Below } from './below.js'
import type { LevelChain } from './level-chain.js'
import type { LevelCommit, LevelRecord } from '../records/level-record.js'
import { LaterRosters } from './later-rosters.js'
import { checkOfferBytes, dueOffer } from './report.js'
import type { CompleteReport, OfferBytes, Report } from './report.js'
import type { ReportSource, SeatReader } from './seat-reader.js'
import { Tellings } from './tellings.js'

interface Known {
  readonly report: CompleteReport
  /** Since when this peer has known of a report of that seat which no record had listed: milliseconds of its clock. */
  readonly since: number
}

/** What the seats report to the next round of a level: announced by gossip, pulled by hash, checked. */
export class Reports {
  /** The newest of each seat. */
  private readonly bySeat = new Map<string, Known>()
  private readonly rosters = new LaterRosters()
  /** Who has told of this peer's own cluster. */
  private readonly tellings = new Tellings()
  private readonly pulling = new Set<ContentId>()

  constructor(
    private readonly context: Context,
    private readonly library: Library,
    private readonly chain: LevelChain,
    private readonly seat: string,
    private readonly below: Below,
    private readonly reader: SeatReader,
  ) {}

  /**
   * Tells what this peer's own cluster reports, unless somebody has lately.
   *
   * @param patienceMs - how long others may be silent before this peer speaks
   */
  announce(patienceMs: number): void {
    const { context, chain, seat, below } = this
    const { tip, commit } = below
    const listed = chain.tip.record.seats.find((one) => one.seat === seat)
    if (commit === null || listed === undefined || tip.record.round <= listed.round) return
    const now = context.clock.now()
    if (!this.tellings.isDue(seat, tip.id, now, patienceMs)) return
    this.tellings.note(seat, tip.id, now)
    const commitId = this.library.offer(encodeCommit(commit))
    const { level, cluster } = chain
    say(context, cluster, 'report', { level, cluster: seat, round: tip.record.round, record: tip.id, commit: commitId })
  }

  /** What this peer's own cluster reports, as it is known here: nothing needs to be pulled. @returns whether it is news */
  async noteOwn(): Promise<boolean> {
    const { tip, commit } = this.below
    if (commit === null || this.bySeat.get(this.seat)?.report.stored.id === tip.id) return false
    await this.read({ seat: this.seat, record: tip.id, commit: this.library.offer(encodeCommit(commit)), holders: [] })
    if (this.bySeat.get(this.seat)?.report.stored.id !== tip.id) return false
    // Nobody has told of it yet: whose turn it is does so at once, the others wait for that.
    this.tellings.note(this.seat, tip.id, this.context.clock.now() - this.context.policy.heartbeatMs)
    return true
  }

  /** Pulls an announced report. @returns whether it is news */
  async receive({ peer, payload: { cluster: seat, round, record, commit } }: Opened<'report'>): Promise<boolean> {
    if (seat === this.seat) this.tellings.note(seat, record, this.context.clock.now())
    const known = this.bySeat.get(seat)
    if (known?.report.stored.id === record) return false
    if (this.pulling.has(record) || round <= (known?.report.stored.record.round ?? 0) || !this.chain.tip.record.seats.some((one) => one.seat === seat && one.round < round)) return false
    this.pulling.add(record)
    try {
      await this.read({ seat, record, commit, holders: [peer] })
      return true
    } finally {
      this.pulling.delete(record)
    }
  }

  /** A report that a proposed record lists: from memory, or from those who hold it. @throws RoundsError EVIDENCE_REFUSED; the transport's errors */
  async fetch(source: ReportSource): Promise<CompleteReport> {
    const known = this.bySeat.get(source.seat)?.report
    if (known?.stored.id === source.record && known.commit === source.commit) return this.completed(known, source.holders)
    return this.complete(await this.reader.read(this.chain.tip, source), source.holders)
  }

  /** Who speaks for a seat by its newest report that is known here. */
  membersOf(seat: string): readonly PeerId[] {
    return this.bySeat.get(seat)?.report.members ?? []
  }

  /** Rosters of a seat's reports since the one that a record of this level lists, the newest first. */
  rostersSince(parent: Stored<LevelRecord>, seat: string): readonly LaterRoster[] {
    return this.rosters.since(parent, seat)
  }

  /** The report by which the roster is proved that a certificate names; undefined where it has not been proved here. It stays while others may ask for it. */
  proofOf(parent: Stored<LevelRecord>, seat: string, through: Through): Report | undefined {
    const proof = this.rosters.get(parent, seat, through)
    if (proof !== undefined) this.rosters.hold(proof)
    return proof
  }

  /** The same, pulled where it is not here. @throws RoundsError EVIDENCE_REFUSED and others as readers do; the transport's errors */
  async prove(parent: Stored<LevelRecord>, seat: string, through: Through, holders: readonly PeerId[]): Promise<Report> {
    const known = this.proofOf(parent, seat, through)
    if (known !== undefined) return known
    const proof = await this.reader.read(parent, { seat, ...through, holders: [...new Set(holders)].filter((peer) => peer !== this.context.self) })
    this.rosters.hold(proof)
    return proof
  }

  /**
   * Reports that prove the rosters which a commit of the successor of `parent` names: from memory, or from those who signed and others who have proved them. What
   * cannot be had is left out.
   */
  async proofsOf(parent: Stored<LevelRecord>, commit: LevelCommit, holders: readonly PeerId[]): Promise<readonly Report[]> {
    const named = commit.seats.flatMap(({ seat, through, signatures }) => (through === undefined ? [] : [{ seat, through, signers: signatures.map(({ peer }) => peer) }]))
    const proofs = await Promise.all(named.map(async ({ seat, through, signers }): Promise<Report[]> => {
      try {
        return [await this.prove(parent, seat, through, [...holders, ...signers])]
      } catch {
        // The others may be enough; whether they are is for who asks to say.
        return []
      }
    }))
    return proofs.flat()
  }

  /** There is another record of this level. */
  turn(): void {
    this.rosters.turn()
  }

  /** Since when this peer has had what is due of a seat; undefined where there is nothing. */
  sinceOf(seat: string): number | undefined {
    return this.bySeat.get(seat)?.since
  }

  private listedRound(seat: string): number {
    return this.chain.tip.record.seats.find((one) => one.seat === seat)?.round ?? Infinity
  }

  /** What there is for the successor of the tip. */
  due(): CompleteReport[] {
    const { tip } = this.chain
    return [...this.bySeat.values()].map(({ report }) => report)
      .filter((report) => report.stored.record.round > this.listedRound(report.seat) && (dueOffer(tip, report) === undefined || report.offer !== null))
      .map((report) => (dueOffer(tip, report) === undefined ? { ...report, offer: null } : report))
  }

  private async read(source: ReportSource): Promise<void> {
    const report = await this.complete(await this.reader.read(this.chain.tip, source), source.holders)
    const before = this.bySeat.get(source.seat)
    const round = before?.report.stored.record.round ?? -1
    if (report.stored.record.round <= round) return
    const now = this.context.clock.now()
    const isWaiting = before !== undefined && round > this.listedRound(source.seat)
    this.bySeat.set(source.seat, { report, since: isWaiting ? before.since : now })
    this.rosters.add(report)
  }

  private async complete(report: Report, holders: readonly PeerId[]): Promise<CompleteReport> {
    return this.completed({ ...report, offer: null }, holders)
  }

  /** With the bytes of the offer that is due now: it may not have been when the report came in. */
  private async completed(report: CompleteReport, holders: readonly PeerId[]): Promise<CompleteReport> {
    const offer = dueOffer(this.chain.tip, report)
    if (offer === undefined) return { ...report, offer: null }
    if (report.offer !== null) return report
    return { ...report, offer: await this.bytesOf(report, offer, holders) }
  }

  private async bytesOf({ seat, stored }: Report, offer: Offer, holders: readonly PeerId[]): Promise<OfferBytes> {
    const { context, library } = this
    const size = encodedLength(context.length)
    const own = seat === this.seat && this.below.tip.id === stored.id ? this.below.state.offer : null
    const others = holders.filter((peer) => peer !== context.self)
    const content = own?.content ?? await library.get(offer.content, others, size)
    const velocity = own?.velocity ?? await library.get(offer.velocity, others, size)
    checkOfferBytes(seat, { offer, content, velocity }, context.length)
    return { offer, content, velocity }
  }
}

/** Where a record says that its reports come from. */
export function sourcesOf({ record: { entries } }: Stored<LevelRecord>, holders: readonly PeerId[]): ReportSource[] {
  if (new Set(entries.map(({ seat }) => seat)).size < entries.length || entries.length === 0) throw new RoundsError('EVIDENCE_REFUSED', 'a record of seats lists each seat once, and at least one')
  return entries.map(({ seat, record, commit }) => ({ seat, record, commit, holders }))
}
