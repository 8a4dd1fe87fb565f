import type { ContentId, PeerId } from '../../network/index.js'
import type { Context } from '../context.js'
import { RoundsError } from '../errors.js'
import { LATE_ROUNDS, MAXIMUM_COMMIT_BYTES, MAXIMUM_HEADER_BYTES } from '../limits.js'
import type { Tip } from '../messages/fields.js'
import { topMadeBy } from '../records/first-top.js'
import type { ClusterHeader, Commit, FullPoint, Stored, StoredRecord } from '../records/cluster-record.js'
import { checkCommit, checkSuccessor } from '../records/commit.js'
import { compareStandings, hasFull, standingOf, StandingOfLong } from '../records/precedence.js'
import type { Branch, Standing } from '../records/precedence.js'
import { decodeClusterHeader, decodeClusterRecord, decodeCommit } from '../records/record-bytes.js'
import { decidedOf, lineageOf } from '../records/split.js'

import type { Chain, Continuation } from './chain.js'
import type { Library } from './library.js'
import type { Placed } from './old-records.js'
import { TELL_EVERY, Walk } from './walk.js'

export interface Fork {
  /** The last record that both chains share. */
  readonly common: Stored<ClusterHeader>
  /** The provisional records up to it. */
  readonly shared: readonly Stored<ClusterHeader>[]
  readonly theirs: TheirBranch
  readonly ours: Branch
}

/** Another chain beyond the record in common. It may be long, so of most of its records only their place is held. */
export interface TheirBranch {
  /** All but the newest, oldest first; their headers are on disk. */
  readonly older: readonly Placed[]
  /** The newest, oldest first. */
  readonly records: readonly Stored<ClusterHeader>[]
  readonly commit: Commit | null
  readonly standing: Standing
  /** Its records that split the cluster. */
  readonly splits: readonly Stored<ClusterHeader>[]
}

/** A fork with the bodies that a peer needs to go on from it. */
export interface FullFork extends Fork {
  readonly theirs: TheirBranch & Continuation & {
    /** Those with their bodies, oldest first: in these, own deltas may have been settled, and those of a part of ours that gives way. */
    readonly settling: readonly StoredRecord[]
  }
}

/** Records at either end of another chain whose bodies are pulled: a delta from before it, or from its last rounds, may still count in them. */
const BODIES = LATE_ROUNDS + 2

/** Pulls other chains of the cluster and checks them. What was pulled stays for a while, so that a second try has only the newest left to get. */
export class ForkReader {
  private readonly walk: Walk<ClusterHeader>
  /** Records that follow from one of ours, of those that were pulled. */
  private readonly checked = new Set<ContentId>()
  private isOwn: (id: ContentId) => boolean = () => false

  constructor(
    private readonly context: Context,
    private readonly library: Library,
    private readonly chain: Chain,
    /** What the records above between two have made full of a chain; undefined where they are not known here. */
    private readonly listed: (seat: string, after: ContentId, upTo: ContentId, isOwn: (record: ContentId) => boolean) => Promise<FullPoint | null | undefined>,
    /** A record that is agreed on has made the first level above. */
    private readonly topFound: (split: Stored<ClusterHeader>, holders: readonly PeerId[]) => Promise<void>,
  ) {
    this.walk = new Walk(context, library, {
      decode: decodeClusterHeader,
      maximumBytes: MAXIMUM_HEADER_BYTES,
      isOwn: (id) => this.isOwn(id),
      hints: ({ starts }) => starts.map(({ record }) => record),
      round: () => chain.tip.record.round,
      check: (stored) => {
        // Before a split, a chain has another name.
        if (stored.record.network !== context.network || lineageOf(stored.record).founded !== lineageOf(chain.tip.record).founded) {
          throw new RoundsError('CHAIN_REFUSED', `the record ${stored.id.slice(0, 12)} of round ${stored.record.round} is of another cluster`)
        }
      },
      progress: (records, of) => this.tell('pulled', records, of),
    })
  }

