import { setTimeout as sleep } from 'node:timers/promises'

import type { ExecutionContext } from 'ava'

import { contentId, createIdentity } from '../../src/identity/index.js'
import type { Identity } from '../../src/identity/index.js'
import { createLibp2pTransport } from '../../src/network/index.js'
import type { Libp2pTransport, Libp2pTransportOptions } from '../../src/network/index.js'
import { Greeter } from '../../src/network/libp2p/greeter.js'
import { sealAddresses } from '../../src/network/libp2p/address-record.js'
import { HELLO_PROTOCOL } from '../../src/network/libp2p/hello.js'
import { createNode } from '../../src/network/libp2p/node.js'
import { WireCounter } from '../../src/network/libp2p/wire-counter.js'
import type { Libp2pNode } from '../../src/network/libp2p/node.js'
import { silentLogger, systemClock } from '../../src/telemetry/index.js'

export const NETWORK = contentId(Buffer.from('the network of these tests'))

/** A real peer on loopback that ends with the test. */
export async function startPeer(t: ExecutionContext, options: Partial<Libp2pTransportOptions> = {}): Promise<Libp2pTransport> {
  const peer = await createLibp2pTransport({ identity: await createIdentity(), networkId: NETWORK, ...options })
  t.teardown(() => peer.stop())
  return peer
}

/** Peers that know the first one only. */
export async function startPeers(t: ExecutionContext, count: number, options: Partial<Libp2pTransportOptions> = {}): Promise<Libp2pTransport[]> {
  const first = await startPeer(t, options)
  const others = await Promise.all(Array.from({ length: count - 1 }, () => startPeer(t, { bootstrap: first.addresses(), ...options })))
  return [first, ...others]
}

/** A peer that greets as it should, or stays silent, and otherwise does what the test wants. */
export async function startRogue(t: ExecutionContext, { silent = false } = {}): Promise<{ readonly node: Libp2pNode, readonly identity: Identity }> {
  const identity = await createIdentity()
  const node = await createRogue(identity, { silent })
  t.teardown(() => node.stop())
  return { node, identity }
}

export async function createRogue(identity: Identity, { silent = false } = {}): Promise<Libp2pNode> {
  const node = await createNode({
    identity,
    networkId: NETWORK,
    listen: ['/ip4/127.0.0.1/tcp/0'],
    announce: [],
    maximumConnections: 100,
    gossipHeartbeatMs: 1000,
    scoreOf: () => 0,
    isBanned: () => false,
    wire: new WireCounter(),
  })
  const greeter = new Greeter({
    clock: systemClock,
    log: silentLogger,
    networkId: NETWORK,
    genesis: null,
    credential: () => null,
    connectionsOf: () => [],
    software: 'rogue',
    addresses: () => sealAddresses(identity, NETWORK, node.getMultiaddrs().map((address) => address.toString().replace(/\/p2p.*/, '')), Date.now()),
    check: () => undefined,
    overLimit: () => undefined,
    wallTime: Date.now,
    admitted: () => undefined,
    refused: () => undefined,
  })
  if (!silent) {
    node.addEventListener('connection:open', ({ detail }) => greeter.greet(detail))
    await node.handle(HELLO_PROTOCOL, greeter.handle)
  }
  await node.start()
  return node
}

/** Waits until the condition holds; ava's own timeout says where it never does. */
export async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  while (!await condition()) await sleep(10)
}

/** Publishes until so many peers take it directly: meshes take a moment to form. */
export async function publishTo(peer: Libp2pTransport, topic: string, message: Uint8Array, recipients: number): Promise<void> {
  await until(async () => await peer.publish(topic, message) >= recipients)
}
