import { proposerOf } from '../../hierarchy/index.js'
import type { ContentId, PeerId } from '../../network/index.js'
import type { Library } from '../cluster/library.js'
import { OldRecords } from '../cluster/old-records.js'
import type { Placed } from '../cluster/old-records.js'
import { TELL_EVERY, Walk } from '../cluster/walk.js'
import type { Context } from '../context.js'
import { RoundsError } from '../errors.js'
import { MAXIMUM_COMMIT_BYTES, MAXIMUM_RECORD_BYTES } from '../limits.js'
import type { Tip } from '../messages/fields.js'
import type { FullPoint, Stored } from '../records/cluster-record.js'
import { encodeCommit } from '../records/record-bytes.js'
import type { FromAbove, RecordState, SettledOffer } from '../records/state.js'

import type { Below } from './below.js'
import { checkLevelCommit, checkLevelSuccessor } from './level-commit.js'
import type { ProvedRosters } from './level-commit.js'
import { decodeLevelCommit, decodeLevelRecord } from '../records/level-record.js'
import type { LevelCommit, LevelRecord } from '../records/level-record.js'

/** How many rounds back the values stay: the clusters below may name any of these in their next record. */
const STATES_KEPT = 4

/** What records between two say of one seat. */
export interface SeatNews {
  readonly settled: readonly SettledOffer[]
  readonly listed: FullPoint | null
}

/** The records of a cluster of seats as this peer holds them. */
export class LevelChain {
  private readonly records = new Map<ContentId, Stored<LevelRecord>>()
  private readonly states = new Map<ContentId, { readonly record: LevelRecord, readonly state: RecordState }>()
  private last: Stored<LevelRecord>
  private lastCommit: LevelCommit | null = null
  private commitId: ContentId | null = null
  /** The last commit with the votes that came after the decision: the next record carries it, since it shows more seats present. */
  private grown: LevelCommit | null = null
  /** What is on disk alone. */
  private readonly old: OldRecords<LevelRecord>
  /** Where those begin that an earlier life has left there. */
  private unfound: ContentId | null = null
  private readonly walk: Walk<LevelRecord>
  /** Records that follow from one of ours, of those that were pulled. */
  private readonly checked = new Set<ContentId>()

  private constructor(private readonly context: Context, private readonly library: Library, readonly founding: Stored<LevelRecord>, state: RecordState | undefined) {
    this.last = founding
    this.records.set(founding.id, founding)
    this.old = new OldRecords(context, decodeLevelRecord)
    this.walk = new Walk(context, library, {
      decode: decodeLevelRecord,
      maximumBytes: MAXIMUM_RECORD_BYTES,
      isOwn: (id) => id === this.last.id,
      hints: ({ ancestors }) => ancestors,
      round: () => this.last.record.round,
      check: (stored) => this.checkPlace(stored),
      progress: (records, of) => this.tell('pulled', records, of),
    })
    if (state !== undefined) this.states.set(founding.id, { record: founding.record, state })
  }

  /**
   * The chain as it was left on disk, or the founding one.
   *
   * @param state - the values of the founding record; undefined for a top that was founded long before this peer came: it follows until it has others
   */
  static async open(context: Context, library: Library, founding: Stored<LevelRecord>, state: RecordState | undefined): Promise<LevelChain> {
    const chain = new LevelChain(context, library, founding, state)
    if (state !== undefined) await library.keepState(founding.record, state)
    library.offer(founding.bytes)
    const saved = await context.store.readState(chain.name, { version: 1 }) as { network: ContentId, cluster: string, tip: ContentId, commit: ContentId } | undefined
    if (saved?.network !== context.network || saved.cluster !== founding.record.cluster) return chain
    try {
      const records: Stored<LevelRecord>[] = []
      for (let at = saved.tip; at !== founding.id && records.length < context.recordsKept;) {
        const stored = decodeLevelRecord(await library.get(at, []))
        records.unshift(stored)
        if (stored.record.parent === null) break
        chain.unfound = stored.record.parent
        at = stored.record.parent
      }
      const commit = decodeLevelCommit(await library.get(saved.commit, []))
      await chain.moveTo([], records, commit, await library.stateOf(records.at(-1)!.record, []))
    } catch {
      // What the disk has lost is fetched again from the others.
    }
    return chain
  }

  get level(): number { return this.founding.record.level }
  get cluster(): string { return this.founding.record.cluster }
  get tip(): Stored<LevelRecord> { return this.last }
  get commit(): LevelCommit | null { return this.lastCommit }
  /** What the next record carries. */
  get carried(): LevelCommit | null { return this.grown ?? this.lastCommit }
  /** @throws RoundsError EVIDENCE_REFUSED where the chain has not been followed beyond a founding record whose values are not here */
  get state(): RecordState {
    const known = this.states.get(this.last.id)?.state
    if (known === undefined) throw new RoundsError('EVIDENCE_REFUSED', `the values of round ${this.last.record.round} of ${this.cluster} are not here yet`)
    return known
  }

