import type { Genesis } from '../../config/index.js'
import type { EpochKey, Identity } from '../../identity/index.js'
import type { Clock, Logger, Metrics, Random, TypedEvents } from '../../telemetry/index.js'
import type { ContentId, PeerId, Transport } from '../transport.js'

import type { Reach } from './reachability.js'

export interface TransportLimits {
  /** Connections beyond this are refused; default 128. */
  readonly maximumConnections: number
  /** Inbound connections from one IP address beyond this are refused; default half of all, since a company's peers may share one. */
  readonly connectionsPerAddress: number
  /** Inbound connections from one IP address that may begin a handshake each second; default 100. */
  readonly handshakesPerAddress: number
  /** With so many peers connected, no further ones are looked for; default 12. */
  readonly targetPeers: number
  /** A silent peer is pinged after so many milliseconds; default 10000. */
  readonly pingMs: number
  /** and given up after two pings without an answer for so many milliseconds each; default 5000. */
  readonly pingTimeoutMs: number
  /** gossipsub's heartbeat, milliseconds; default 1000. Longer costs less when idle, and meshes form more slowly. */
  readonly gossipHeartbeatMs: number
  /** A pull without a byte for so many milliseconds goes on with the next holder; default 5000. */
  readonly pullSilenceMs: number
  /** Chunk size of pulls: 256, 512 or 1024 KiB, in bytes; default 256 KiB. */
  readonly chunkBytes: number
  /** Bytes of content a second that are served to one peer; default no limit. */
  readonly servedBytesPerSecond: number
  /** Content above so many bytes is not pulled through a relay; default 4 MiB. */
  readonly relayedPullBytes: number
}

/** What a relay does for others. */
export interface RelayLimits {
  /** Peers that may be reached through it at once. */
  readonly reservations: number
  /** Of these, from one IP address. */
  readonly reservationsPerAddress: number
  /** Relayed connections that one peer may have at once. */
  readonly connectionsPerPeer: number
  /** Bytes that one relayed connection may carry, in both directions together. */
  readonly bytes: number
  /** Milliseconds after which a relayed connection ends. */
  readonly durationMs: number
}

/** A pull that was served from here, whole or not. */
export interface Served {
  readonly peer: PeerId
  readonly content: ContentId
  /** Bytes of the whole content. */
  readonly contentBytes: number
  /** Bytes of it that were sent: fewer where the puller went away or already had the rest from another holder. */
  readonly bytes: number
}

/** A message that no peer took when it was published, and some did when it was tried again. */
export interface SentLater {
  readonly topic: string
  readonly message: Uint8Array
  readonly recipients: number
}

/** Nobody speaks `identify` any more; ledgers of earlier versions hold it. */
export type WireProtocol = 'gossip' | 'pull' | 'discovery' | 'hello' | 'identify' | 'ping' | 'other'

/** Bytes that left since the transport was made. */
export interface WireTraffic {
  /** Handed to the sockets: everything but the headers of TCP and IP. */
  readonly socketBytes: number
  /** Of these, before encryption: streams with their frames and window updates. */
  readonly plainBytes: number
  /** Of these, what each protocol wrote. */
  readonly protocols: Readonly<Partial<Record<WireProtocol, number>>>
}

export interface Libp2pTransportOptions {
  readonly identity: Identity
  readonly networkId: ContentId
  /** Shown to strangers, so that both sides can say which field differs. Without it they learn the id only. */
  readonly genesis?: Genesis
  /** Keys of a private network, the newest first: whoever has none of them cannot complete the handshake. Of the keys that two peers share, the newest is used. */
  readonly networkKeys?: readonly EpochKey[]
  /** When the older ones of these keys stop counting; milliseconds of the clock, default never. */
  readonly olderKeysUntil?: number
  /** Multiaddrs; default one free port on loopback. With none, this peer is reached over connections that it opened itself. */
  readonly listen?: readonly string[]
  /** Addresses to tell others instead of those listened on. */
  readonly announce?: readonly string[]
  /** First peers to ask for others. None of them need be up. */
  readonly bootstrap?: readonly string[]
  /** Peers to stay connected to. */
  readonly staticPeers?: readonly string[]
  /** The owners' credential for this peer. */
  readonly credential?: Uint8Array
  /** Whom to let in; by default all peers of the network. */
  readonly admission?: PeerAdmission
  readonly limits?: Partial<TransportLimits>
  /** Given to a peer that shall serve as a relay for others; without it, it does not. */
  readonly relay?: RelayLimits
  /** Told to others, at most 64 characters. */
  readonly software?: string
  readonly clock?: Clock
  /** Milliseconds since 1970 by the machine's clock as it is set now, to compare with others'; default `Date.now`. */
  readonly wallTime?: () => number
  readonly random?: Random
  readonly log?: Logger
  readonly metrics?: Metrics
  /** Called at the end of each pull of which something was sent. */
  readonly onServed?: (served: Served) => void
  readonly onSentLater?: (sent: SentLater) => void
}

