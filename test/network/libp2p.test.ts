import { fork } from 'node:child_process'
import { once } from 'node:events'

import { multiaddr } from '@multiformats/multiaddr'
import test from 'ava'

import { ADAPTER_TARGETS, networkId } from '../../src/config/index.js'
import type { Genesis } from '../../src/config/index.js'
import { contentId, createIdentity } from '../../src/identity/index.js'
import { createLibp2pTransport, TransportError } from '../../src/network/index.js'
import type { Libp2pTransport, Libp2pTransportOptions } from '../../src/network/index.js'
import { encodeBundle } from '../../src/network/libp2p/bundle.js'
import { createMetrics } from '../../src/telemetry/index.js'

import { NETWORK, publishTo, startPeer, startPeers, startRogue, until } from './peers.js'

const bytes = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text))

test('peers that know only the first find each other, and a message reaches all with its author\'s name', async (t) => {
  const peers = await startPeers(t, 5)
  await until(() => peers.every((peer) => peer.peers().length === 4))
  const heard = new Map<string, string>()
  for (const peer of peers) peer.subscribe('topic', (message, from) => heard.set(peer.self, `${Buffer.from(message).toString()} from ${from}`))
  const author = peers[3]!
  await publishTo(author, 'topic', bytes('hello'), 1)
  await until(() => heard.size === 4)
  t.false(heard.has(author.self))
  t.deepEqual(new Set(heard.values()), new Set([`hello from ${author.self}`]))
})

test('what a peer says at once arrives message by message', async (t) => {
  const [author, reader] = await startPeers(t, 2) as [Libp2pTransport, Libp2pTransport]
  await until(() => author.peers().length === 1)
  const heard: Buffer[] = []
  reader.subscribe('topic', (message) => {
    if (Buffer.from(message).toString() !== 'first') heard.push(Buffer.from(message))
  })
  await publishTo(author, 'topic', bytes('first'), 1)
  // Some go together, the large ones alone.
  const messages = [1, 20, 0, 60_000, 50_000, 3, 64 * 1024].map((length, index) => Buffer.alloc(length, index + 1))
  const shared = Buffer.alloc(70_000)
  const took = await Promise.all(messages.map((message) => {
    message.copy(shared)
    const publishing = author.publish('topic', shared.subarray(0, message.length))
    // A caller may use its bytes again.
    shared.fill(0)
    return publishing
  }))
  t.true(took.every((count) => count === 1))
  await until(() => heard.length === messages.length)
  // Which arrives first is nobody's promise.
  t.deepEqual(heard.map((message) => `${message.length} x ${message[0]}`).sort(), messages.map((message) => `${message.length} x ${message[0]}`).sort())
})

test('what was said right before the end still goes out', async (t) => {
  const reader = await startPeer(t)
  const author = await startPeer(t, { bootstrap: reader.addresses() })
  const heard: string[] = []
  reader.subscribe('topic', (message) => heard.push(Buffer.from(message).toString()))
  await publishTo(author, 'topic', bytes('hello'), 1)
  const last = author.publish('topic', bytes('farewell'))
  await Promise.all([author.stop(), last])
  await until(() => heard.includes('farewell'))
  t.pass()
})

test('a bootstrap peer that is down is no error, and is found when it comes up', async (t) => {
  const identity = await createIdentity()
  const first = await createLibp2pTransport({ identity, networkId: NETWORK })
  const [address] = first.addresses()
  await first.stop()
  const peer = await startPeer(t, { bootstrap: [address!] })
  t.deepEqual(peer.peers(), [])
  const back = await startPeer(t, { identity, listen: [address!.replace(/\/p2p\/.*/, '')] })
  await until(() => peer.peers().length === 1 && back.peers().length === 1)
  t.is(peer.peers()[0]!.peer, identity.peerId)
})

test('a peer that goes is reported, and is reconnected when it comes back', async (t) => {
  const identity = await createIdentity()
  const peer = await startPeer(t)
  const events: string[] = []
  peer.events.on('peer:up', () => events.push('up'))
  peer.events.on('peer:down', () => events.push('down'))
  const other = await createLibp2pTransport({ identity, networkId: NETWORK, bootstrap: peer.addresses() })
  const listen = other.addresses().map((address) => address.replace(/\/p2p\/.*/, ''))
  await until(() => events.length === 1)
  await other.stop()
  await until(() => events.length === 2)
  // It is given no address this time: the first peer dials what it has learnt.
  await startPeer(t, { identity, listen })
  await until(() => events.length === 3)
  t.deepEqual(events, ['up', 'down', 'up'])
})

