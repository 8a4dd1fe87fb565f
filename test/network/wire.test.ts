import { once } from 'node:events'
import { connect, createServer } from 'node:net'
import type { AddressInfo } from 'node:net'

import type { ExecutionContext } from 'ava'
import anyTest from 'ava'
import { lpStream } from '@libp2p/utils'
import { multiaddr } from '@multiformats/multiaddr'

import { freePorts } from '../../scripts/bench/village/free-ports.js'
import type { Libp2pTransport, SentLater, Served, WireProtocol } from '../../src/network/index.js'
import { encodeChunkRequest, encodeRequest, pullProtocol } from '../../src/network/libp2p/pull-messages.js'

import { content } from './content.js'
import { NETWORK, publishTo, startPeer, startRogue, until } from './peers.js'

const test = anyTest.serial

const KIB = 1024

/** A wire to listen at: it passes bytes on between a peer and whoever dials, and counts them. */
async function wireTo(t: ExecutionContext, peer: Libp2pTransport, port = portOf(peer)): Promise<{ readonly address: string, readonly toPeer: () => number, readonly fromPeer: () => number, readonly cut: () => void }> {
  const counts = { to: 0, from: 0 }
  const cuts: (() => void)[] = []
  const server = createServer((outer) => {
    const inner = connect(port, '127.0.0.1')
    const cut = (): void => {
      outer.destroy()
      inner.destroy()
    }
    cuts.push(cut)
    outer.on('data', (bytes) => { counts.to += bytes.length }).on('error', cut).on('close', cut).pipe(inner)
    inner.on('data', (bytes) => { counts.from += bytes.length }).on('error', cut).on('close', cut).pipe(outer)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const cut = (): void => cuts.forEach((one) => one())
  t.teardown(() => {
    cut()
    server.close()
  })
  return { address: `/ip4/127.0.0.1/tcp/${(server.address() as AddressInfo).port}/p2p/${peer.self}`, toPeer: () => counts.to, fromPeer: () => counts.from, cut }
}

function portOf(peer: Libp2pTransport): number {
  return Number(/\/tcp\/(\d+)/.exec(peer.addresses()[0]!)![1])
}

function sumOf({ protocols }: ReturnType<Libp2pTransport['traffic']>): number {
  return Object.values(protocols).reduce((sum, bytes) => sum + bytes, 0)
}

test('every byte that a wire between two peers carries is counted, by protocol', async (t) => {
  // Neither can be dialled back, which would go past the wire.
  const port = (await freePorts(1))[0]!
  const holder = await startPeer(t, { limits: { pingMs: 100 }, listen: [`/ip4/127.0.0.1/tcp/${port}`], announce: ['/ip4/127.0.0.1/tcp/1'] })
  const wire = await wireTo(t, holder, port)
  const puller = await startPeer(t, { limits: { pingMs: 100 }, listen: [] })
  await puller.dial(wire.address)
  puller.subscribe('talk', () => undefined)
  const message = content(2000)
  await publishTo(holder, 'talk', message, 1)
  const sent = content(3 * KIB * KIB)
  await puller.pull(holder.offer(sent), [holder.self], { maximumBytes: sent.length })
  // The first question for further peers comes after a while, and so does the first ping.
  const spoken = (name: WireProtocol): boolean => [holder, puller].every((peer) => (peer.traffic().protocols[name] ?? 0) > 0)
  await until(() => (['hello', 'discovery', 'ping'] as const).every(spoken))
  // What is on its way has left, but is not there yet.
  await until(() => holder.traffic().socketBytes === wire.fromPeer())
  await until(() => puller.traffic().socketBytes === wire.toPeer())

  const { protocols, plainBytes, socketBytes } = holder.traffic()
  t.true(protocols.pull! > sent.length && protocols.pull! < sent.length * 1.01)
  t.true(protocols.gossip! > message.length)
  t.is(protocols.other, undefined)
  t.true(sumOf(holder.traffic()) < plainBytes && plainBytes < socketBytes)
  t.true(sumOf(holder.traffic()) > socketBytes * 0.98, `${sumOf(holder.traffic())} of ${socketBytes} bytes are the protocols'`)
})

test('after the end, the figures are still there', async (t) => {
  const [first, second] = [await startPeer(t), await startPeer(t)]
  await first.dial(second.addresses()[0]!)
  await first.stop()
  t.true(first.traffic().protocols.hello! > 0)
})

test('each pull is told with its peer, its content and its bytes', async (t) => {
  const served: Served[] = []
  const holder = await startPeer(t, { onServed: (one) => served.push(one) })
  const puller = await startPeer(t, { bootstrap: holder.addresses() })
  await until(() => puller.peers().length === 1)
  const sizes = [1, 256 * KIB, 700 * KIB + 3]
  for (const size of sizes) await puller.pull(holder.offer(content(size)), [holder.self], { maximumBytes: size })
  await until(() => served.length === sizes.length)
  t.deepEqual(served.map(({ peer, contentBytes, bytes }) => ({ peer, contentBytes, bytes })), sizes.map((size) => ({ peer: puller.self, contentBytes: size, bytes: size })))
  t.is(served[2]!.content, holder.offer(content(sizes[2]!)))
})

test('a listener that throws takes no pull down', async (t) => {
  const holder = await startPeer(t, { onServed: () => { throw new Error('the disk is full') } })
  const puller = await startPeer(t, { bootstrap: holder.addresses() })
  await until(() => puller.peers().length === 1)
  for (const size of [10, 20]) t.is((await puller.pull(holder.offer(content(size)), [holder.self], { maximumBytes: size })).length, size)
})

test('a puller that takes two chunks and goes has been sent two chunks', async (t) => {
  const served: Served[] = []
  const holder = await startPeer(t, { onServed: (one) => served.push(one) })
  const { node } = await startRogue(t)
  const stream = await (await node.dial(multiaddr(holder.addresses()[0]))).newStream(pullProtocol(NETWORK))
  const frames = lpStream(stream)
  const id = holder.offer(content(KIB * KIB))
  await frames.write(encodeRequest({ id, chunkBytes: 256 * KIB }))
  await frames.read()
  for (const chunk of [0, 3]) {
    await frames.write(encodeChunkRequest(chunk))
    t.is((await frames.read()).byteLength, 256 * KIB)
  }
  stream.abort(new Error('enough'))
  await until(() => served.length === 1)
  t.deepEqual(served, [{ peer: node.peerId.toString(), content: id, contentBytes: KIB * KIB, bytes: 512 * KIB }])
})

test('a pull that is cut off counts what went into the wire, no more', async (t) => {
  const served: Served[] = []
  const holder = await startPeer(t, { onServed: (one) => served.push(one) })
  const wire = await wireTo(t, holder)
  const { node } = await startRogue(t)
  const stream = await (await node.dial(multiaddr(wire.address))).newStream(pullProtocol(NETWORK))
  const size = 16 * KIB * KIB
  const id = holder.offer(content(size))
  const frames = lpStream(stream)
  await frames.write(encodeRequest({ id, chunkBytes: KIB * KIB }))
  await frames.read()
  // Not read any further: the stream's window fills, and the rest waits at the holder.
  stream.pause()
  for (let chunk = 0; chunk < 16; chunk++) await frames.write(encodeChunkRequest(chunk))
  const before = (): number => holder.traffic().protocols.pull ?? 0
  await until(async () => {
    const then = before()
    await new Promise((resolve) => { setTimeout(resolve, 200) })
    return then > KIB * KIB / 2 && before() === then
  })
  wire.cut()
  await until(() => served.length === 1)
  const { bytes } = served[0]!
  t.true(bytes > 0 && bytes < size, `${bytes} bytes`)
  t.true(bytes <= wire.fromPeer() && bytes > wire.fromPeer() * 0.9, `${bytes} of ${wire.fromPeer()} bytes`)
})

test('a message that somebody took only when it was tried again is told', async (t) => {
  const later: SentLater[] = []
  const peer = await startPeer(t, { onSentLater: (sent) => later.push(sent) })
  const other = await startPeer(t, { bootstrap: peer.addresses() })
  await until(() => peer.peers().length === 1)
  const message = content(100)
  const told = (): boolean => later.length > 0
  while (!told()) {
    t.is(await peer.publish('late', message), 0)
    const end = other.subscribe('late', () => undefined)
    const published = Date.now()
    // Where the mesh forms too late for the last try, it begins anew.
    await until(() => told() || Date.now() - published > 1500)
    if (!told()) end()
  }
  t.deepEqual(later[0], { topic: 'late', message, recipients: 1 })
})