  get announcement(): Tip { return { round: this.last.record.round, record: this.last.id, commit: this.commitId } }
  /** The seat whose proposal became the last record. */
  get head(): string | undefined { return this.lastCommit === null ? undefined : proposerOf(this.last.record.voters, this.lastCommit.term) }

  private get name(): string { return `level-${this.level}` }

  get(id: ContentId): Stored<LevelRecord> | undefined { return this.records.get(id) }

  backTo(stop: ContentId): ContentId[] {
    const ids: ContentId[] = []
    for (let at: Stored<LevelRecord> | undefined = this.last; at !== undefined && at.id !== stop; at = at.record.parent === null ? undefined : this.records.get(at.record.parent)) ids.push(at.id)
    return ids
  }

  async append(stored: Stored<LevelRecord>, commit: LevelCommit, state: RecordState): Promise<void> {
    if (stored.record.parent !== this.last.id) throw new RoundsError('CHAIN_REFUSED', `the record ${stored.id.slice(0, 12)} of ${this.cluster} does not follow ${this.last.id.slice(0, 12)}`)
    await this.moveTo([], [stored], commit, state)
  }

  /** Notes further seats' votes for the last record. */
  improve(record: ContentId, commit: LevelCommit): void {
    if (record === this.last.id && commit.seats.length > (this.carried?.seats.length ?? 0)) this.grown = commit
  }

  /**
   * Pulls and checks the records up to one that another peer announces, and goes on from it. A long chain comes in several goes.
   *
   * @param prove - finds the rosters that the last record's commit names
   * @returns whether the chain has grown
   * @throws RoundsError CHAIN_REFUSED, CHAIN_UNFINISHED, COMMIT_REFUSED, RECORD_MALFORMED; the transport's errors
   */
  async follow(tip: Tip, holders: readonly PeerId[], prove: (parent: Stored<LevelRecord>, commit: LevelCommit) => Promise<ProvedRosters>): Promise<boolean> {
    const { last } = this
    const { library, walk, checked, context: { verify, recordsKept } } = this
    if (tip.round <= last.record.round || tip.commit === null) return false
    // First what others forget first.
    const commit = decodeLevelCommit(await library.get(tip.commit, holders, MAXIMUM_COMMIT_BYTES))
    const { ids } = await walk.back(tip.record, holders)
    if (this.last.id !== last.id) return false
    const older: Placed[] = []
    const records: Stored<LevelRecord>[] = []
    let before = last.record.parent === null ? undefined : await this.find(last.record.parent)
    let parent = last
    try {
      for (const [at, id] of ids.entries()) {
        const next = await walk.header(id)
        if (!checked.has(id)) checkLevelSuccessor(before, parent, next, verify)
        checked.add(id)
        records.push(next)
        if (records.length > recordsKept) {
          const { id: oldest, record: { round } } = records.shift()!
          older.push({ id: oldest, round })
        }
        if (ids.length > TELL_EVERY && (at + 1) % TELL_EVERY === 0) this.tell('checked', at + 1, ids.length)
        before = parent
        parent = next
      }
      if (before === undefined) return false
      checkLevelCommit(before, parent, commit, verify, await prove(before, commit))
    } catch (error) {
      if (error instanceof RoundsError && error.code !== 'CHAIN_UNFINISHED') await walk.discard(ids.filter((id) => !checked.has(id)))
      throw error
    }
    const state = await library.stateOf(parent.record, holders)
    await walk.write(older.map(({ id }) => id))
    // Meanwhile our own agreement may have ended.
    if (this.last.id !== last.id) return false
    walk.clear()
    checked.clear()
    await this.moveTo(older, records, commit, state)
    return true
  }

  /** Any record of this chain. */
  private async find(id: ContentId): Promise<Stored<LevelRecord> | undefined> {
    return this.records.get(id) ?? await this.old.load(id)
  }

  /** Finds what an earlier life has left on disk, in the background; until then it is not offered. */
  async findOld(): Promise<void> {
    await this.old.find(this.unfound)
  }

  private checkPlace({ id, record }: Stored<LevelRecord>): void {
    const { last, context } = this
    const { network, cluster, level } = last.record
    if (network !== context.network || record.network !== network || record.cluster !== cluster || record.level !== level) throw new RoundsError('CHAIN_REFUSED', `the record ${id.slice(0, 12)} of round ${record.round} is of another cluster than ${this.cluster}`)
    if (record.round > last.record.round) return
    if (this.records.has(id)) throw new RoundsError('CHAIN_UNFINISHED', `the record ${id.slice(0, 12)} of ${this.cluster} has been agreed on here meanwhile`)
    throw new RoundsError('CHAIN_REFUSED', `the record ${id.slice(0, 12)} of ${this.cluster} is of a chain that branches off before round ${last.record.round}, which is final`)
  }

  private tell(step: 'pulled' | 'checked', records: number, of: number): void {
    this.context.events.emit('chain:walked', { cluster: this.cluster, step, records, of })
  }

