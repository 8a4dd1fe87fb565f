import type { PeerId } from '../transport.js'

/** Counts the bulk transfers that run with each peer, in either direction. */
export class Transfers {
  private readonly running = new Map<PeerId, number>()

  /** @returns a function that says that the transfer is over */
  begin(peer: PeerId): () => void {
    this.running.set(peer, (this.running.get(peer) ?? 0) + 1)
    return () => {
      const left = this.running.get(peer)! - 1
      if (left > 0) this.running.set(peer, left)
      else this.running.delete(peer)
    }
  }

  has(peer: PeerId): boolean {
    return this.running.has(peer)
  }
}