  /**
   * Pulls the headers of another chain back to the last record that ours shares with it, and checks it from there: links, voters and a quorum's signatures at
   * each step. A long one comes in several goes.
   *
   * @throws RoundsError CHAIN_REFUSED, CHAIN_UNFINISHED, COMMIT_REFUSED, RECORD_MALFORMED; the transport's errors
   */
  async read(tip: Tip, holders: readonly PeerId[]): Promise<Fork> {
    const { context, library, chain, walk, checked } = this
    if (tip.commit === null) throw new RoundsError('CHAIN_REFUSED', `the record ${tip.record.slice(0, 12)} of round ${tip.round} comes without a commit`)
    // First what others forget first.
    const commit = decodeCommit(await library.get(tip.commit, holders, MAXIMUM_COMMIT_BYTES))
    this.isOwn = chain.ownership()
    const isOwn = this.isOwn
    const way = await walk.back(tip.record, holders)
    const common = await chain.find(way.common)
    if (common === undefined) throw new RoundsError('CHAIN_UNFINISHED', `the record ${way.common.slice(0, 12)} is of our chain and cannot be read`)
    const ours = await chain.after(common)
    const beyond = new Set(ours.map(({ id }) => id))
    const theirs = new Set<ContentId>()
    const isTheirs = (id: ContentId): boolean => theirs.has(id) || (isOwn(id) && !beyond.has(id))
    const older: Placed[] = []
    const records: Stored<ClusterHeader>[] = []
    const splits: Stored<ClusterHeader>[] = []
    const standing = new StandingOfLong()
    let parent = common
    let top: Stored<ClusterHeader> | undefined
    try {
      for (const id of way.ids) {
        const next = await walk.header(id)
        if (top !== undefined) await this.findTop(top, next.record.carried, holders)
        top = topMadeBy(parent.record, next) === undefined ? undefined : next
        if (!checked.has(id)) {
          checkSuccessor(parent, next, top === undefined ? await this.listedBetween(parent.record, decidedOf(next).record, isTheirs) : null, context.verify)
          // What made a top was only checked once that is known.
          if (top === undefined) checked.add(id)
        }
        theirs.add(id)
        standing.add(next)
        if (next.record.split !== undefined) splits.push(next)
        records.push(next)
        if (records.length > context.recordsKept) {
          const { id: oldest, record: { round, body } } = records.shift()!
          older.push({ id: oldest, round, body })
        }
        if (way.ids.length > TELL_EVERY && theirs.size % TELL_EVERY === 0) this.tell('checked', theirs.size, way.ids.length)
        parent = next
      }
      const last = records.at(-1)
      if (last !== undefined) checkCommit(last, commit, context.verify)
      if (top !== undefined) await this.findTop(top, commit, holders)
    } catch (error) {
      // What follows from ours may be of an honest chain from which another branches off.
      if (error instanceof RoundsError && (error.code === 'CHAIN_REFUSED' || error.code === 'COMMIT_REFUSED')) await walk.discard(way.ids.filter((id) => !checked.has(id)))
      throw error
    }
    return {
      common,
      shared: await this.provisionalUpTo(common),
      theirs: { older, records, commit, standing: standing.end(commit), splits },
      ours: { records: ours, commit: chain.commit },
    }
  }

  /** Pulls the bodies that are needed to go on from a chain. @throws RoundsError RECORD_MALFORMED; the transport's errors */
  async complete(fork: Fork, holders: readonly PeerId[]): Promise<FullFork> {
    const { library, context, walk } = this
    const { older, records, standing, splits, commit } = fork.theirs
    const all = [...older, ...records]
    const settling = new Map<ContentId, StoredRecord>()
    for (const { id } of new Set([...all.slice(0, BODIES), ...all.slice(-BODIES)])) {
      const header = records.find((one) => one.id === id) ?? await walk.header(id)
      try {
        settling.set(id, decodeClusterRecord(header, await library.get(header.record.body, holders)))
      } catch (error) {
        // Who has come later than that itself has no bodies of the first ones. Where nothing of ours gives way, they are not needed for certain.
        if (fork.ours.records.length > 0 || id === records.at(-1)!.id || context.signal.aborted) throw error
      }
    }
    await walk.write(older.map(({ id }) => id))
    const kept = new Set(older.map(({ id }) => id))
    for (const { id, body } of settling.values()) if (kept.has(id)) await context.store.putBlob(body)
    const last = settling.get(records.at(-1)!.id)!
    return { ...fork, theirs: { older, records: records.map((one) => settling.get(one.id) ?? one), last, standing, splits, commit, settling: [...settling.values()] } }
  }

  /** Forgets what was pulled: the chain now holds what it needed. */
  clear(): void {
    this.walk.clear()
    this.checked.clear()
  }

  private tell(step: 'pulled' | 'checked', records: number, of: number): void {
    this.context.events.emit('chain:walked', { cluster: this.context.cluster.id, step, records, of })
  }

  private async findTop(split: Stored<ClusterHeader>, commit: Commit | null, holders: readonly PeerId[]): Promise<void> {
    if (commit === null) throw new RoundsError('CHAIN_REFUSED', `the record ${split.id.slice(0, 12)} of round ${split.record.round} makes a level above without a commit`)
    checkCommit(split, commit, this.context.verify)
    await this.topFound(split, holders)
  }

  private async provisionalUpTo(common: Stored<ClusterHeader>): Promise<Stored<ClusterHeader>[]> {
    const records: Stored<ClusterHeader>[] = []
    for (let at: Stored<ClusterHeader> | undefined = common; at !== undefined && at.record.base !== null && at.record.round > common.record.base!.round;) {
      records.push(at)
      at = at.record.parent === null ? undefined : await this.chain.find(at.record.parent)
    }
    return records.reverse()
  }

  private async listedBetween({ upper: before }: ClusterHeader, { cluster, upper, round }: ClusterHeader, isOwn: (record: ContentId) => boolean): Promise<FullPoint | null> {
    if (before.record === upper.record) return null
    const point = await this.listed(cluster, before.record, upper.record, isOwn)
    if (point === undefined) throw new RoundsError('EVIDENCE_REFUSED', `round ${round} has taken over round ${upper.round} of the level above, which is not known here yet`)
    return point
  }
}

/** Whether the other chain goes on and ours gives way. A full record never gives way. */
export function givesWay({ theirs, ours, shared }: Fork): boolean {
  return theirs.records.length > 0 && !hasFull(ours) && compareStandings(theirs.standing, standingOf(ours), shared) < 0
}
