import { proposerOf } from '../../hierarchy/index.js'
import type { Member } from '../../hierarchy/index.js'
import type { ContentId, PeerId } from '../../network/index.js'
import type { Context } from '../context.js'
import { RoundsError } from '../errors.js'
import type { Tip } from '../messages/fields.js'
import type { ClusterHeader, ClusterRecord, Commit, FullPoint, Stored, StoredRecord } from '../records/cluster-record.js'
import { fullPoint } from '../records/fullness.js'
import { decodeClusterHeader, decodeClusterRecord, decodeCommit, encodeCommit } from '../records/record-bytes.js'
import { lineageOf } from '../records/split.js'
import type { RecordState } from '../records/state.js'

import type { Library } from './library.js'
import { OldRecords } from './old-records.js'
import type { Placed } from './old-records.js'

/** How many commits are offered: whoever catches up has heard of one of the last. */
const COMMITS_KEPT = 8

/** How many records back the values stay: others may still pull them while they catch up. */
const STATES_KEPT = 2

/** Where a chain stands: the last record, its commit as far as it is known, and the values that it names. */
export interface Tail {
  readonly stored: StoredRecord
  /** Null for the founding record. It grows while further precommits come in. */
  readonly commit: Commit | null
  readonly state: RecordState
}

/** What a chain goes on with. */
export interface Continuation {
  /** Those before `records`, oldest first, whose headers are on disk already. */
  readonly older: readonly Placed[]
  /** The newest, oldest first, with bodies as far as they are known; the last one has its body. */
  readonly records: readonly (Stored<ClusterHeader> | StoredRecord)[]
  readonly last: StoredRecord
}

/** A cluster's records as this peer holds them, on disk and in memory. */
export class Chain {
  /** Each after those that it follows from. Only the newest have their bodies here. */
  private readonly records = new Map<ContentId, Stored<ClusterHeader>>()
  /** What is on disk alone. */
  private readonly old: OldRecords<ClusterHeader>
  /** Where those begin that an earlier life has left there. */
  private unfound: ContentId | null = null
  private readonly stated: ClusterRecord[] = []
  private commitId: ContentId | null = null
  private readonly commits: ContentId[] = []

  private readonly stateName: string

  private constructor(private readonly context: Context, private readonly library: Library, private tail: Tail) {
    this.stateName = context.place.stateName('chain')
    this.records.set(tail.stored.id, tail.stored)
    this.old = new OldRecords(context, decodeClusterHeader)
  }

  /** The chain as it was left on disk, or the founding one. */
  static async open(context: Context, library: Library, founding: StoredRecord, state: RecordState): Promise<Chain> {
    const chain = new Chain(context, library, { stored: founding, commit: null, state })
    const saved = await context.store.readState(context.place.stateName('chain'), { version: 1 }) as { tip: ContentId, commit: ContentId | null, cluster: string, network: ContentId } | undefined
    if (saved === undefined || saved.network !== context.network || saved.commit === null) {
      await chain.keepTail(chain.tail)
      return chain
    }
    const tip = await chain.loadOf(saved.tip, saved.cluster).catch(() => undefined)
    const commitBytes = await context.store.getBlob(saved.commit).catch(() => undefined)
    const kept = tip === undefined ? undefined : await library.stateOf(tip.record, []).catch(() => undefined)
    if (tip === undefined || commitBytes === undefined || kept === undefined) {
      // What the disk has lost is fetched again from the other members, as a newcomer would.
      await chain.keepTail(chain.tail)
      return chain
    }
    // Since a split this may be another one than the founders' that the peer came from.
    context.place.goOnIn(saved.cluster)
    const newest: (Stored<ClusterHeader> | StoredRecord)[] = []
    let parent: ContentId | null = null
    for (let at: Stored<ClusterHeader> | StoredRecord | undefined = tip; at !== undefined && newest.length < context.recordsKept;) {
      newest.push(at)
      parent = at.record.parent
      at = parent === null ? undefined : await chain.load(parent)
    }
    chain.records.clear()
    for (const stored of newest.reverse()) {
      chain.records.set(stored.id, stored)
      library.offerRecord(stored)
    }
    chain.unfound = parent
    await chain.keepTail({ stored: tip, commit: decodeCommit(commitBytes), state: kept })
    return chain
  }

  get tip(): StoredRecord { return this.tail.stored }
  get commit(): Commit | null { return this.tail.commit }
  get state(): RecordState { return this.tail.state }
  /** What a heartbeat tells others. */
  get announcement(): Tip { return { round: this.tip.record.round, record: this.tip.id, commit: this.commitId } }

  /** A record that is in memory: one of the newest. */
  get(id: ContentId): Stored<ClusterHeader> | undefined {
    return this.records.get(id)
  }

  /** Any record of this chain. */
  async find(id: ContentId): Promise<Stored<ClusterHeader> | undefined> {
    return this.records.get(id) ?? await this.old.load(id)
  }

  /** Tells whether records are of this chain as it is now, however old they are. */
  ownership(): (id: ContentId) => boolean {
    const newest = new Set(this.backTo(''))
    return (id) => newest.has(id) || this.old.has(id)
  }

