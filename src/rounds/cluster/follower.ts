import type { ContentId, PeerId } from '../../network/index.js'
import { TransportError } from '../../network/index.js'
import { attempt } from '../context.js'
import type { Context } from '../context.js'
import { RoundsError } from '../errors.js'
import type { Tip } from '../messages/fields.js'
import { placeAfter } from '../records/split.js'
import type { RecordState } from '../records/state.js'

import { givesWay } from './catch-up.js'
import type { ForkReader, FullFork } from './catch-up.js'
import type { Chain } from './chain.js'
import type { Library } from './library.js'

export interface FollowerPorts {
  /** Goes on from another chain. */
  switchTo(fork: FullFork, state: RecordState): void
  refuse(peer: PeerId, error: unknown): void
  /** This peer's place is in another cluster, which has split from the one that it followed. */
  strayed(cluster: string): void
  /** Whether this peer has no round of its own to end first. */
  isJoining(): boolean
}

/** Times that a record one round ahead is heard of before it is pulled: usually our own agreement on it is just ending. */
const SIGHTINGS = 3

/** Of what is no fault of the other chain: it is looked at again. */
const LATER = new Set<string>(['EVIDENCE_REFUSED', 'CHAIN_UNFINISHED'])

/** Looks at what others say of their chains, and catches up with one that is ahead of ours or has precedence. */
export class Follower {
  private readonly sightings = new Map<ContentId, number>()
  /** Chains that have been looked at and give way to ours. */
  private readonly settled = new Set<string>()
  private isReading = false

  constructor(
    private readonly context: Context,
    private readonly library: Library,
    private readonly chain: Chain,
    private readonly reader: ForkReader,
    private readonly ports: FollowerPorts,
  ) {}

  hear(tip: Tip, peer: PeerId): void {
    const { chain } = this
    if (tip.round === 0 || this.isReading || chain.get(tip.record) !== undefined) return
    const key = `${chain.tip.id} ${tip.record}`
    if (this.settled.has(key)) return
    if (tip.round === chain.tip.record.round + 1 && !this.ports.isJoining() && this.sight(tip.record) < SIGHTINGS) return
    this.isReading = true
    attempt(this.context, 'another chain could not be had', async () => {
      try {
        await this.follow(tip, peer, key)
      } finally {
        this.isReading = false
      }
    })
  }

  /** Our chain has moved: judge others anew. */
  moved(): void {
    this.settled.clear()
    this.sightings.clear()
  }

  private async follow(tip: Tip, peer: PeerId, key: string): Promise<void> {
    const { library, reader } = this
    try {
      const fork = await reader.read(tip, [peer])
      const place = placeAfter(this.context.self, fork.theirs.records.at(-1)?.record, this.context.place.splitsPassed(this.chain.tip.record, this.context.self))
      if (place !== undefined) {
        this.settled.add(key)
        if (place !== this.context.cluster.id) this.ports.strayed(place)
        return
      }
      if (!givesWay(fork)) {
        this.settled.add(key)
        return
      }
      const last = fork.theirs.records.at(-1)!
      const signers = fork.theirs.commit!.precommits.map((one) => one.peer)
      const holders = [...new Set([peer, ...signers])].filter((one) => one !== this.context.self)
      // First what others forget first.
      const state = await library.stateOf(last.record, holders)
      const full = await reader.complete(fork, holders)
      reader.clear()
      this.ports.switchTo(full, state)
    } catch (error) {
      // The other chain has moved on meanwhile, it is long, or we lack a record from above: heartbeats will tell.
      if (error instanceof TransportError || (error instanceof RoundsError && LATER.has(error.code))) return
      this.settled.add(key)
      this.ports.refuse(peer, error)
    }
  }

  private sight(record: ContentId): number {
    const count = (this.sightings.get(record) ?? 0) + 1
    this.sightings.set(record, count)
    return count
  }
}