const genesis: Genesis = {
  name: 'one',
  base: contentId(bytes('base')),
  adapter: { rank: 16, alpha: 32, targets: [...ADAPTER_TARGETS] },
  codec: 'sign-block64-1',
  owners: { keys: ['ab'.repeat(32)], threshold: 1 },
}

test('a peer of another network is refused, and both sides learn which field differs', async (t) => {
  const other: Genesis = { ...genesis, adapter: { ...genesis.adapter, rank: 8 } }
  const one = await startPeer(t, { genesis, networkId: networkId(genesis) })
  const two = await startPeer(t, { genesis: other, networkId: networkId(other) })
  const refusal = one.events.next('peer:refused')
  await t.throwsAsync(two.dial(one.addresses()[0]!), { instanceOf: TransportError, code: 'NETWORK_MISMATCH', message: /adapter\.rank is 8 here and 16 there/ })
  t.regex((await refusal).reason, /adapter\.rank is 16 here and 8 there/)
  await until(() => one.peers().length + two.peers().length === 0)
  t.is(two.refusals().length, 1)
})

test('networks whose genesis is not shown are told apart by their ids', async (t) => {
  const one = await startPeer(t)
  const two = await startPeer(t, { networkId: contentId(bytes('another')) })
  await t.throwsAsync(two.dial(one.addresses()[0]!), { code: 'NETWORK_MISMATCH', message: new RegExp(`${NETWORK.slice(0, 12)} there`) })
})

for (const [what, key] of [['another key', new Uint8Array(32).fill(2)], ['no key', undefined]] as const) {
  test(`a peer with ${what} cannot complete the handshake of a private network`, async (t) => {
    const inside = await startPeer(t, { networkKeys: [{ epoch: 0, key: new Uint8Array(32).fill(1) }] })
    const outside = await startPeer(t, key === undefined ? {} : { networkKeys: [{ epoch: 0, key }] })
    await t.throwsAsync(outside.dial(inside.addresses()[0]!), { instanceOf: TransportError, code: 'NETWORK_MISMATCH', message: /handshake failed/ })
    t.deepEqual(inside.peers(), [])
  })
}

test('peers with the same key form a private network', async (t) => {
  const peers = await startPeers(t, 2, { networkKeys: [{ epoch: 0, key: new Uint8Array(32).fill(1) }] })
  await until(() => peers.every((peer) => peer.peers().length === 1))
  t.pass()
})

const unusable: readonly [string, (t: { readonly taken: string }) => Partial<Libp2pTransportOptions>, string][] = [
  ['a port in use', ({ taken }) => ({ listen: [taken] }), 'LISTEN_ADDRESS_IN_USE'],
  ['an address that is not the machine\'s', () => ({ listen: ['/ip4/192.0.2.1/tcp/0'] }), 'LISTEN_FAILED'],
  ['an address that is not TCP', () => ({ listen: ['/ip4/127.0.0.1/udp/9'] }), 'LISTEN_FAILED'],
  ['a bootstrap address without a peer', () => ({ bootstrap: ['/ip4/127.0.0.1/tcp/9'] }), 'ADDRESS_INVALID'],
  ['a network key of 5 bytes', () => ({ networkKeys: [{ epoch: 0, key: new Uint8Array(5) }] }), 'NETWORK_KEY_LENGTH'],
  ['a genesis of another network', () => ({ genesis }), 'NETWORK_MISMATCH'],
]
for (const [what, options, code] of unusable) {
  test(`${what} is refused with ${code}`, async (t) => {
    const taken = (await startPeer(t)).addresses()[0]!.replace(/\/p2p\/.*/, '')
    await t.throwsAsync(startPeer(t, options({ taken })), { instanceOf: TransportError, code })
  })
}

