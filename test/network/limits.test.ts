import { connect } from 'node:net'

import { lpStream } from '@libp2p/utils'
import { multiaddr } from '@multiformats/multiaddr'
import anyTest from 'ava'

import { HELLO_PROTOCOL } from '../../src/network/libp2p/hello.js'
import { Liveness } from '../../src/network/libp2p/liveness.js'
import { encodeRequest, pullProtocol } from '../../src/network/libp2p/pull-messages.js'
import { RateLimit } from '../../src/network/libp2p/rate-limit.js'
import { createVirtualClock, silentLogger, systemClock } from '../../src/telemetry/index.js'

import { content } from './content.js'
import { NETWORK, startPeer, startRogue, until } from './peers.js'

const test = anyTest.serial

test('one peer more from an address than is allowed is refused, is told why, and gets in when there is room', async (t) => {
  const host = await startPeer(t, { limits: { connectionsPerAddress: 2 } })
  const inside = [await startPeer(t), await startPeer(t)]
  for (const peer of inside) await peer.dial(host.addresses()[0]!)
  const outside = await startPeer(t, { bootstrap: host.addresses() })
  await until(() => outside.bootstraps()[0]!.lastError !== undefined)
  t.regex(outside.bootstraps()[0]!.lastError!.message, /2 peers are connected from 127\.0\.0\.1 already/)
  t.is(host.peers().length, 2)
  await inside[0]!.stop()
  await until(() => host.peers().some(({ peer }) => peer === outside.self))
  await until(() => outside.bootstraps()[0]!.connectedSince !== undefined)
})

test('one connection more than there may be in all is refused, and is told why', async (t) => {
  const host = await startPeer(t, { limits: { maximumConnections: 4, connectionsPerAddress: 10 } })
  for (let peer = 0; peer < 4; peer++) await (await startPeer(t)).dial(host.addresses()[0]!)
  const outside = await startPeer(t)
  await t.throwsAsync(outside.dial(host.addresses()[0]!), { code: 'PEER_UNREACHABLE', message: /4 connections are open/ })
})

test('a peer may have four connections, and the fifth is refused', async (t) => {
  const host = await startPeer(t)
  const { node } = await startRogue(t)
  const address = multiaddr(host.addresses()[0])
  const connections = []
  for (let at = 0; at < 4; at++) connections.push(await node.dial(address, { force: true }))
  await t.throwsAsync(async () => {
    const fifth = await node.dial(address, { force: true })
    await fifth.newStream(HELLO_PROTOCOL)
  })
  t.true(connections.every(({ status }) => status === 'open'))
})

test('handshakes beyond the rate of an address are cut off at once', async (t) => {
  const host = await startPeer(t, { limits: { handshakesPerAddress: 5 } })
  const port = Number(/tcp\/(\d+)/.exec(host.addresses()[0]!)![1])
  const sockets = Array.from({ length: 20 }, () => connect(port, '127.0.0.1'))
  t.teardown(() => sockets.forEach((socket) => socket.destroy()))
  let cut = 0
  for (const socket of sockets) {
    socket.on('error', () => undefined)
    socket.on('close', () => { cut++ })
    socket.resume()
  }
  await until(() => cut >= 14)
  t.true(cut < 20)
})

test('a stream that says nothing, on any protocol, is ended, and the peer stays welcome', async (t) => {
  const host = await startPeer(t)
  const { node } = await startRogue(t)
  const connection = await node.dial(multiaddr(host.addresses()[0]))
  await until(() => host.peers().length === 1)
  const prefix = `/meshwright/${NETWORK.slice(0, 16)}`
  const protocols = [HELLO_PROTOCOL, `${prefix}/peers/1`, `${prefix}/dial-back/1`, pullProtocol(NETWORK)]
  await Promise.all(protocols.map(async (protocol) => {
    const stream = await connection.newStream(protocol)
    await new Promise((resolve) => { stream.addEventListener('close', resolve) })
  }))
  t.is(host.peers().length, 1)
})

test('a puller that asks for one chunk now and then loses its place', async (t) => {
  // Real time passes a hundred times as fast for the holder.
  const begun = Date.now()
  const fast = { now: () => begun + (Date.now() - begun) * 100, after: (milliseconds: number, run: () => void) => systemClock.after(milliseconds / 100, run) }
  const host = await startPeer(t, { clock: fast })
  const { node } = await startRogue(t)
  const connection = await node.dial(multiaddr(host.addresses()[0]))
  const id = host.offer(content(256 * 1024 * 4))
  const stream = await connection.newStream(pullProtocol(NETWORK))
  const closed = new Promise((resolve) => { stream.addEventListener('close', resolve) })
  await lpStream(stream).write(encodeRequest({ id, chunkBytes: 256 * 1024 }))
  await closed
  t.pass()
})

test('a peer in the middle of a transfer is not given up because of pings, and is when the transfer is over', async (t) => {
  const { node } = await startRogue(t)
  const other = await startRogue(t)
  const connection = await node.dial(other.node.getMultiaddrs()[0]!)
  // Nobody answers a ping here: the other side no longer takes streams of that protocol.
  await other.node.unhandle('/meshwright/ping/1.0.0')
  let transferring = true
  const liveness = new Liveness({
    clock: systemClock, log: silentLogger, pingMs: 20, pingTimeoutMs: 20, connections: () => [connection], isTransferring: () => transferring,
  })
  t.teardown(() => liveness.stop())
  await new Promise((resolve) => { setTimeout(resolve, 300) })
  t.is(connection.status, 'open')
  transferring = false
  await until(() => connection.status !== 'open')
})

test('a rate limit lets so much through at once and so much a second, for each key alone', async (t) => {
  const clock = createVirtualClock()
  const limit = new RateLimit(clock, 2, 3)
  const taken = (key: string): number => {
    let count = 0
    while (limit.take(key)) count++
    return count
  }
  t.is(taken('a'), 3)
  t.is(taken('b'), 3)
  await clock.advance(1000)
  t.is(taken('a'), 2)
  await clock.advance(60_000)
  t.is(taken('a'), 3)
  t.is(limit.owe('a', 4), 2000)
  t.is(new RateLimit(clock, Infinity, Infinity).owe('a', 1e9), 0)
})
