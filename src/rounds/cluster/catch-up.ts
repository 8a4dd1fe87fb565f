import type { ContentId, PeerId } from '../../network/index.js'
import type { Context } from '../context.js'
import { RoundsError } from '../errors.js'
import { MAXIMUM_COMMIT_BYTES } from '../limits.js'
import type { Tip } from '../messages/fields.js'
import { topMadeBy } from '../levels/first-top.js'
import type { ClusterHeader, Commit, FullPoint, StoredRecord } from '../records/cluster-record.js'
import { checkCommit, checkSuccessor } from '../records/commit.js'
import { compareBranches, hasFull } from '../records/precedence.js'
import type { Branch } from '../records/precedence.js'
import { decodeCommit } from '../records/record-bytes.js'
import { decidedOf, lineageOf } from '../records/split.js'

import type { Chain } from './chain.js'
import type { Library } from './library.js'

/** Records that are walked back at most to find the last one in common. */
const RECORDS_AT_MOST = 4096

export interface Fork {
  /** The last record that both chains share. */
  readonly common: StoredRecord
  /** The provisional records up to it. */
  readonly shared: readonly StoredRecord[]
  readonly theirs: Branch
  readonly ours: Branch
}

/** Pulls other chains of the cluster and checks them. What was pulled stays for a while, so that a second try has only the newest left to get. */
export class ForkReader {
  private readonly pulled = new Map<ContentId, StoredRecord>()

  constructor(
    private readonly context: Context,
    private readonly library: Library,
    private readonly chain: Chain,
    /** What the records above between two have made full of a chain; undefined where they are not known here. */
    private readonly listed: (seat: string, after: ContentId, upTo: ContentId, isOwn: (record: ContentId) => boolean) => FullPoint | null | undefined,
    /** A record that is agreed on has made the first level above. */
    private readonly topFound: (split: StoredRecord, holders: readonly PeerId[]) => Promise<void>,
  ) {}

  /**
   * Pulls another chain back to the last record that ours shares with it, and checks it from there: links, voters and a quorum's signatures at each step.
   *
   * @throws RoundsError CHAIN_REFUSED, COMMIT_REFUSED, RECORD_MALFORMED; the transport's errors
   */
  async read(tip: Tip, holders: readonly PeerId[]): Promise<Fork> {
    const { context, library, chain } = this
    if (tip.commit === null) throw new RoundsError('CHAIN_REFUSED', `the record ${tip.record.slice(0, 12)} of round ${tip.round} comes without a commit`)
    // First what others forget first.
    const commit = decodeCommit(await library.get(tip.commit, holders, MAXIMUM_COMMIT_BYTES))
    const own = new Set(chain.backTo(''))
    const { founded } = lineageOf(chain.tip.record)
    const records: StoredRecord[] = []
    let at: ContentId = tip.record
    while (!own.has(at)) {
      const stored = await this.record(at, holders)
      const { network, parent } = stored.record
      // Before a split, a chain has another name.
      if (network !== context.network || lineageOf(stored.record).founded !== founded || parent === null || records.length >= RECORDS_AT_MOST) {
        throw new RoundsError('CHAIN_REFUSED', `the chain of ${tip.record.slice(0, 12)} does not go back to a record of this cluster within ${RECORDS_AT_MOST} records`)
      }
      records.push(stored)
      at = parent
    }
    records.reverse()
    const common = chain.get(at)!
    const theirs = new Set(chain.backTo('').slice(chain.backTo(common.id).length))
    let parent = common
    let top: StoredRecord | undefined
    for (const next of records) {
      if (top !== undefined) await this.findTop(top, next.record.carried, holders)
      top = topMadeBy(parent.record, next) === undefined ? undefined : next
      checkSuccessor(parent, next, top === undefined ? this.listedBetween(parent.record, decidedOf(next).record, theirs) : null, context.verify)
      theirs.add(next.id)
      parent = next
    }
    const last = records.at(-1)
    if (last !== undefined) checkCommit(last, commit, context.verify)
    if (top !== undefined) await this.findTop(top, commit, holders)
    const ours = chain.backTo(common.id).reverse().map((id) => chain.get(id)!)
    return { common, shared: this.provisionalUpTo(common), theirs: { records, commit }, ours: { records: ours, commit: chain.commit } }
  }

  /** Forgets what was pulled: the chain now holds what it needed. */
  clear(): void {
    this.pulled.clear()
  }

  private async findTop(split: StoredRecord, commit: Commit | null, holders: readonly PeerId[]): Promise<void> {
    if (commit === null) throw new RoundsError('CHAIN_REFUSED', `the record ${split.id.slice(0, 12)} of round ${split.record.round} makes a level above without a commit`)
    checkCommit(split, commit, this.context.verify)
    await this.topFound(split, holders)
  }

  private provisionalUpTo(common: StoredRecord): StoredRecord[] {
    const records: StoredRecord[] = []
    for (let at: StoredRecord | undefined = common; at !== undefined && at.record.base !== null && at.record.round > common.record.base!.round;) {
      records.push(at)
      at = at.record.parent === null ? undefined : this.chain.get(at.record.parent)
    }
    return records.reverse()
  }

  private listedBetween({ upper: before }: ClusterHeader, { cluster, upper, round }: ClusterHeader, own: ReadonlySet<ContentId>): FullPoint | null {
    if (before.record === upper.record) return null
    const point = this.listed(cluster, before.record, upper.record, (record) => own.has(record))
    if (point === undefined) throw new RoundsError('EVIDENCE_REFUSED', `round ${round} has taken over round ${upper.round} of the level above, which is not known here yet`)
    return point
  }

  private async record(id: ContentId, holders: readonly PeerId[]): Promise<StoredRecord> {
    const known = this.chain.get(id) ?? this.pulled.get(id)
    if (known !== undefined) return known
    const stored = await this.library.record(id, holders)
    this.pulled.set(id, stored)
    return stored
  }
}

/** Whether the other chain goes on and ours gives way. A full record never gives way. */
export function givesWay({ theirs, ours, shared }: Fork): boolean {
  return theirs.records.length > 0 && !hasFull(ours) && compareBranches(theirs, ours, shared) < 0
}
