import type { ExecutionContext } from 'ava'
import anyTest from 'ava'

import { createIdentity } from '../../src/identity/index.js'
import type { Libp2pTransport, Libp2pTransportOptions, RelayLimits } from '../../src/network/index.js'
import { createMetrics, silentLogger } from '../../src/telemetry/index.js'
import type { Logger } from '../../src/telemetry/index.js'

import { content } from './content.js'
import { publishTo, startPeer, until } from './peers.js'

// One after the other: each waits for several peers to find their ways.
const test = anyTest.serial

const MIB = 1024 * 1024
const LIMITS: RelayLimits = { reservations: 8, reservationsPerAddress: 8, connectionsPerPeer: 8, bytes: 16 * MIB, durationMs: 60_000 }

function startRelay(t: ExecutionContext, relay: Partial<RelayLimits> = {}): Promise<Libp2pTransport> {
  return startPeer(t, { relay: { ...LIMITS, ...relay } })
}

/** A peer that nobody can connect to, as behind a firewall: it only dials. */
function startDialler(t: ExecutionContext, relay: Libp2pTransport, options: Partial<Libp2pTransportOptions> = {}): Promise<Libp2pTransport> {
  return startPeer(t, { listen: [], bootstrap: relay.addresses(), ...options })
}

const linkTo = (peer: Libp2pTransport, other: Libp2pTransport): ReturnType<Libp2pTransport['peers']>[number] | undefined => peer.peers().find(({ peer }) => peer === other.self)

test('a peer that only dials gets a place at its bootstrap peer, and others reach it through that', async (t) => {
  const relay = await startRelay(t)
  const hidden = await startDialler(t, relay)
  await until(() => hidden.reachability().relay === relay.self)
  t.is(hidden.reachability().reach, 'private')
  t.regex(hidden.addresses()[0]!, new RegExp(`/p2p/${relay.self}/p2p-circuit/p2p/${hidden.self}$`))

  const other = await startPeer(t, { bootstrap: relay.addresses() })
  await until(() => linkTo(other, hidden) !== undefined && linkTo(hidden, other) !== undefined)
  t.is(other.reachability().relay, undefined)
})

test('two peers that only dial hear each other\'s gossip and pull small content through the relay; large content is refused with the reason', async (t) => {
  const relay = await startRelay(t)
  const one = await startDialler(t, relay)
  const two = await startDialler(t, relay)
  await until(() => linkTo(one, two) !== undefined && linkTo(two, one) !== undefined)
  t.true(linkTo(one, two)!.relayed)
  const heard = new Promise((resolve) => { one.subscribe('topic', (message) => resolve(Buffer.from(message).toString())) })
  await publishTo(two, 'topic', Buffer.from('through the relay'), 1)
  t.is(await heard, 'through the relay')

  const small = content(MIB)
  t.deepEqual(await one.pull(two.offer(small), [two.self], { maximumBytes: MIB }), small)
  // A relayed connection runs within another one, and its bytes must not count twice.
  const { plainBytes, protocols, socketBytes } = two.traffic()
  const written = Object.values(protocols).reduce((sum, bytes) => sum + bytes, 0)
  t.true(protocols.pull! > MIB)
  t.true(written <= plainBytes && plainBytes <= socketBytes && socketBytes < 1.2 * written, JSON.stringify(two.traffic()))

  const large = two.offer(content(5 * MIB))
  await t.throwsAsync(one.pull(large, [two.self], { maximumBytes: 5 * MIB }), { code: 'CONTENT_UNAVAILABLE', message: /through a relay only/ })
})

test('a relayed holder is spared while a direct one delivers', async (t) => {
  const relay = await startRelay(t)
  const relayedMetrics = createMetrics()
  const hidden = await startDialler(t, relay, { metrics: relayedMetrics })
  const puller = await startDialler(t, relay)
  const direct = await startPeer(t, { bootstrap: relay.addresses() })
  await until(() => linkTo(puller, hidden)?.relayed === true && linkTo(puller, direct)?.relayed === false)
  const sent = content(2 * MIB)
  hidden.offer(sent)
  t.deepEqual(await puller.pull(direct.offer(sent), [hidden.self, direct.self], { maximumBytes: sent.length }), sent)
  t.regex(await relayedMetrics.text(), /network_pull_sent_bytes_total 0/)
})

