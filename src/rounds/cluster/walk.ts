import type { ContentId, PeerId } from '../../network/index.js'
import type { Context } from '../context.js'
import { RoundsError } from '../errors.js'
import type { Stored } from '../records/cluster-record.js'

import type { Library } from './library.js'
import type { Linked } from './old-records.js'

/**
 * Records that a chain is walked back at most: a year of rounds of ten minutes, and some more. Of each, its id and its parent's stay in memory, 250 bytes;
 * headers beyond the newest pulled lie on disk. So the longest walk takes some 30 MB.
 */
export const RECORDS_AT_MOST = 60_000

/** Headers that stay in memory. Most walks are shorter, and never touch the disk. */
const HEADERS_HELD = 512

/** Bytes of headers on disk of walks that are not over: a chain of 128 members has some 2.4 GB in a year, one of eight 200 MB. */
const BYTES_AT_MOST = 4 * 1024 ** 3

/** Headers that are pulled in one go. Then others have their turn: a stranger's endless chain must not keep a peer from an honest one. */
const PULLED_IN_ONE_GO = 1024

/** Walks that are longer are told of, every so many records. */
export const TELL_EVERY = 256

interface Link {
  readonly parent: ContentId
  readonly round: number
  /** Bytes that this walk has put on disk; 0 where they are in memory or were there before. */
  spilled: number
}

export interface WalkPorts<Header extends Linked> {
  readonly decode: (bytes: Uint8Array) => Stored<Header>
  /** Nothing larger is pulled. */
  readonly maximumBytes: number
  /** Whether a record is one of our own chain. */
  isOwn(id: ContentId): boolean
  /** Earlier records that one names: they are pulled along with its parent. */
  hints(record: Header): readonly ContentId[]
  /** The round of our newest record. */
  round(): number
  /** @throws RoundsError CHAIN_REFUSED where a record cannot be of this chain */
  check(stored: Stored<Header>): void
  /** A long walk has come so far. */
  progress(records: number, of: number): void
}

/**
 * Follows links from a record back to one that is known, pulling headers alone. What was pulled stays until the walk is over, so that one that broke off
 * goes on where it was; also on disk, so that it does after a restart.
 */
export class Walk<Header extends Linked> {
  private readonly links = new Map<ContentId, Link>()
  private readonly held = new Map<ContentId, Stored<Header>>()
  private spilledBytes = 0
  /** Records before the one that was pulled last, as it names them. */
  private hints: readonly ContentId[] = []

  constructor(private readonly context: Pick<Context, 'store'>, private readonly library: Pick<Library, 'get'>, private readonly ports: WalkPorts<Header>) {}

  /**
   * The way to a record: ids from the first that is not of our own chain, the oldest first, and the one before it.
   *
   * @throws RoundsError CHAIN_REFUSED, RECORD_MALFORMED, CHAIN_UNFINISHED where others have their turn first; the transport's errors
   */
  async back(tip: ContentId, holders: readonly PeerId[]): Promise<{ readonly ids: ContentId[], readonly common: ContentId }> {
    const { ports } = this
    const ids: ContentId[] = []
    const fresh: ContentId[] = []
    let at = tip
    let before: Link | undefined
    let of = 0
    try {
      while (!ports.isOwn(at)) {
        const link: Link = this.links.get(at) ?? await this.pull(at, holders, fresh)
        of ||= Math.max(1, link.round - ports.round())
        if (before !== undefined && link.round !== before.round - 1) throw new RoundsError('CHAIN_REFUSED', `in the chain of ${tip.slice(0, 12)} round ${before.round} follows round ${link.round}`)
        if (of > RECORDS_AT_MOST || ids.length >= RECORDS_AT_MOST) throw new RoundsError('CHAIN_REFUSED', `the chain of ${tip.slice(0, 12)} does not go back to a record of this one within ${RECORDS_AT_MOST} records`)
        ids.push(at)
        if (of > TELL_EVERY && fresh.length > 0 && ids.length % TELL_EVERY === 0) ports.progress(ids.length, of)
        before = link
        at = link.parent
      }
    } catch (error) {
      if (error instanceof RoundsError && error.code !== 'CHAIN_UNFINISHED') await this.discard(fresh)
      throw error
    }
    return { ids: ids.reverse(), common: at }
  }

