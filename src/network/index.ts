/**
 * How bytes move between peers: small signed messages by gossip, content by hash in chunks.
 *
 * The protocol sees `Transport` only: libp2p in a node, memory in virtual time in tests and in the simulator.
 */
import './polyfill.js'

export type { ContentId, PeerId, PullOptions, Transport } from './transport.js'
export { MAXIMUM_MESSAGE_BYTES } from './constants.js'
export { TransportError } from './errors.js'
export type { TransportErrorCode } from './errors.js'
export { createMemoryNetwork } from './memory.js'
export type { Latency, MemoryNetwork, MemoryNetworkOptions } from './memory.js'
export type { Traffic } from './memory-links.js'
export { createLibp2pTransport } from './libp2p/create-transport.js'
export type {
  BootstrapState, ConnectedPeer, Libp2pTransport, Libp2pTransportOptions, PeerAdmission, ReachState, Refusal, RelayLimits, SentLater, Served, TransportEvents, TransportLimits, WireProtocol,
  WireTraffic,
} from './libp2p/options.js'
