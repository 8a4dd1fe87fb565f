import { proposerOf } from '../../hierarchy/index.js'
import { encodeCanonical } from '../../identity/index.js'
import type { ContentId, PeerId } from '../../network/index.js'
import type { Library } from '../cluster/library.js'
import type { Context } from '../context.js'
import { RoundsError } from '../errors.js'
import { MAXIMUM_COMMIT_BYTES } from '../limits.js'
import type { Tip } from '../messages/fields.js'
import type { FullPoint, Stored } from '../records/cluster-record.js'
import type { FromAbove, RecordState, SettledOffer } from '../records/state.js'

import type { Below } from './below.js'
import { checkLevelCommit, checkLevelSuccessor } from './level-commit.js'
import { decodeLevelCommit, decodeLevelRecord } from './level-record.js'
import type { LevelCommit, LevelRecord } from './level-record.js'

/** How many rounds back the values stay: the clusters below may name any of these in their next record. */
const STATES_KEPT = 4
const RECORDS_KEPT = 512

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

  private constructor(private readonly context: Context, private readonly library: Library, readonly founding: Stored<LevelRecord>, state: RecordState | undefined) {
    this.last = founding
    this.records.set(founding.id, founding)
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
      for (let at = saved.tip; at !== founding.id && records.length < RECORDS_KEPT;) {
        const stored = decodeLevelRecord(await library.get(at, []))
        records.unshift(stored)
        if (stored.record.parent === null) break
        at = stored.record.parent
      }
      const commit = decodeLevelCommit(await library.get(saved.commit, []))
      await chain.moveTo(records, commit, await library.stateOf(records.at(-1)!.record, []))
    } catch {
      // What the disk has lost is fetched again from the others.
    }
    return chain
  }

  get level(): number { return this.founding.record.level }
  get cluster(): string { return this.founding.record.cluster }
  get tip(): Stored<LevelRecord> { return this.last }
  get commit(): LevelCommit | null { return this.lastCommit }
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
    await this.moveTo([stored], commit, state)
  }

  /**
   * Pulls and checks the records up to one that another peer announces, and goes on from it.
   *
   * @returns whether the chain has grown
   * @throws RoundsError CHAIN_REFUSED, COMMIT_REFUSED, RECORD_MALFORMED; the transport's errors
   */
  async follow(tip: Tip, holders: readonly PeerId[]): Promise<boolean> {
    const { last } = this
    const { verify } = this.context
    if (tip.round <= last.record.round || tip.commit === null) return false
    const records: Stored<LevelRecord>[] = []
    for (let at: ContentId | null = tip.record; at !== last.id;) {
      if (at === null || records.length > RECORDS_KEPT) throw new RoundsError('CHAIN_REFUSED', `the record ${tip.record.slice(0, 12)} of ${this.cluster} does not follow ${last.id.slice(0, 12)} of round ${last.record.round}`)
      const stored = decodeLevelRecord(await this.library.get(at, holders))
      if (stored.record.round <= last.record.round) throw new RoundsError('CHAIN_REFUSED', `the record ${tip.record.slice(0, 12)} of ${this.cluster} branches off before round ${last.record.round}, which is final`)
      records.unshift(stored)
      at = stored.record.parent
    }
    let before = last.record.parent === null ? undefined : this.records.get(last.record.parent)
    let parent = last
    for (const next of records) {
      checkLevelSuccessor(before, parent, next, verify)
      before = parent
      parent = next
    }
    const commit = decodeLevelCommit(await this.library.get(tip.commit, holders, MAXIMUM_COMMIT_BYTES))
    if (before === undefined) return false
    checkLevelCommit(before, parent, commit, verify)
    const state = await this.library.stateOf(parent.record, holders)
    // Meanwhile our own agreement may have ended.
    if (this.last.id !== last.id) return false
    await this.moveTo(records, commit, state)
    return true
  }

  /** What a record of this chain means for the chain of a seat that has taken over an older one. */
  aboveOf(id: ContentId, below: Below): FromAbove | undefined {
    const { tip } = below
    const stored = this.records.get(id)
    const state = this.states.get(id)?.state
    const known = tip.record.upper
    if (stored === undefined || state === undefined || stored.record.round <= known.round) return undefined
    const own = new Set(below.backTo(''))
    const news = this.newsOf(tip.record.cluster, known.record, id, (record) => own.has(record))
    return { round: stored.record.round, record: id, adapter: state.adapter, velocity: state.velocity, rollback: stored.record.rollback?.record ?? null, settled: news?.settled ?? [], listed: news?.listed ?? null }
  }

  /**
   * What records after `after` up to `upTo` say of a seat.
   *
   * @param isOwn - whether a record is of the chain in question: what is said of a branch that gave way does not hold for it
   * @returns undefined where these records are not known here
   */
  newsOf(seat: string, after: ContentId, upTo: ContentId, isOwn: (record: ContentId) => boolean): SeatNews | undefined {
    const settled: SettledOffer[] = []
    let listed: FullPoint | null = null
    for (let at = upTo; at !== after;) {
      const stored = this.records.get(at)
      if (stored === undefined) return undefined
      const entry = stored.record.entries.find((one) => one.seat === seat)
      if (entry !== undefined && isOwn(entry.record)) {
        if (entry.content !== null) settled.push({ content: entry.content, counted: entry.weight > 0 })
        const { record, round, members } = stored.record.seats.find((one) => one.seat === seat)!
        listed ??= { record, round, members }
      }
      if (stored.record.parent === null) return undefined
      at = stored.record.parent
    }
    return { settled, listed }
  }

  private async moveTo(records: readonly Stored<LevelRecord>[], commit: LevelCommit, state: RecordState): Promise<void> {
    if (records.length === 0) return
    const last = records.at(-1)!
    for (const { bytes } of records) await this.library.keep(bytes)
    await this.library.keepState(last.record, state)
    const commitId = await this.library.keep(encodeCanonical(commit))
    const before = this.commitId
    // All at once: who asks between two writes must not see the tip of one record with the commit of another.
    for (const stored of records) this.records.set(stored.id, stored)
    this.states.set(last.id, { record: last.record, state })
    this.last = last
    this.lastCommit = commit
    this.commitId = commitId
    await this.context.store.writeState(this.name, 1, { network: this.context.network, cluster: this.cluster, tip: last.id, commit: commitId })
    if (before !== null && before !== commitId) await this.library.release(before)
    for (const [id, { record }] of this.states) {
      if (this.states.size <= STATES_KEPT) break
      this.states.delete(id)
      await this.library.releaseState(record)
    }
    await this.forget()
  }

  private async forget(): Promise<void> {
    for (const id of this.records.keys()) {
      if (this.records.size <= RECORDS_KEPT) break
      this.records.delete(id)
      await this.library.release(id)
    }
  }
}
