import type { Cluster } from '../hierarchy/index.js'
import type { ContentId, PeerId } from '../network/index.js'

import type { RoundStore } from './ports.js'
import type { ClusterHeader } from './records/cluster-record.js'
import { lineageOf } from './records/split.js'

/** Where a peer goes that gives its cluster up. */
export interface Move {
  /** The founders' cluster with whose founding record the chain there begins. */
  readonly founded: Cluster
  /** The cluster that it asks to join: that one, or one that has split from it. */
  readonly cluster: string
  /** Splits in that cluster's past, as its newest record tells that is known. */
  readonly splits: number
  /** Whether this peer has signed something in the cluster that it gives up, so that it must never come back. */
  readonly hasSigned: boolean
}

/** The last move, as it is on disk. */
interface Saved {
  readonly network: ContentId
  readonly founded: string
  readonly cluster: string
  readonly splits: number
  readonly moves: number
  readonly givenUp: readonly string[]
}

interface Standing {
  readonly founded: Cluster
  readonly current: Cluster
  readonly splits: number
  /** How often this peer has moved. */
  readonly moves: number
  readonly givenUp: readonly string[]
}

const STATE = 'place'

/**
 * The cluster that a peer belongs to, or asks to join: another one from where its cluster splits and its half goes, or where it has given its cluster up.
 */
export class Place {
  private standing: Standing

  /** @param cluster - the founders' cluster in which the peer begins to look for its place */
  constructor(cluster: Cluster) {
    this.standing = { founded: cluster, current: cluster, splits: 0, moves: 0, givenUp: [] }
  }

  get cluster(): Cluster { return this.standing.current }
  /** Where the chain of the cluster begins. */
  get founded(): Cluster { return this.standing.founded }
  get hasMoved(): boolean { return this.standing.moves > 0 }
  /** Clusters in which this peer has signed something and signs nothing any more. */
  get givenUp(): readonly string[] { return this.standing.givenUp }

  /** Takes up a move of an earlier life. */
  async restore(store: RoundStore, network: ContentId, clusters: readonly Cluster[]): Promise<void> {
    const saved = await store.readState(STATE, { version: 1 }) as Saved | undefined
    const founded = clusters.find(({ id }) => id === saved?.founded)
    if (saved?.network !== network || founded === undefined) return
    const { cluster, splits, moves, givenUp } = saved
    this.standing = { founded, current: { ...founded, id: cluster }, splits, moves, givenUp }
  }

  /** Goes on in another cluster of the same domain, whose chain is the same up to a split. */
  goOnIn(id: string): void {
    this.standing = { ...this.standing, current: { ...this.standing.current, id } }
  }

  /**
   * Gives the cluster up for another one. Nothing is on disk before `keep`.
   *
   * @returns undoes it
   */
  moveTo({ founded, cluster, splits, hasSigned }: Move): () => void {
    const before = this.standing
    this.standing = {
      founded,
      current: { ...founded, id: cluster },
      splits,
      moves: before.moves + 1,
      givenUp: hasSigned ? [...before.givenUp, before.current.id] : before.givenUp,
    }
    return () => { this.standing = before }
  }

  async keep(store: RoundStore, network: ContentId): Promise<void> {
    const { founded, current, splits, moves, givenUp } = this.standing
    await store.writeState(STATE, 1, { network, founded: founded.id, cluster: current.id, splits, moves, givenUp: [...givenUp] } satisfies Saved)
  }

  /** What the state of a chain, or what was signed in it, is called on disk: another chain's must stay apart. */
  stateName(name: string): string {
    const { moves } = this.standing
    return moves === 0 ? name : `${name}-${moves}`
  }

  /**
   * Splits in a chain's past that say nothing of this peer's place, since it has not come there by their lots: where it has moved, all those before it was let in.
   *
   * @param tip - the last record that this peer has of the chain
   */
  splitsPassed(tip: Pick<ClusterHeader, 'cluster' | 'lineage'> & { readonly members: readonly { readonly peer: PeerId }[] }, self: PeerId): number {
    if (!this.hasMoved) return 0
    const { splits } = lineageOf(tip)
    return splits.length >= this.standing.splits && tip.members.some(({ peer }) => peer === self) ? splits.length : Infinity
  }
}
