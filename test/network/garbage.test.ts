import type { Connection } from '@libp2p/interface'
import { lpStream } from '@libp2p/utils'
import { multiaddr } from '@multiformats/multiaddr'
import type { ExecutionContext } from 'ava'
import test from 'ava'

import { contentId, createIdentity, encodeCanonical } from '../../src/identity/index.js'
import type { Libp2pTransport } from '../../src/network/index.js'
import { sealAddresses } from '../../src/network/libp2p/address-record.js'
import { HELLO_PROTOCOL } from '../../src/network/libp2p/hello.js'
import { encodeBundle } from '../../src/network/libp2p/bundle.js'
import { encodeRequest, pullProtocol } from '../../src/network/libp2p/pull-messages.js'

import { content } from './content.js'
import { NETWORK, startPeer, startRogue, until } from './peers.js'

const PEERS_PROTOCOL = `/meshwright/${NETWORK.slice(0, 16)}/peers/1`

async function connected(t: ExecutionContext): Promise<{ peer: Libp2pTransport, connection: Connection }> {
  const peer = await startPeer(t)
  const { node } = await startRogue(t)
  const connection = await node.dial(multiaddr(peer.addresses()[0]))
  await until(() => peer.peers().length === 1)
  return { peer, connection }
}

const garbage: readonly [string, Uint8Array][] = [
  ['random bytes', content(1000)],
  ['a length prefix of four gibibytes', Uint8Array.of(0xff, 0xff, 0xff, 0xff, 0x0f)],
  ['a length prefix without an end', new Uint8Array(64).fill(0xff)],
  ['a megabyte of zeros', new Uint8Array(1024 * 1024)],
]
for (const protocol of [HELLO_PROTOCOL, PEERS_PROTOCOL, pullProtocol(NETWORK)]) {
  for (const [what, bytes] of garbage) {
    test(`${what} on ${protocol.replace(/[0-9a-f]{16}/, 'x')} end the stream, and the next peer is welcome`, async (t) => {
      const { peer, connection } = await connected(t)
      const stream = await connection.newStream(protocol)
      const closed = new Promise((resolve) => { stream.addEventListener('close', resolve) })
      stream.addEventListener('remoteCloseWrite', () => void stream.close())
      stream.addEventListener('message', () => undefined)
      try {
        stream.send(bytes)
      } catch {
        // Closed already by the peer.
      }
      await closed
      const next = await startPeer(t)
      await next.dial(peer.addresses()[0]!)
      t.true(peer.peers().some((other) => other.peer === next.self))
    })
  }
}

test('a peer that does not say hello gets neither content nor addresses, is not heard, and is disconnected', async (t) => {
  const peer = await startPeer(t)
  const id = peer.offer(content(10))
  const { node } = await startRogue(t, { silent: true })
  const refused = peer.events.next('peer:refused')
  let heard = 0
  peer.subscribe('topic', () => heard++)
  const connection = await node.dial(multiaddr(peer.addresses()[0]))
  let received = 0
  for (const [protocol, question] of [[pullProtocol(NETWORK), encodeRequest({ id, chunkBytes: 256 * 1024 })], [PEERS_PROTOCOL, Uint8Array.of(0)]] as const) {
    const stream = await connection.newStream(protocol)
    stream.addEventListener('message', ({ data }) => { received += data.byteLength })
    await lpStream(stream).write(question)
  }
  // A peer begins gossip with those only whom it has let in; this one begins by itself.
  await node.services.introduction.introduce(connection, node.services.pubsub.protocols.slice(0, 1))
  const topic = `meshwright/${NETWORK.slice(0, 16)}/topic`
  await until(async () => (await node.services.pubsub.publish(topic, encodeBundle([content(10)]))).recipients.length > 0)
  t.regex((await refused).reason, /no hello/)
  await until(() => connection.status !== 'open')
  t.is(received, 0)
  t.is(heard, 0)
  t.deepEqual(peer.peers(), [])
})

test('a peer that passes on forged address records is refused in the end', async (t) => {
  const peer = await startPeer(t)
  const { node } = await startRogue(t)
  const stranger = await createIdentity()
  const elsewhere = sealAddresses(stranger, contentId(content(1)), ['/ip4/10.0.0.1/tcp/1'], 1)
  await node.handle(PEERS_PROTOCOL, async (stream) => {
    const frames = lpStream(stream)
    await frames.read()
    await frames.write(encodeCanonical(Array.from({ length: 8 }, (_, i) => Uint8Array.of(...elsewhere.slice(0, -1), i))))
    await stream.close()
  })
  await node.dial(multiaddr(peer.addresses()[0]))
  await until(() => peer.peers().length === 1)
  await until(() => peer.peers().length === 0)
  t.pass()
})
