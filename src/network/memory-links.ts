import type { Clock } from '../telemetry/index.js'
import type { ContentId, PeerId } from './transport.js'

/** One peer's side of a link. */
export interface LinkedPeer {
  readonly self: PeerId
  /** Content that it would serve to another peer. */
  serves(id: ContentId, to: PeerId): Uint8Array | undefined | Promise<Uint8Array | undefined>
  /** Whether it serves a peer nothing at all. */
  refuses(peer: PeerId): boolean
  receive(topic: string, message: Uint8Array, from: PeerId): void
}

/** Counted for one peer over all its lives. */
export interface Traffic {
  messagesSent: number
  messagesReceived: number
  bytesSent: number
  bytesReceived: number
}

/** What a peer in memory knows of the others. */
export interface MemoryLinks {
  readonly clock: Clock
  readonly bandwidth: number
  readonly silenceMs: number
  /** Whether messages and content are handed over without a copy. */
  readonly isShared: boolean
  nameOf(bytes: Uint8Array): ContentId
  delay(from: PeerId, to: PeerId): number
  trafficOf(peer: PeerId): Traffic
  connected(from: PeerId, to: PeerId): boolean
  live(peer: PeerId): LinkedPeer | undefined
  subscribers(topic: string): ReadonlySet<LinkedPeer>
  subscribe(topic: string, peer: LinkedPeer): void
  unsubscribe(topic: string, peer: LinkedPeer): void
  /** How many copies of a message reach one receiver. */
  copies(): number
}