  /** A header of a way that was found. @throws RoundsError CHAIN_UNFINISHED where the disk has lost it: it is pulled again */
  async header(id: ContentId): Promise<Stored<Header>> {
    const held = this.held.get(id)
    if (held !== undefined) return held
    const bytes = await this.context.store.getBlob(id).catch(() => undefined)
    if (bytes !== undefined) return this.ports.decode(bytes)
    this.links.delete(id)
    throw new RoundsError('CHAIN_UNFINISHED', `the record ${id.slice(0, 12)} was pulled and is gone from the disk`)
  }

  /** Puts these on disk as far as they are not there: they become part of our own chain. */
  async write(ids: readonly ContentId[]): Promise<void> {
    for (const id of ids) {
      const stored = this.held.get(id)
      if (stored !== undefined) await this.context.store.putBlob(stored.bytes)
    }
  }

  /** Ends all walks: our own chain now holds what they have found. */
  clear(): void {
    this.links.clear()
    this.held.clear()
    this.spilledBytes = 0
  }

  /** Forgets records that belong to no chain of ours, also on disk. */
  async discard(ids: Iterable<ContentId>): Promise<void> {
    for (const id of ids) {
      const link = this.links.get(id)
      this.links.delete(id)
      this.held.delete(id)
      if (link === undefined || link.spilled === 0) continue
      this.spilledBytes -= link.spilled
      if (!this.ports.isOwn(id)) await this.context.store.deleteBlob(id)
    }
  }

  /** Pulls one record, and those before it of which it is known how they are called: a way of a year is long, one round trip at a time. */
  private async pull(id: ContentId, holders: readonly PeerId[], fresh: ContentId[]): Promise<Link> {
    const { ports } = this
    let stored = this.held.get(id)
    if (stored === undefined) {
      if (fresh.length >= PULLED_IN_ONE_GO) throw new RoundsError('CHAIN_UNFINISHED', `${this.links.size} records of another chain are here, the others come later`)
      if (this.links.size > 2 * RECORDS_AT_MOST || this.spilledBytes > BYTES_AT_MOST) await this.discard([...this.links.keys()])
      const others = this.hints.filter((one) => one !== id && !ports.isOwn(one) && !this.links.has(one) && !this.held.has(one))
      const [wanted] = await Promise.all([this.fetch(id, holders), ...others.map((one) => this.fetch(one, holders).catch(() => undefined))])
      stored = wanted
      this.held.set(id, stored)
    }
    const { record } = stored
    if (record.parent === null) throw new RoundsError('CHAIN_REFUSED', `the record ${id.slice(0, 12)} begins another chain`)
    ports.check(stored)
    const link: Link = { parent: record.parent, round: record.round, spilled: 0 }
    this.links.set(id, link)
    fresh.push(id)
    this.hints = ports.hints(record)
    await this.spill()
    return link
  }

  private async fetch(id: ContentId, holders: readonly PeerId[]): Promise<Stored<Header>> {
    const { ports, library, held } = this
    const stored = ports.decode(await library.get(id, holders, ports.maximumBytes))
    held.set(id, stored)
    return stored
  }

  /** The oldest that were pulled go to the disk. */
  private async spill(): Promise<void> {
    for (const [id, { bytes }] of this.held) {
      if (this.held.size <= HEADERS_HELD) break
      const link = this.links.get(id)
      if (link !== undefined) {
        await this.context.store.putBlob(bytes)
        link.spilled = bytes.length
        this.spilledBytes += bytes.length
      }
      this.held.delete(id)
    }
  }
}
