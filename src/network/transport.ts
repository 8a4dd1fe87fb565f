import type { ContentId, PeerId } from '../identity/index.js'

export type { ContentId, PeerId }

/**
 * What the protocol needs of a network. `rounds/` and `hierarchy/` see only this: it is libp2p in a node, and memory in virtual time
 * in tests and in the simulator.
 *
 * Messages are small and may be lost, duplicated, delayed and reordered. Content is pulled by hash and is always what was asked for.
 */
export interface Transport {
  readonly self: PeerId
  /** Sends to every subscriber of a topic, best effort, never to oneself. Resolves with how many peers took it directly. */
  publish(topic: string, message: Uint8Array): Promise<number>
  /** @returns a function that ends the subscription */
  subscribe(topic: string, receive: (message: Uint8Array, from: PeerId) => void): () => void
  /** Makes bytes available to `pull` by their hash, until `withdraw`. */
  offer(bytes: Uint8Array): ContentId
  /**
   * Makes content available that is loaded only when somebody asks for it, until `withdraw`. Where the loader fails, or brings nothing or other bytes, the
   * content counts as absent.
   */
  offerStored(id: ContentId, load: Load): void
  /** Pulls that have begun go on: where they are slow, what they ask for may be withdrawn long before they are done. */
  withdraw(id: ContentId): void
  /**
   * Pulls content in chunks from the first holder that delivers it whole; resumes with the next holder where one stopped.
   *
   * @throws TransportError CONTENT_UNAVAILABLE, CONTENT_TOO_LARGE, ABORTED
   */
  pull(id: ContentId, holders: readonly PeerId[], options: PullOptions): Promise<Uint8Array>
  /** Tells the transport what the protocol thinks of a peer: 65536 is the best reputation, 0 a proved cheat. */
  rate(peer: PeerId, reputation: number): void
}

/** Brings content by its hash, from a disk for example; undefined where it is not there. */
export type Load = (id: ContentId) => Promise<Uint8Array | undefined>

export interface PullOptions {
  /** Nothing above this many bytes is accepted or allocated. */
  readonly maximumBytes: number
  readonly signal?: AbortSignal
}
