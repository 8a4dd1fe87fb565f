import { proposerOf } from '../../hierarchy/index.js'
import { encodeCanonical } from '../../identity/index.js'
import type { ContentId, PeerId } from '../../network/index.js'
import type { Chain } from '../cluster/chain.js'
import type { Library } from '../cluster/library.js'
import type { Context } from '../context.js'
import { RoundsError } from '../errors.js'
import { MAXIMUM_COMMIT_BYTES } from '../limits.js'
import type { Tip } from '../messages/fields.js'
import { bytesOf } from '../records/arrays.js'
import type { Stored } from '../records/cluster-record.js'
import type { FromAbove } from '../records/state.js'

import type { UpperState } from './compute-upper.js'
import { checkUpperCommit, checkUpperSuccessor, decodeUpperCommit, decodeUpperRecord } from './upper-record.js'
import type { UpperCommit, UpperRecord } from './upper-record.js'

/** How many rounds back the values from above stay: members of a cluster may name any of these in their next record. */
const STATES_KEPT = 4
const RECORDS_KEPT = 512

/** The records of the level above as this peer holds them. */
export class UpperChain {
  private readonly records = new Map<ContentId, Stored<UpperRecord>>()
  private readonly states = new Map<ContentId, UpperState>()
  private last: Stored<UpperRecord>
  private lastCommit: UpperCommit | null = null
  private commitId: ContentId | null = null

  private constructor(private readonly context: Context, private readonly library: Library, founding: Stored<UpperRecord>, state: UpperState) {
    this.last = founding
    this.records.set(founding.id, founding)
    this.states.set(founding.id, state)
  }

  static async open(context: Context, library: Library, founding: Stored<UpperRecord>, state: UpperState): Promise<UpperChain> {
    const chain = new UpperChain(context, library, founding, state)
    await chain.keepState(state)
    const saved = await context.store.readState('upper', { version: 1 }) as { network: ContentId, tip: ContentId, commit: ContentId } | undefined
    if (saved?.network !== context.network) return chain
    try {
      const records: Stored<UpperRecord>[] = []
      for (let at = saved.tip; at !== founding.id && records.length < RECORDS_KEPT;) {
        const stored = decodeUpperRecord(await library.get(at, []))
        records.unshift(stored)
        if (stored.record.parent === null) break
        at = stored.record.parent
      }
      const commit = decodeUpperCommit(await library.get(saved.commit, []))
      await chain.moveTo(records, commit, await chain.stateOf(records.at(-1)!.record, []))
    } catch {
      // What the disk has lost is fetched again from the other members.
    }
    return chain
  }

  get tip(): Stored<UpperRecord> { return this.last }
  get commit(): UpperCommit | null { return this.lastCommit }
  get state(): UpperState { return this.states.get(this.last.id)! }
  get announcement(): Tip { return { round: this.last.record.round, record: this.last.id, commit: this.commitId } }
  get head(): string | undefined { return this.lastCommit === null ? undefined : proposerOf(this.last.record.voters, this.lastCommit.term) }

  get(id: ContentId): Stored<UpperRecord> | undefined { return this.records.get(id) }

  async append(stored: Stored<UpperRecord>, commit: UpperCommit, state: UpperState): Promise<void> {
    if (stored.record.parent !== this.last.id) throw new RoundsError('CHAIN_REFUSED', `the root record ${stored.id.slice(0, 12)} does not follow ${this.last.id.slice(0, 12)}`)
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
    const records: Stored<UpperRecord>[] = []
    for (let at: ContentId | null = tip.record; at !== last.id;) {
      if (at === null || records.length > RECORDS_KEPT) throw new RoundsError('CHAIN_REFUSED', `the root record ${tip.record.slice(0, 12)} does not follow ${last.id.slice(0, 12)} of round ${last.record.round}`)
      const stored = decodeUpperRecord(await this.library.get(at, holders))
      if (stored.record.round <= last.record.round) throw new RoundsError('CHAIN_REFUSED', `the root record ${tip.record.slice(0, 12)} branches off before round ${last.record.round}, which is final`)
      records.unshift(stored)
      at = stored.record.parent
    }
    let before = last.record.parent === null ? undefined : this.records.get(last.record.parent)
    let parent = last
    for (const next of records) {
      checkUpperSuccessor(before, parent, next, verify)
      before = parent
      parent = next
    }
    const commit = decodeUpperCommit(await this.library.get(tip.commit, holders, MAXIMUM_COMMIT_BYTES))
    if (before === undefined) return false
    checkUpperCommit(before, parent, commit, verify)
    const state = await this.stateOf(parent.record, holders)
    // Meanwhile our own agreement may have ended.
    if (this.last.id !== last.id) return false
    await this.moveTo(records, commit, state)
    return true
  }

  /** What a record of this chain means for a cluster's chain that has taken over an older one. */
  aboveOf(id: ContentId, cluster: Chain): FromAbove | undefined {
    const stored = this.records.get(id)
    const state = this.states.get(id)
    const known = cluster.tip.record.upper
    if (stored === undefined || state === undefined || stored.record.round <= known.round) return undefined
    const own = new Set(cluster.backTo(''))
    const counted = this.counted(cluster.tip.record.cluster, known.record, id, (record) => own.has(record))
    return { round: stored.record.round, record: id, adapter: state.adapter, velocity: state.velocity, counted: counted ?? null }
  }

  /**
   * The last offer of a cluster that records after `after` up to `upTo` have counted.
   *
   * @param isOwn - whether a record is of the cluster's chain in question
   * @returns null where they counted none, undefined where they are not known here
   */
  counted(seat: string, after: ContentId, upTo: ContentId, isOwn: (record: ContentId) => boolean): FromAbove['counted'] | undefined {
    for (let at = upTo; at !== after;) {
      const stored = this.records.get(at)
      if (stored === undefined) return undefined
      const entry = stored.record.entries.find((one) => one.seat === seat && one.weight > 0)
      const listed = stored.record.seats.find((one) => one.seat === seat)
      if (entry !== undefined && listed !== undefined && isOwn(entry.record)) {
        return { content: entry.content, point: { record: listed.record, round: listed.round, members: listed.members } }
      }
      if (stored.record.parent === null) return undefined
      at = stored.record.parent
    }
    return null
  }

  private async stateOf(record: UpperRecord, holders: readonly PeerId[]): Promise<UpperState> {
    return { adapter: await this.library.values(record.adapter, holders), velocity: await this.library.values(record.velocity, holders) }
  }

  private async moveTo(records: readonly Stored<UpperRecord>[], commit: UpperCommit, state: UpperState): Promise<void> {
    if (records.length === 0) return
    for (const stored of records) {
      this.records.set(stored.id, stored)
      await this.library.keep(stored.bytes)
    }
    await this.keepState(state)
    const before = this.commitId
    this.commitId = await this.library.keep(encodeCanonical(commit))
    this.last = records.at(-1)!
    this.lastCommit = commit
    this.states.set(this.last.id, state)
    await this.context.store.writeState('upper', 1, { network: this.context.network, tip: this.last.id, commit: this.commitId })
    if (before !== null && before !== this.commitId) await this.library.release(before)
    for (const [id, old] of this.states) {
      if (this.states.size <= STATES_KEPT) break
      this.states.delete(id)
      for (const named of [old.adapter, old.velocity]) await this.library.release(named.id)
    }
  }

  private async keepState(state: UpperState): Promise<void> {
    for (const named of [state.adapter, state.velocity]) await this.library.keep(bytesOf(named.values))
  }
}
