import { networkId as idOf } from '../../config/index.js'
import { encodeCanonical } from '../../identity/index.js'
import { createMetrics, silentLogger, systemClock, TypedEvents } from '../../telemetry/index.js'
import { CHUNK_BYTES, PULL_SILENCE_MS } from '../constants.js'
import { TransportError } from '../errors.js'
import type { PeerId } from '../transport.js'

import { AddressBook } from './address-book.js'
import { sealAddresses } from './address-record.js'
import { byPeer, isRelayed, loopbackLast, peerOfAddress, portOf, withoutPeer } from './addresses.js'
import { Bootstraps } from './bootstraps.js'
import { ConnectionLimits } from './connection-limits.js'
import { ConnectedPeers } from './connected-peers.js'
import { Connector } from './connector.js'
import { DialBack } from './dial-back.js'
import { Dialler } from './dialler.js'
import { DirectLinks } from './direct-links.js'
import { protocolOf } from './encryption.js'
import { Gossip } from './gossip.js'
import { Greeter } from './greeter.js'
import { HELLO_PROTOCOL } from './hello.js'
import { listenError } from './listen-error.js'
import { Liveness } from './liveness.js'
import { createNode } from './node.js'
import type { Libp2pNode } from './node.js'
import type { Libp2pTransport, Libp2pTransportOptions, PeerAdmission, TransportEvents } from './options.js'
import { PeerExchange } from './peer-exchange.js'
import { PullClient } from './pull-client.js'
import { pullProtocol } from './pull-messages.js'
import { PullServer } from './pull-server.js'
import { Reachability } from './reachability.js'
import { Refusals } from './refusals.js'
import { RelayReservation } from './relay-reservation.js'
import { RelayRules } from './relay-rules.js'
import { Standing } from './standing.js'
import { Transfers } from './transfers.js'
import { WireCounter } from './wire-counter.js'

const DEFAULT_LIMITS = {
  maximumConnections: 128,
  handshakesPerAddress: 100,
  targetPeers: 12,
  pingMs: 10_000,
  pingTimeoutMs: 5000,
  gossipHeartbeatMs: 1000,
  pullSilenceMs: PULL_SILENCE_MS,
  chunkBytes: CHUNK_BYTES,
  servedBytesPerSecond: Infinity,
  relayedPullBytes: 4 * 1024 * 1024,
}

/** For a network that asks for nothing. */
const OPEN_ADMISSION: PeerAdmission = { isRevoked: () => false, mayConnect: () => true, check: () => undefined }
/**
 * Starts a libp2p node and goes on connecting it in the background; that nobody answers is no error.
 *
 * @throws TransportError LISTEN_ADDRESS_IN_USE, LISTEN_FAILED, ADDRESS_INVALID, NETWORK_KEY_LENGTH, NETWORK_MISMATCH
 */
