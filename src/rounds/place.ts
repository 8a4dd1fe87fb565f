import type { Cluster } from '../hierarchy/index.js'

/** The cluster that a peer belongs to, or asks to join: another one from where its cluster splits and its half goes. */
export class Place {
  /** @param cluster - the founders' cluster in which the peer begins to look for its place */
  constructor(private current: Cluster) {}

  get cluster(): Cluster { return this.current }

  /** Goes on in another cluster of the same domain. */
  goOnIn(id: string): void {
    this.current = { ...this.current, id }
  }
}
