import { once } from 'node:events'
import { connect, createServer } from 'node:net'
import type { AddressInfo } from 'node:net'

import { noise } from '@libp2p/noise'
import { tcp } from '@libp2p/tcp'
import { lpStream } from '@libp2p/utils'
import { yamux } from '@libp2p/yamux'
import test from 'ava'
import fc from 'fast-check'
import { createLibp2p } from 'libp2p'
import type { Libp2p } from 'libp2p'

import { freePorts } from '../../scripts/bench/village/free-ports.js'
import { contentId } from '../../src/identity/index.js'
import { giveBack } from '../../src/network/libp2p/give-back.js'
import { NoiseMessages } from '../../src/network/libp2p/noise-messages.js'

import { content } from './content.js'
import { startPeer, startRogue, until } from './peers.js'

const KIB = 1024
const ECHO = '/echo/1'

test('messages of noise are found wherever reads end, though each read overwrites the one before', (t) => {
  fc.assert(fc.property(fc.array(fc.integer({ min: 1, max: 300 }), { maxLength: 8 }), fc.integer({ min: 1, max: 400 }), fc.nat({ max: 5 }), (sizes, readBytes, early) => {
    const sent = sizes.map((size, at) => content(size, at + 1))
    const wire = Buffer.concat(sent.flatMap((message) => [Uint8Array.of(message.length >> 8, message.length & 255), message]))
    // Some of the first message may have come before.
    const begun = Math.min(early, wire.length, (sizes[0] ?? 0) + 1)
    const messages = new NoiseMessages(wire.subarray(0, begun))
    const read = new Uint8Array(readBytes)
    const found: string[] = []
    for (let at = begun; at < wire.length; at += readBytes) {
      const bytes = Math.min(readBytes, wire.length - at)
      read.set(wire.subarray(at, at + bytes))
      for (const message of messages.in(read.subarray(0, bytes))) found.push(Buffer.from(message.subarray()).toString('hex'))
    }
    t.deepEqual(found, sent.map((message) => Buffer.from(message).toString('hex')))
  }))
})

test('memory is given back where a part has it for itself, and stays where it is shared', (t) => {
  const alone = content(64)
  const shared = content(64)
  const half = shared.subarray(0, 32)
  giveBack([alone, half])
  t.is(alone.length, 0)
  t.deepEqual(Buffer.from(half), Buffer.from(content(32)))
  t.deepEqual(Buffer.from(shared), Buffer.from(content(64)))
})

for (const who of ['dials', 'is dialled by'] as const) {
  test(`a peer that ${who} libp2p as it comes understands it, and is understood, in small messages and in large ones`, async (t) => {
    const { node: ours } = await startRogue(t, { silent: true })
    const theirs = await createLibp2p({
      addresses: { listen: ['/ip4/127.0.0.1/tcp/0'] },
      transports: [tcp()],
      connectionEncrypters: [noise({ prologueBytes: Buffer.from(contentId(Buffer.from('meshwright/noise/1')), 'hex') })],
      streamMuxers: [yamux({ streamOptions: { initialStreamWindowSize: 1024 * KIB } })],
    })
    t.teardown(() => theirs.stop())
    for (const node of [ours, theirs]) await echo(node)
    const [dialler, dialled] = who === 'dials' ? [ours, theirs] : [theirs, ours]
    const connection = await dialler.dial(dialled.getMultiaddrs())
    await until(() => dialled.getConnections(dialler.peerId).length === 1)
    for (const from of [connection, dialled.getConnections(dialler.peerId)[0]!]) {
      const frames = lpStream(await from.newStream(ECHO))
      for (const size of [1, 100, 1199, 1200, 65_518, 65_519, 65_520, 700 * KIB + 1]) {
        await frames.write(content(size, size))
        t.is(Buffer.compare((await frames.read()).subarray(), content(size, size)), 0)
      }
    }
  })
}

async function echo(node: Libp2p): Promise<void> {
  await node.handle(ECHO, async (stream) => {
    const frames = lpStream(stream)
    for (;;) await frames.write(await frames.read())
  })
}

test('a bit that is changed on the way ends the connection, and nothing of that is taken', async (t) => {
  // Neither can be dialled back, which would go past the one in between.
  const port = (await freePorts(1))[0]!
  const holder = await startPeer(t, { listen: [`/ip4/127.0.0.1/tcp/${port}`], announce: ['/ip4/127.0.0.1/tcp/1'] })
  let toSpoil = Infinity
  const server = createServer((outer) => {
    const inner = connect(port, '127.0.0.1')
    outer.on('error', () => inner.destroy()).on('close', () => inner.destroy()).pipe(inner)
    inner.on('error', () => outer.destroy()).on('close', () => outer.destroy()).on('data', (bytes) => {
      if (toSpoil < bytes.length) bytes[toSpoil]! ^= 1
      toSpoil -= bytes.length
      outer.write(bytes)
    })
  })
  t.teardown(() => server.close())
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const puller = await startPeer(t, { listen: [] })
  await puller.dial(`/ip4/127.0.0.1/tcp/${(server.address() as AddressInfo).port}/p2p/${holder.self}`)
  const down = puller.events.next('peer:down')
  const id = holder.offer(content(2048 * KIB))
  toSpoil = 1024 * KIB
  const error = await t.throwsAsync(puller.pull(id, [holder.self], { maximumBytes: 2048 * KIB }))
  t.regex(error.message, /CONTENT_UNAVAILABLE|none of 1 holders/)
  t.is((await down).peer, holder.self)
})