export async function createLibp2pTransport(options: Libp2pTransportOptions): Promise<Libp2pTransport> {
  const {
    identity, networkId, genesis, networkKeys, olderKeysUntil = Infinity, listen = ['/ip4/127.0.0.1/tcp/0'], announce = [], bootstrap = [], staticPeers = [],
    admission = OPEN_ADMISSION, software = 'meshwright',
    clock = systemClock, wallTime = Date.now, random = Math.random, log = silentLogger, metrics = createMetrics(),
    onServed = () => undefined, onSentLater = () => undefined,
  } = options
  const limits = { ...DEFAULT_LIMITS, ...options.limits }
  const connectionsPerAddress = options.limits?.connectionsPerAddress ?? Math.ceil(limits.maximumConnections / 2)
  const self = identity.peerId
  let credential = options.credential ?? null
  if (genesis !== undefined && idOf(genesis) !== networkId) {
    throw new TransportError('NETWORK_MISMATCH', `the genesis is that of network ${idOf(genesis).slice(0, 12)}, not of ${networkId.slice(0, 12)}: take both from one network.config.json`)
  }

  const events = new TypedEvents<TransportEvents>()
  const refusals = new Refusals(clock, log)
  const stopping = new AbortController()

  const wire = new WireCounter()
  /** What is told to a listener must not harm the transport. */
  const guarded = <Event>(what: string, listener: (event: Event) => void) => (event: Event): void => {
    try {
      listener(event)
    } catch (error) {
      log.error('a listener failed', { event: what, error })
    }
  }
  const emit = <Name extends keyof TransportEvents>(name: Name, event: TransportEvents[Name]): void => {
    guarded<TransportEvents[Name]>(name, (event) => events.emit(name, event))(event)
  }

  const standing = new Standing(clock, (peer) => {
    log.warn('a peer is refused from now on', { peer })
    for (const connection of up.connectionsOf(peer)) void connection.close().catch(() => connection.abort(new Error('refused')))
  })
  const penalise = (peer: PeerId, value: number, reason: string): void => {
    log.info('a peer broke the rules', { peer, reason })
    standing.penalise(peer, value)
  }

  const fixed = byPeer([...bootstrap, ...staticPeers])
  const connectionLimits = new ConnectionLimits({ perAddress: connectionsPerAddress, maximum: limits.maximumConnections, connections: () => node.getConnections() })
  const relayRules = options.relay === undefined
    ? undefined
    : new RelayRules({
        limits: options.relay,
        reservations: () => node.services.relay?.reservations ?? new Map(),
        connectionsOf: (peer) => up.connectionsOf(peer),
        isWelcome: (peer) => isWelcome(peer),
      })
  const node: Libp2pNode = await createNode({
    identity, networkId, listen, announce,
    ...networkKeys === undefined ? {} : { networkKeys },
    isKeyInUse: (epoch) => epoch === networkKeys?.[0]?.epoch || clock.now() < olderKeysUntil,
    // One more than is let in, so that there is somebody to tell why.
    maximumConnections: limits.maximumConnections + 1,
    handshakesPerAddress: limits.handshakesPerAddress,
    ...options.relay === undefined ? {} : { relay: options.relay },
    gater: {
      ...relayRules?.gater,
      denyInboundConnection: ({ remoteAddr }) => connectionLimits.refusesAddress(remoteAddr),
      denyInboundUpgradedConnection: (peer) => connectionLimits.refusesPeer(peer.toString()),
      denyInboundRelayedConnection: (relay, peer) => relay.toString() !== reservation.relay || standing.isBanned(peer.toString()),
    },
    gossipHeartbeatMs: limits.gossipHeartbeatMs,
    scoreOf: (peer) => standing.scoreOf(peer),
    isBanned: (peer) => standing.isBanned(peer),
    wire,
  })

  const up = new ConnectedPeers({
    clock, log, wallTime,
    connections: () => node.getConnections(),
    introduce: (connection) => node.services.introduction.introduce(connection, node.services.pubsub.protocols.slice(0, 1)),
  })
  const isWelcome = async (peer: PeerId): Promise<boolean> => await greeter.whenAdmitted(peer) && !standing.isBanned(peer)

  function refused(peer: PeerId, address: string, reason: string, lasting: boolean): void {
    const refusal = refusals.add({ peer, address, reason, lasting })
    if (lasting) connector.refused(peer, reason)
    emit('peer:refused', refusal)
  }

  const ownAddresses = (): string[] => {
    const direct = node.getMultiaddrs().map(String).filter((address) => !isRelayed(address))
    return [...loopbackLast(direct), ...reservation.addresses()]
  }
  let sealed: { readonly addresses: string, readonly record: Uint8Array } | undefined
  function sealedAddresses(): Uint8Array {
    const addresses = ownAddresses().map(withoutPeer)
    if (sealed?.addresses !== addresses.join()) {
      sealed = { addresses: addresses.join(), record: sealAddresses(identity, networkId, addresses, Math.floor(clock.now())) }
    }
    return sealed.record
  }

  const book: AddressBook = new AddressBook(self, random, (peer) => up.has(peer) || connector.isKept(peer))
  const transfers = new Transfers()
  const liveness = new Liveness({ clock, log, isTransferring: (peer) => transfers.has(peer), pingMs: limits.pingMs, pingTimeoutMs: limits.pingTimeoutMs, connections: () => up.connections() })
  const heard = (peer: PeerId): void => liveness.heard(peer)
  const gossip = new Gossip({
    pubsub: node.services.pubsub, networkId, clock, log, metrics, heard,
    isBanned: (peer) => standing.isBanned(peer) || admission.isRevoked(peer),
    isAdmitted: (peer) => greeter.isAdmitted(peer),
    whenAdmitted: (peer) => greeter.whenAdmitted(peer),
    connected: () => up.size,
    sentLater: guarded('sent later', onSentLater),
  })
  const exchange = new PeerExchange({ networkId, clock, random, log, book, own: sealedAddresses, isWelcome, admittedConnections: () => up.connections(), penalise })
  const server = new PullServer({ clock, log, metrics, isWelcome, transfers, bytesPerSecond: limits.servedBytesPerSecond, sentOn: (stream) => wire.sentOn(stream), served: guarded('served', onServed) })

  const greeter = new Greeter({
    clock, wallTime, log, networkId, software, refused,
    connectionsOf: (peer) => up.connectionsOf(peer),
    credential: () => credential,
    check: (peer, shown) => admission.check(peer, shown),
    overLimit: (connection) => connectionLimits.refusal(connection),
    genesis: genesis === undefined ? null : encodeCanonical(genesis),
    addresses: sealedAddresses,
    admitted(peer, hello, roundTripMs) {
      const connected = up.add(peer, hello, roundTripMs)
      if (connected === undefined) return
      heard(peer)
      bootstraps.up(peer)
      exchange.greeted(peer, hello.addresses)
      log.info('a peer is connected', { peer, address: connected.address, direction: connected.direction })
      emit('peer:up', connected)
      up.introduce(peer)
      up.preferDirect(peer)
    },
  })

  const dialler = new Dialler({
    clock, node, networkKeys, refused,
    stopping: stopping.signal,
    trusted: fixed,
    connectionOf: (peer) => up.connectionsOf(peer)[0],
    whenAdmitted: (peer) => greeter.whenAdmitted(peer),
    lastRefusal: (peer) => refusals.lastOf(peer),
  })
  const connector: Connector = new Connector({
    self, clock, random, log, book, fixed,
    targetPeers: Math.min(limits.targetPeers, limits.maximumConnections),
    isConnected: (peer) => up.has(peer),
    connected: () => up.size,
    isBanned: (peer) => standing.isBanned(peer) || !admission.mayConnect(peer),
    async dial(peer, addresses) { await dialler.connect(peer, addresses, stopping.signal) },
    failed: (peer) => bootstraps.down(peer),
  })
  const bootstraps = new Bootstraps({
    clock, log,
    peers: byPeer(bootstrap),
    connected: (peer) => up.get(peer),
    dialState: (peer) => connector.stateOf(peer),
    relayProblem: (peer) => reservation.problemOf(peer),
  })
  const dialBack = new DialBack({
    networkId, clock, log, isWelcome,
    tryAddresses: (addresses, signal) => dialler.try(addresses, signal),
  })
  const reachability = new Reachability({
    clock, log,
    ports: () => [...new Set(ownAddresses().map(portOf).filter((port) => port !== undefined))],
    connections: () => up.directConnections(),
    isBootstrap: (peer) => bootstraps.has(peer),
    askToDialBack: (connection, ports) => dialBack.reaches(connection, ports),
  })
  const reservation: RelayReservation = new RelayReservation({
    self, clock, log,
    listeners: node.services.listeners,
    changed: () => exchange.tell(),
    isWanted: () => reachability.reach === 'private',
    relays: () => up.directConnections()
      .filter(({ remotePeer }) => bootstraps.has(remotePeer.toString()))
      .map(({ remotePeer }) => ({ peer: remotePeer.toString(), address: fixed.get(remotePeer.toString())![0]! })),
  })
  const directLinks = new DirectLinks({
    clock, log,
    relayed: () => up.all().filter(({ relayed }) => relayed).map(({ peer }) => peer),
    addressesOf: (peer) => connector.addressesOf(peer),
    dial: (peer, addresses) => dialler.add(peer, addresses),
  })
  const client = new PullClient({
    networkId, clock, log, metrics, penalise, heard, transfers,
    relayedPullBytes: limits.relayedPullBytes,
    chunkBytes: limits.chunkBytes,
    silenceMs: limits.pullSilenceMs,
    isConnected: (peer) => up.has(peer),
    connect: (peer, signal) => dialler.connect(peer, connector.addressesOf(peer), signal),
    isBanned: (peer) => standing.isBanned(peer),
  })

  const stopTimers = (): void => {
    for (const part of [directLinks, exchange, liveness, reachability, reservation]) part.stop()
  }

  node.addEventListener('connection:open', ({ detail }) => {
    greeter.greet(detail)
    up.preferDirect(detail.remotePeer.toString())
  })
  node.addEventListener('connection:close', ({ detail }) => up.oneLess(detail.remotePeer.toString()))
  node.addEventListener('peer:disconnect', ({ detail }) => {
    const peer = detail.toString()
    greeter.gone(peer)
    exchange.gone(peer)
    liveness.forget(peer)
    relayRules?.gone(detail)
    if (!up.delete(peer)) return
    connector.lost(peer)
    bootstraps.down(peer)
    log.info('a peer is gone', { peer })
    emit('peer:down', { peer })
  })
  metrics.gauge({ name: 'network_peers', help: 'Connected peers of this network', read: () => up.size })

  // Also over relayed connections: what is too much for these, the protocols know.
  const served = { runOnLimitedConnection: true }
  await node.handle(HELLO_PROTOCOL, greeter.handle, { ...served, maxInboundStreams: 2 })
  await node.handle(exchange.protocol, exchange.handle, { ...served, maxInboundStreams: 2 })
  await node.handle(dialBack.protocol, dialBack.handle, { ...served, maxInboundStreams: 2 })
  await node.handle(pullProtocol(networkId), server.handle, { ...served, maxInboundStreams: 8 })
  try {
    await node.start()
  } catch (error) {
    stopTimers()
    throw listenError(error, listen)
  }
  connector.start()
  greeter.start()
  const endOfOlderKeys = olderKeysUntil === Infinity
    ? () => undefined
    : clock.after(olderKeysUntil - clock.now(), () => {
        const newest = protocolOf(networkKeys?.[0])
        for (const connection of node.getConnections().filter(({ encryption }) => encryption !== newest)) {
          log.info('a connection under an older network key ends', { peer: connection.remotePeer.toString() })
          void connection.close().catch(() => connection.abort(new Error('the network key has changed')))
        }
      })

  const running = (): void => {
    if (stopping.signal.aborted) throw new TransportError('TRANSPORT_STOPPED', 'the transport was stopped: create a new one')
  }

  return {
    self,
    events,
    addresses: ownAddresses,
    peers: () => up.all(),
    bootstraps: () => bootstraps.states(),
    reachability: () => reservation.relay === undefined ? { reach: reachability.reach } : { reach: reachability.reach, relay: reservation.relay },
    traffic: () => wire.traffic(),
    refusals: () => refusals.all(),
    async publish(topic, message) { running(); return gossip.publish(topic, message) },
    subscribe(topic, receive) { running(); return gossip.subscribe(topic, receive) },
    offer: (bytes) => server.offer(bytes),
    offerStored: (id, load) => server.offerStored(id, load),
    withdraw: (id) => server.withdraw(id),
    keepConnected: (peers) => connector.keep(peers),
    reviewPeers: () => greeter.review(),
    showCredential(next) { credential = next },
    rate: (peer, reputation) => standing.rate(peer, reputation),

    async pull(id, holders, pullOptions) {
      running()
      const own = server.get(id)
      if (own !== undefined && own.length <= pullOptions.maximumBytes) return own.slice()
      const signal = pullOptions.signal === undefined ? stopping.signal : AbortSignal.any([pullOptions.signal, stopping.signal])
      return client.pull(id, holders.filter((holder) => holder !== self), { ...pullOptions, signal })
    },

    async dial(address) {
      running()
      const peer = peerOfAddress(address)
      await dialler.connect(peer, [address], stopping.signal)
      return peer
    },

    async stop() {
      if (stopping.signal.aborted) return
      stopping.abort()
      connector.stop()
      greeter.stop()
      endOfOlderKeys()
      stopTimers()
      gossip.stop()
      await node.stop()
    },
  }
}
