import { gossipsub } from '@libp2p/gossipsub'
import type { GossipSub } from '@libp2p/gossipsub'
import { circuitRelayServer, circuitRelayTransport } from '@libp2p/circuit-relay-v2'
import type { CircuitRelayService } from '@libp2p/circuit-relay-v2'
import type { ConnectionGater, Libp2p, Logger as LibraryLogger } from '@libp2p/interface'
import { ping } from '@libp2p/ping'
import type { Ping } from '@libp2p/ping'
import { tcp } from '@libp2p/tcp'
import { yamux } from '@libp2p/yamux'
import { createLibp2p } from 'libp2p'

import type { EpochKey, Identity } from '../../identity/index.js'
import type { ContentId, PeerId } from '../transport.js'

import { MAXIMUM_BUNDLE_BYTES } from './bundle.js'
import { encryptersOf } from './encryption.js'
import { Introduction } from './introduction.js'
import type { IntroductionParts } from './introduction.js'
import { noteProtocolsOnce } from './known-protocols.js'
import type { RelayLimits } from './options.js'
import { checkSignaturesQuickly, signingKeyOf } from './quick-keys.js'
import type { ListenerManager } from './relay-reservation.js'
import { READING } from './socket-use.js'
import type { WireCounter } from './wire-counter.js'

/** Bytes that an RPC takes besides its message: ids, signature, control messages of a full mesh. */
const RPC_OVERHEAD_BYTES = 64 * 1024

/** Sockets take this much before they ask to wait: with Node's 16 KiB, every frame of a pull would wait for the one before. */
const SOCKET_OPTIONS = { noDelay: true, highWaterMark: 1024 * 1024 }
const DIAL_OPTIONS = { ...SOCKET_OPTIONS, onread: READING }

/**
 * Who passes a message on to how many. Its author sends it to everybody who is connected and listens, so that in a cluster, whose members are all connected, meshes only carry copies:
 * gossipsub's own 6 (4 to 12) took a third more of a peer's time.
 */
const MESH = { D: 3, Dlo: 2, Dhi: 5, Dout: 1, Dlazy: 3 }

/** Only for larger messages it costs less to tell neighbours that one is here than to get it from them as well. */
const LARGE_MESSAGE_BYTES = 16 * 1024

/** A place at a relay must be renewed so often; one of a peer that vanished unseen is free by then. Milliseconds. */
const RESERVATION_MS = 15 * 60_000

/** Streams in which peers ask a relay for something, on one connection at a time. */
const RELAY_STREAMS = 16

export interface NodeServices extends Record<string, unknown> {
  introduction: Introduction
  ping: Ping
  pubsub: GossipSub
  listeners: ListenerManager
  /** Present where this peer serves as a relay. */
  relay?: CircuitRelayService
}

export type Libp2pNode = Libp2p<NodeServices>

export interface NodeOptions {
  readonly identity: Identity
  readonly networkId: ContentId
  readonly networkKeys?: readonly EpochKey[]
  /** Whether a key still counts; default all do. */
  readonly isKeyInUse?: (epoch: number) => boolean
  readonly listen: readonly string[]
  readonly announce: readonly string[]
  readonly maximumConnections: number
  /** Default 100. */
  readonly handshakesPerAddress?: number
  readonly relay?: RelayLimits
  /** Further rules, besides those on banned peers. */
  readonly gater?: ConnectionGater
  readonly gossipHeartbeatMs: number
  readonly scoreOf: (peer: PeerId) => number
  readonly isBanned: (peer: PeerId) => boolean
  readonly wire: WireCounter
}

/** libp2p makes a logger for each stream and connection, which costs some time also where nobody reads: only where somebody asks for what libp2p logs, by `DEBUG`. */
const QUIET: LibraryLogger = Object.assign(() => undefined, { error: () => undefined, trace: () => undefined, enabled: false, newScope: () => QUIET })

/** Copies of a message are known by its signature, before that is checked once more; only a message whose signature held is remembered by it. */
function signatureOf({ signature }: { readonly signature?: Uint8Array }): string {
  return signature === undefined ? '' : Buffer.from(signature.buffer, signature.byteOffset, signature.length).toString('latin1')
}

/**
 * A libp2p node with this project's stack: tcp, noise, yamux, ping, gossipsub. It is not started.
 *
 * @throws TransportError NETWORK_KEY_LENGTH
 */