  /** What a record of this chain means for the chain of a seat that has taken over an older one. */
  aboveOf(id: ContentId, below: Below): FromAbove | undefined {
    const { tip } = below
    const stored = this.records.get(id)
    const state = this.states.get(id)?.state
    const known = tip.record.upper
    if (stored === undefined || state === undefined || stored.record.round <= known.round) return undefined
    const own = new Set(below.backTo(''))
    const news = this.newsInMemory(tip.record.cluster, known.record, id, (record) => own.has(record))
    return { round: stored.record.round, record: id, adapter: state.adapter, velocity: state.velocity, rollback: stored.record.rollback?.record ?? null, settled: news?.settled ?? [], listed: news?.listed ?? null }
  }

  /**
   * What records after `after` up to `upTo` say of a seat.
   *
   * @param isOwn - whether a record is of the chain in question: what is said of a branch that gave way does not hold for it
   * @returns undefined where these records are not known here
   */
  async newsOf(seat: string, after: ContentId, upTo: ContentId, isOwn: (record: ContentId) => boolean): Promise<SeatNews | undefined> {
    const known = this.newsInMemory(seat, after, upTo, isOwn)
    if (known !== undefined) return known
    const news = new News(seat, isOwn)
    for (let at: ContentId | null = upTo; at !== after;) {
      const stored: Stored<LevelRecord> | undefined = at === null ? undefined : await this.find(at)
      if (stored === undefined) return undefined
      news.add(stored.record)
      at = stored.record.parent
    }
    return news
  }

  /** The same where all these records are among the newest. */
  private newsInMemory(seat: string, after: ContentId, upTo: ContentId, isOwn: (record: ContentId) => boolean): SeatNews | undefined {
    const news = new News(seat, isOwn)
    for (let at: ContentId | null = upTo; at !== after;) {
      const stored: Stored<LevelRecord> | undefined = at === null ? undefined : this.records.get(at)
      if (stored === undefined) return undefined
      news.add(stored.record)
      at = stored.record.parent
    }
    return news
  }

  /** @param older - records before these, oldest first, that are on disk already */
  private async moveTo(older: readonly Placed[], records: readonly Stored<LevelRecord>[], commit: LevelCommit, state: RecordState): Promise<void> {
    if (records.length === 0) return
    const last = records.at(-1)!
    const before = this.commitId
    const commitId = await this.write(records, commit, state)
    // All at once: who asks between two writes must not see the tip of one record with the commit of another.
    if (older.length > 0) for (const stored of this.records.values()) this.forgetOne(stored)
    for (const one of older) this.old.add(one)
    for (const stored of records) this.records.set(stored.id, stored)
    this.states.set(last.id, { record: last.record, state })
    this.last = last
    this.lastCommit = commit
    this.grown = null
    this.commitId = commitId
    if (before !== null && before !== commitId) await this.library.release(before)
    for (const [id, { record }] of this.states) {
      if (this.states.size <= STATES_KEPT) break
      this.states.delete(id)
      await this.library.releaseState(record)
    }
    for (const stored of this.records.values()) {
      if (this.records.size <= this.context.recordsKept) break
      this.forgetOne(stored)
    }
  }

  /** Puts all on disk, the tip last: what could not be written has not happened. @returns the commit's id */
  private async write(records: readonly Stored<LevelRecord>[], commit: LevelCommit, state: RecordState): Promise<ContentId> {
    const { library, context, cluster } = this
    const last = records.at(-1)!
    const kept: ContentId[] = []
    let isStateKept = false
    try {
      for (const { bytes } of records) kept.push(await library.keep(bytes))
      await library.keepState(last.record, state)
      isStateKept = true
      const commitId = await library.keep(encodeCommit(commit))
      kept.push(commitId)
      await context.store.writeState(this.name, 1, { network: context.network, cluster, tip: last.id, commit: commitId })
      return commitId
    } catch (error) {
      for (const id of kept) await library.release(id)
      if (isStateKept) await library.releaseState(last.record)
      throw error
    }
  }

  /** A record is offered from the disk from now on. The founding one every peer makes for itself. */
  private forgetOne(stored: Stored<LevelRecord>): void {
    const { id, record } = stored
    this.records.delete(id)
    this.library.drop(id)
    if (id !== this.founding.id) this.old.add({ id, round: record.round })
  }
}

/** What records say of one seat, told from the newest back. */
class News implements SeatNews {
  readonly settled: SettledOffer[] = []
  listed: FullPoint | null = null

  constructor(private readonly seat: string, private readonly isOwn: (record: ContentId) => boolean) {}

  add({ entries, seats }: LevelRecord): void {
    const entry = entries.find((one) => one.seat === this.seat)
    if (entry === undefined || !this.isOwn(entry.record)) return
    if (entry.content !== null) this.settled.push({ content: entry.content, counted: entry.weight > 0 })
    // With the record that closes a seat nothing is listed for it any more.
    const own = seats.find((one) => one.seat === this.seat)
    if (own !== undefined) this.listed ??= { record: own.record, round: own.round, members: own.members }
  }
}
