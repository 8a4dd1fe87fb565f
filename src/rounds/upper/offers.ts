import { encodedLength } from '../../adapter/index.js'
import { contentId, encodeCanonical } from '../../identity/index.js'
import type { ContentId, PeerId } from '../../network/index.js'
import type { Chain } from '../cluster/chain.js'
import type { Library } from '../cluster/library.js'
import { say } from '../context.js'
import type { Context } from '../context.js'
import { MAXIMUM_COMMIT_BYTES } from '../limits.js'
import type { Opened } from '../messages/wire.js'
import type { ClusterHeader, Commit, Stored } from '../records/cluster-record.js'
import { decodeClusterHeader, decodeCommit } from '../records/record-bytes.js'

import { checkOffer } from './compute-upper.js'
import type { CheckedOffer } from './compute-upper.js'
import type { UpperRecord } from './upper-record.js'

/** The offers of all clusters to the next round above: announced by gossip, pulled by hash, checked. */
export class Offers {
  private readonly byRecord = new Map<ContentId, CheckedOffer>()
  private readonly pulling = new Set<ContentId>()
  private readonly leaving: ContentId[] = []

  constructor(private readonly context: Context, private readonly library: Library, private readonly chain: Chain) {}

  /** Announces what this peer's cluster offers, as long as no record above has answered. */
  async announce(root: string, parent: Stored<UpperRecord>): Promise<void> {
    const own = this.own(parent)
    if (own === undefined) return
    const { stored, commit } = own
    const commitId = this.library.offer(encodeCanonical(commit))
    say(this.context, root, 'offer', { cluster: this.context.cluster.id, round: stored.record.round, record: stored.id, commit: commitId })
    await this.keep({ seat: this.context.cluster.id, stored, commit, commitId, holders: [] })
  }

  /** Pulls an announced offer. @returns whether it is news */
  async receive({ peer, payload }: Opened<'offer'>): Promise<boolean> {
    if (this.byRecord.has(payload.record) || this.pulling.has(payload.record)) return false
    return await this.fetch(payload.cluster, payload.record, payload.commit, [peer]) !== undefined
  }

  /** An offer that a record lists: from memory, or from those who hold it. */
  async fetch(seat: string, record: ContentId, commitId: ContentId, holders: readonly PeerId[]): Promise<CheckedOffer | undefined> {
    const known = this.byRecord.get(record)
    if (known?.commitId === commitId) return known
    this.pulling.add(record)
    try {
      const stored = known?.stored ?? decodeClusterHeader(await this.library.get(record, holders))
      const commit = decodeCommit(await this.library.get(commitId, holders, MAXIMUM_COMMIT_BYTES))
      return await this.keep({ seat, stored, commit, commitId, holders: [...holders, ...commit.precommits.map(({ peer }) => peer)].filter((peer) => peer !== this.context.self) })
    } finally {
      this.pulling.delete(record)
    }
  }

  /** The newest offer of each seat that may be made to the successor of `parent`. */
  admissible(parent: Stored<UpperRecord>): CheckedOffer[] {
    const newest = new Map<string, CheckedOffer>()
    for (const offer of this.byRecord.values()) {
      const before = newest.get(offer.seat)
      if (before !== undefined && before.stored.record.round >= offer.stored.record.round) continue
      try {
        checkOffer(parent, offer, this.context.length, this.context.verify)
        newest.set(offer.seat, offer)
      } catch {
        // Counted already, or not for this round.
      }
    }
    return [...newest.values()]
  }

  /** Forgets what a record above has settled; the bytes stay for one round more, for those who catch up. */
  async settle({ record }: Stored<UpperRecord>): Promise<void> {
    for (const id of this.leaving.splice(0)) {
      this.library.drop(id)
      await this.context.store.deleteBlob(id)
    }
    const rounds = new Map(record.seats.map(({ seat, round }) => [seat, round]))
    for (const [id, offer] of this.byRecord) {
      if ((offer.stored.record.offer?.round ?? 0) > (rounds.get(offer.seat) ?? 0)) continue
      this.byRecord.delete(id)
      // What is our own cluster's belongs to its chain.
      if (offer.seat !== this.context.cluster.id) this.leaving.push(id, offer.commitId, contentId(offer.content), contentId(offer.velocity))
    }
  }

  /**
   * The record that carries this cluster's open offer, and its commit: the one that made it or, where too few had agreed on that one, the newest, which
   * carries it on.
   */
  private own(parent: Stored<UpperRecord>): Pick<CheckedOffer, 'stored' | 'commit'> | undefined {
    const { tip, commit, state } = this.chain
    const { offer } = tip.record
    if (offer === null || state.offer === null || commit === null) return undefined
    const newest = { stored: tip, commit }
    let made: { stored: Stored<ClusterHeader>, commit: Commit | null } = newest
    while (made.stored.record.round > offer.round) {
      const before = this.chain.get(made.stored.record.parent ?? '')
      if (before === undefined) return newest
      made = { stored: before, commit: made.stored.record.carried }
    }
    if (made.commit === null) return newest
    const { content, velocity } = state.offer
    try {
      checkOffer(parent, { seat: this.context.cluster.id, stored: made.stored, commit: made.commit, commitId: '', content, velocity }, this.context.length, this.context.verify)
      return { stored: made.stored, commit: made.commit }
    } catch {
      return newest
    }
  }

  private async keep({ holders, ...offer }: Omit<CheckedOffer, 'content' | 'velocity'> & { readonly holders: readonly PeerId[] }): Promise<CheckedOffer | undefined> {
    const { record, id } = { record: offer.stored.record, id: offer.stored.id }
    if (record.offer === null) return undefined
    const size = encodedLength(this.context.length)
    const content = await this.library.get(record.offer.content, holders, size)
    const velocity = await this.library.get(record.offer.velocity, holders, size)
    const known = this.byRecord.get(id)
    const kept: CheckedOffer = { ...offer, content, velocity }
    if (known === undefined) {
      // Passed on, so that one holder's end does not end the offer.
      for (const bytes of [content, velocity, offer.stored.bytes, encodeCanonical(offer.commit)]) this.library.offer(bytes)
      this.byRecord.set(id, kept)
    }
    return kept
  }
}