export async function createNode(options: NodeOptions): Promise<Libp2pNode> {
  const { identity, listen, announce, maximumConnections, handshakesPerAddress = 100, relay, gater = {}, gossipHeartbeatMs, scoreOf, isBanned, wire } = options
  checkSignaturesQuickly()
  const refuse = (peer: { toString(): string }): boolean => isBanned(peer.toString())
  const node = await createLibp2p<NodeServices>({
    start: false,
    privateKey: signingKeyOf(identity),
    ...process.env['DEBUG'] === undefined ? { logger: { forComponent: () => QUIET } } : {},
    nodeInfo: { name: 'meshwright', version: '1' },
    addresses: { listen: [...listen], announce: [...announce] },
    transports: [tcp({ dialOpts: DIAL_OPTIONS, listenOpts: SOCKET_OPTIONS }), circuitRelayTransport({ maxInboundStopStreams: RELAY_STREAMS })],
    connectionEncrypters: encryptersOf(options),
    metrics: wire.metrics,
    streamMuxers: [wire.muxer(yamux({
      streamOptions: {
        // Chunks in flight fit in it, so that a pull never waits for window updates. Frames are as large as the window allows: this yamux ignores its `maxMessageSize`.
        initialStreamWindowSize: 1024 * 1024,
        maxStreamWindowSize: 4 * 1024 * 1024,
      },
    }))],
    connectionManager: {
      maxConnections: maximumConnections,
      // For each address and second.
      inboundConnectionThreshold: handshakesPerAddress,
      maxIncomingPendingConnections: 256,
      // Twice libp2p's: on a machine that trains, a handshake may have to wait, and one given up is begun anew.
      dialTimeout: 20_000,
      addressDialTimeout: 12_000,
      inboundUpgradeTimeout: 20_000,
      // `Connector` redials; two mechanisms would race.
      reconnectRetries: 0,
    },
    // `Liveness` pings instead: it leaves peers alone that are heard anyway, as in a transfer, behind which pings would queue.
    connectionMonitor: { enabled: false },
    connectionGater: {
      ...gater,
      denyDialPeer: refuse,
      denyInboundEncryptedConnection: refuse,
      denyOutboundEncryptedConnection: refuse,
      // libp2p's default refuses to dial loopback and private addresses in browsers only; companies use little else.
      denyDialMultiaddr: () => false,
    },
    services: {
      introduction: (parts: IntroductionParts) => new Introduction(parts),
      ping: ping({ protocolPrefix: 'meshwright' }),
      // Not the manager itself, which would be started twice.
      listeners: ({ transportManager }: { readonly transportManager: ListenerManager }) => ({
        listen: (addresses) => transportManager.listen(addresses),
        getListeners: () => transportManager.getListeners(),
      }),
      ...relay === undefined
        ? {}
        : {
            relay: circuitRelayServer({
              hopTimeout: 10_000,
              maxInboundHopStreams: RELAY_STREAMS,
              reservations: {
                maxReservations: relay.reservations,
                reservationTtl: RESERVATION_MS,
                defaultDataLimit: BigInt(relay.bytes),
                defaultDurationLimit: relay.durationMs,
              },
            }),
          },
      pubsub: gossipsub({
        runOnLimitedConnection: true,
        allowPublishToZeroTopicPeers: true,
        globalSignaturePolicy: 'StrictSign',
        emitSelf: false,
        // Who is kept and who is let in, `Connector` and `ConnectionLimits` decide.
        tagMeshPeers: false,
        // Encodes a message once instead of once for each neighbour.
        batchPublish: true,
        heartbeatInterval: gossipHeartbeatMs,
        ...MESH,
        fastMsgIdFn: signatureOf,
        idontwantMinDataSize: LARGE_MESSAGE_BYTES,
        maxInboundDataLength: MAXIMUM_BUNDLE_BYTES + RPC_OVERHEAD_BYTES,
        scoreParams: {
          appSpecificScore: scoreOf,
          appSpecificWeight: 1,
          // Peers of one company share an address: that alone is no sign of a swarm.
          IPColocationFactorWeight: 0,
        },
      }),
    },
  })
  const forget = noteProtocolsOnce(node.peerId, node.peerStore)
  node.addEventListener('peer:disconnect', ({ detail }) => forget(detail))
  return node
}