test('a direct connection replaces a relayed one, and gossip goes on', async (t) => {
  const relay = await startRelay(t)
  const hidden = await startDialler(t, relay)
  await until(() => hidden.reachability().relay !== undefined)
  const open = await startPeer(t)
  await open.dial(hidden.addresses()[0]!)
  t.true(linkTo(open, hidden)!.relayed)
  // The hidden peer has learnt the other's direct address in its hello.
  await until(() => linkTo(open, hidden)?.relayed === false && linkTo(hidden, open)?.relayed === false)
  const heard = new Promise((resolve) => { hidden.subscribe('topic', (message) => resolve(Buffer.from(message).toString())) })
  await publishTo(open, 'topic', Buffer.from('directly'), 1)
  t.is(await heard, 'directly')
})

test('a relay that is gone is given up, and used again when it is back', async (t) => {
  const identity = await createIdentity()
  const first = await startPeer(t, { identity, relay: LIMITS })
  const [address] = first.addresses()
  const hidden = await startDialler(t, first)
  await until(() => hidden.reachability().relay !== undefined)
  await first.stop()
  await until(() => hidden.reachability().relay === undefined)
  const [state] = hidden.bootstraps()
  t.is(state!.connectedSince, undefined)
  t.truthy(state!.lastError)
  t.is(typeof state!.nextTryAt, 'number')
  await startPeer(t, { identity, relay: LIMITS, listen: [address!.replace(/\/p2p\/.*/, '')] })
  await until(() => hidden.reachability().relay === identity.peerId)
  t.is(typeof hidden.bootstraps()[0]!.connectedSince, 'number')
})

for (const [what, limits, reason] of [
  ['of one address', { reservationsPerAddress: 1 }, /as many places there/],
  ['of all', { reservations: 1 }, /all its places are taken/],
] as const) {
  test(`the second place ${what} is refused where one is the limit, and the peer says why`, async (t) => {
    const relay = await startRelay(t, limits)
    const one = await startDialler(t, relay)
    await until(() => one.reachability().relay !== undefined)
    const two = await startDialler(t, relay)
    await until(() => two.bootstraps()[0]!.relayProblem !== undefined)
    t.regex(two.bootstraps()[0]!.relayProblem!, reason)
    t.is(two.reachability().relay, undefined)
    t.is(typeof two.bootstraps()[0]!.connectedSince, 'number')
    // The first one's place is free as soon as that is gone.
    await one.stop()
    await until(() => two.reachability().relay !== undefined)
  })
}

test('a peer that others can reach is found public, and one whose port is closed to them private', async (t) => {
  const relay = await startRelay(t)
  const open = await startPeer(t, { bootstrap: relay.addresses() })
  const closed = await startPeer(t, { bootstrap: relay.addresses(), announce: ['/ip4/127.0.0.1/tcp/1'] })
  await until(() => open.reachability().reach === 'public' && closed.reachability().reach === 'private')
  t.is(open.reachability().relay, undefined)
  await until(() => closed.reachability().relay === relay.self)
})

test('nobody to ask: a peer alone does not know whether it can be reached', async (t) => {
  const alone = await startPeer(t)
  t.deepEqual(alone.reachability(), { reach: 'unknown' })
})

test('with all bootstrap peers down a peer says so once, goes on trying, and says when one is back; peers that know each other stay', async (t) => {
  const identity = await createIdentity()
  const first = await startPeer(t, { identity })
  const [address] = first.addresses()
  await first.stop()
  const lines: string[] = []
  const take = (message: string): void => { lines.push(message) }
  const log: Logger = { ...silentLogger, warn: take, info: take }
  const friend = await startPeer(t)
  const peer = await startPeer(t, { bootstrap: [address!], staticPeers: friend.addresses(), log })
  const complaints = (): number => lines.filter((line) => line.startsWith('no bootstrap peer answers')).length
  await until(() => complaints() > 0 && linkTo(peer, friend) !== undefined)
  const [before] = peer.bootstraps()
  await until(() => peer.bootstraps()[0]!.lastError!.at > before!.lastError!.at)
  t.is(complaints(), 1)
  t.is(peer.bootstraps().length, 1)
  await startPeer(t, { identity, listen: [address!.replace(/\/p2p\/.*/, '')] })
  await until(() => lines.includes('a bootstrap peer is back'))
  t.truthy(linkTo(peer, friend))
})