test('a peer that is not there is reported as unreachable', async (t) => {
  const gone = await startPeer(t)
  const [address] = gone.addresses()
  await gone.stop()
  const peer = await startPeer(t)
  await t.throwsAsync(peer.dial(address!), { instanceOf: TransportError, code: 'PEER_UNREACHABLE' })
  await t.throwsAsync(peer.dial('/ip4/127.0.0.1/tcp/1'), { instanceOf: TransportError, code: 'ADDRESS_INVALID' })
})

test('a message above 64 KiB is refused by its sender', async (t) => {
  const [peer] = await startPeers(t, 2)
  await t.throwsAsync(peer!.publish('topic', new Uint8Array(64 * 1024 + 1)), { instanceOf: TransportError, code: 'MESSAGE_TOO_LARGE' })
})

test('a message above 64 KiB that a rogue peer sends is not delivered, and its other messages are', async (t) => {
  const peer = await startPeer(t)
  const { node } = await startRogue(t)
  const heard: number[] = []
  peer.subscribe('topic', (message) => heard.push(message.length))
  const wire = `meshwright/${NETWORK.slice(0, 16)}/topic`
  node.services.pubsub.subscribe(wire)
  await node.dial(peer.addresses().map((address) => multiaddr(address)))
  await until(async () => (await node.services.pubsub.publish(wire, encodeBundle([new Uint8Array(64 * 1024 + 1)]))).recipients.length > 0)
  await node.services.pubsub.publish(wire, encodeBundle([new Uint8Array(64 * 1024)]))
  await until(() => heard.length > 0)
  t.deepEqual(heard, [64 * 1024])
})

test('a publish that nobody takes at first is tried again when peers have subscribed', async (t) => {
  const metrics = createMetrics()
  const peers = await startPeers(t, 2, { metrics })
  await until(() => peers.every((peer) => peer.peers().length === 1))
  const heard: string[] = []
  t.is(await peers[0]!.publish('topic', bytes('early')), 0)
  peers[1]!.subscribe('topic', (message) => heard.push(Buffer.from(message).toString()))
  await until(() => heard.length > 0)
  t.deepEqual(heard, ['early'])
})

test('a publish that nobody ever takes is counted as lost', async (t) => {
  const metrics = createMetrics()
  const [peer] = await startPeers(t, 2, { metrics })
  await until(() => peer!.peers().length === 1)
  await peer!.publish('topic', bytes('into the void'))
  await until(async () => /meshwright_network_publish_lost_total 1/.test(await metrics.text()))
  t.pass()
})

test('a receiver that throws does not keep a message from the others', async (t) => {
  const peers = await startPeers(t, 2)
  let heard = 0
  peers[1]!.subscribe('topic', () => { throw new Error('broken') })
  peers[1]!.subscribe('topic', () => heard++)
  await publishTo(peers[0]!, 'topic', bytes('one'), 1)
  await until(() => heard > 0)
  t.pass()
})

test('a proved cheat is disconnected, and not heard when it comes again', async (t) => {
  const [peer, cheat] = await startPeers(t, 2)
  await until(() => peer!.peers().length === 1)
  const down = peer!.events.next('peer:down')
  peer!.rate(cheat!.self, 0)
  t.is((await down).peer, cheat!.self)
  // Until it has noticed, a dial gives it the connection that it still takes for open.
  await until(() => cheat!.peers().length === 0)
  await t.throwsAsync(cheat!.dial(peer!.addresses()[0]!))
  t.deepEqual(peer!.peers(), [])
})

test('a peer that hangs is given up, though its connection stays open', async (t) => {
  const peer = await startPeer(t, { limits: { pingMs: 400, pingTimeoutMs: 400 } })
  const child = fork(new URL('./holder.js', import.meta.url), { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
  t.teardown(() => child.kill('SIGKILL'))
  const [{ address }] = await once(child, 'message') as [{ address: string }]
  const other = await peer.dial(address)
  const down = peer.events.next('peer:down')
  child.kill('SIGSTOP')
  t.is((await down).peer, other)
})

test('a stopped transport says so, and stops twice', async (t) => {
  const peer = await startPeer(t)
  await peer.stop()
  await peer.stop()
  await t.throwsAsync(peer.publish('topic', bytes('x')), { instanceOf: TransportError, code: 'TRANSPORT_STOPPED' })
  await t.throwsAsync(peer.pull(NETWORK, [], { maximumBytes: 1 }), { code: 'TRANSPORT_STOPPED' })
})