  /** The records of this chain after one of it, oldest first. */
  async after(common: Stored<ClusterHeader>): Promise<Stored<ClusterHeader>[]> {
    const newest = this.backTo(common.id).reverse().map((id) => this.records.get(id)!)
    const records: Stored<ClusterHeader>[] = []
    for (const { id } of this.old.after(common.record.round)) {
      const stored = await this.old.load(id)
      if (stored !== undefined) records.push(stored)
    }
    return [...records, ...newest]
  }

  /** Finds what an earlier life has left on disk, in the background; until then it is not offered. */
  async findOld(): Promise<void> {
    await this.old.find(this.unfound)
  }

  /** The last full record: whose members sign for what follows. */
  get full(): FullPoint {
    return fullPoint(this.tip, this.commit)
  }

  /** The members of the last full record, with the standing that they had there. */
  membersAt(point: FullPoint): readonly Member[] {
    return this.records.get(point.record)?.record.members ?? this.tip.record.members
  }

  /** Who was head of a round, as its commit shows. */
  get head(): PeerId | undefined {
    const { voters } = this.tip.record
    return this.commit === null ? undefined : proposerOf(voters, this.commit.term)
  }

  /** Ids of the chain from the tip back to `stop`, the tip first. */
  backTo(stop: ContentId): ContentId[] {
    const ids: ContentId[] = []
    for (let at: Stored<ClusterHeader> | undefined = this.tip; at !== undefined && at.id !== stop; at = at.record.parent === null ? undefined : this.records.get(at.record.parent)) ids.push(at.id)
    return ids
  }

  /** Adds the record that was agreed on. */
  async append(stored: StoredRecord, commit: Commit, state: RecordState): Promise<void> {
    if (stored.record.parent !== this.tip.id) throw new RoundsError('CHAIN_REFUSED', `record ${stored.id.slice(0, 12)} does not follow ${this.tip.id.slice(0, 12)}`)
    await this.moveTo({ older: [], records: [stored], last: stored }, commit, state)
  }

  /** Goes on from another record, to which others lead from one of this chain. */
  async moveTo({ older, records, last }: Continuation, commit: Commit, state: RecordState): Promise<void> {
    for (const record of records) {
      this.records.set(record.id, record)
      await this.library.keepRecord(record)
    }
    const isOwn = this.ownership()
    await this.keepTail({ stored: last, commit, state })
    const [first] = older.length > 0 ? older : [{ round: records[0]!.record.round }]
    // What has given way is offered no more once it is as old as that.
    this.old.dropAfter(first.round - 1)
    if (older.length > 0) {
      const kept = new Set(records.map(({ id }) => id))
      for (const [id, stored] of this.records) if (!kept.has(id)) this.forgetOne(stored, isOwn(id) && stored.record.round < first.round)
      for (const one of older) this.old.add(one)
    }
    this.forget()
  }

  /** Notes further precommits under the tip: they show more members present, and may make a provisional record full. */
  async improve(commit: Commit): Promise<boolean> {
    if (commit.precommits.length <= (this.commit?.precommits.length ?? 0)) return false
    await this.save({ ...this.tail, commit })
    return true
  }

  private async keepTail(tail: Tail): Promise<void> {
    const { record } = tail.stored
    await this.library.keepState(record, tail.state)
    try {
      await this.save(tail)
    } catch (error) {
      await this.library.releaseState(record)
      throw error
    }
    this.stated.push(record)
    while (this.stated.length > STATES_KEPT) await this.library.releaseState(this.stated.shift()!)
  }

  /** The chain stands where its disk says: what could not be written has not happened. */
  private async save(tail: Tail): Promise<void> {
    const { stored, commit } = tail
    const commitId = commit === null ? null : await this.library.keep(encodeCommit(commit))
    await this.context.store.writeState(this.stateName, 1, { network: this.context.network, cluster: stored.record.cluster, tip: stored.id, commit: commitId })
    this.tail = tail
    this.commitId = commitId
    if (commitId !== null) this.commits.push(commitId)
    while (this.commits.length > COMMITS_KEPT) await this.library.release(this.commits.shift()!)
  }

  private async loadOf(id: ContentId, cluster: string): Promise<StoredRecord | undefined> {
    const stored = await this.load(id)
    const isOurs = stored?.record.cluster === cluster && lineageOf(stored.record).founded === lineageOf(this.tail.stored.record).founded
    return isOurs && 'body' in stored ? stored : undefined
  }

  /** From disk: with its body where that is there, too. Of those that were verified when this peer came it is not. */
  private async load(id: ContentId): Promise<Stored<ClusterHeader> | StoredRecord | undefined> {
    const kept = (one: ContentId): Promise<Uint8Array | undefined> => this.context.store.getBlob(one).catch(() => undefined)
    const bytes = await kept(id)
    if (bytes === undefined) return this.records.get(id)
    const header = decodeClusterHeader(bytes)
    const body = await kept(header.record.body)
    return body === undefined ? header : decodeClusterRecord(header, body)
  }

  private forget(): void {
    if (this.records.size <= this.context.recordsKept) return
    const own = new Set(this.backTo(''))
    for (const [id, stored] of this.records) {
      if (this.records.size <= this.context.recordsKept) break
      this.forgetOne(stored, own.has(id))
    }
  }

  /** Of our own chain, a record is offered from the disk from now on. */
  private forgetOne(stored: Stored<ClusterHeader>, isOwn: boolean): void {
    this.records.delete(stored.id)
    this.library.dropRecord(stored)
    if (isOwn) this.old.add({ id: stored.id, round: stored.record.round, body: stored.record.body })
  }
}