/** Whom a peer lets in. */
export interface PeerAdmission {
  /** Whether nothing is taken from a peer, also not by way of others. */
  isRevoked(peer: PeerId): boolean
  /** Whether a peer may be dialled at all. */
  mayConnect(peer: PeerId): boolean
  /**
   * Checks a peer that greeted, with the credential that it showed.
   *
   * @throws Error that says to both sides why the peer is not admitted, and what to do
   */
  check(peer: PeerId, credential: Uint8Array | null): void
}

export interface ConnectedPeer {
  readonly peer: PeerId
  readonly address: string
  readonly direction: 'inbound' | 'outbound'
  /** Milliseconds of the clock. */
  readonly since: number
  readonly software: string
  /** Whether it is reached through a relay: gossip then runs over it, and bulk only where no other holder is left. */
  readonly relayed: boolean
  /** Milliseconds of the first exchange; only where this side began it. */
  readonly roundTripMs?: number
  /** By how many milliseconds the peer's clock is ahead of this one's, give or take the round trip. */
  readonly skewMs: number
}

/** How a bootstrap peer stands. Moments are milliseconds of the clock. */
export interface BootstrapState {
  readonly peer: PeerId
  readonly addresses: readonly string[]
  /** Absent while it is not connected. */
  readonly connectedSince?: number
  readonly roundTripMs?: number
  readonly skewMs?: number
  /** The last failure, also of a peer that is connected again. */
  readonly lastError?: { readonly message: string, readonly at: number }
  /** When it is dialled next; absent while it is connected. */
  readonly nextTryAt?: number
  /** Why it does not serve as this peer's relay, where it was asked to. */
  readonly relayProblem?: string
}

/** Whether others can connect to this peer. */
export interface ReachState {
  /** By themselves: `public` where a peer outside has done so, `private` where it could not, `unknown` until one has tried. */
  readonly reach: Reach
  /** The relay through which it can be reached. */
  readonly relay?: PeerId
}

/** A peer that was not let in, or did not let us in, and why. */
export interface Refusal {
  readonly peer: PeerId
  readonly address: string
  readonly reason: string
  /** False where the connection may only have been too slow. */
  readonly lasting: boolean
  /** Milliseconds of the clock. */
  readonly at: number
}

export interface TransportEvents {
  'peer:up': ConnectedPeer
  'peer:down': { readonly peer: PeerId }
  'peer:refused': Refusal
}

/** A transport over real connections. */
export interface Libp2pTransport extends Transport {
  readonly events: TypedEvents<TransportEvents>
  /** Full addresses under which others reach this peer. */
  addresses(): string[]
  /** Peers of this network that are connected now. */
  peers(): ConnectedPeer[]
  /** How each bootstrap peer stands, in the order of the settings. */
  bootstraps(): BootstrapState[]
  reachability(): ReachState
  /** What has left, also after `stop`. */
  traffic(): WireTraffic
  /** The last refusals, newest last. */
  refusals(): Refusal[]
  /**
   * Names the peers to stay connected to beyond the target, such as those of one's cluster: gossip runs along connections only.
   * They are dialled as soon as their addresses are known. Replaces those named before.
   */
  keepConnected(peers: readonly PeerId[]): void
  /**
   * Connects to a peer by its full address and waits until it has let us in.
   *
   * @throws TransportError ADDRESS_INVALID, PEER_UNREACHABLE, NETWORK_MISMATCH
   */
  dial(address: string): Promise<PeerId>
  /** Asks `admission` again about every connected peer, and parts from those that it no longer admits, with its reason. Done by itself once a minute, too. */
  reviewPeers(): void
  /** Shows another credential from now on, such as a renewed one. */
  showCredential(credential: Uint8Array | null): void
  /** Ends everything; pulls that run end with ABORTED. */
  stop(): Promise<void>
}
