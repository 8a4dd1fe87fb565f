import test from 'ava'

import type { Libp2pTransport } from '../../src/network/index.js'

import { content } from './content.js'
import { startPeer, startPeers, until } from './peers.js'

const TOPIC = 'topic'
const LARGE = 40_000

/** So many that not all of them are in each other's meshes. */
const PEERS = 8

/** Peers that are all connected and listen, and how long the messages are that each has heard. */
async function company(t: Parameters<typeof startPeers>[0]): Promise<{ readonly peers: Libp2pTransport[], readonly heard: Map<Libp2pTransport, number[]> }> {
  const peers = await startPeers(t, PEERS)
  const heard = new Map(peers.map((peer) => [peer, [] as number[]]))
  for (const peer of peers) peer.subscribe(TOPIC, (message) => heard.get(peer)!.push(message.length))
  await until(() => peers.every((peer) => peer.peers().length === PEERS - 1))
  await until(async () => await peers[0]!.publish(TOPIC, content(1)) === PEERS - 1)
  return { peers, heard }
}

const gossipBytes = (peer: Libp2pTransport): number => peer.traffic().protocols.gossip ?? 0

test('what its author has sent to everybody, nobody passes on', async (t) => {
  const { peers, heard } = await company(t)
  const [author, ...readers] = peers as [Libp2pTransport, ...Libp2pTransport[]]
  const before = readers.map(gossipBytes)
  t.is(await author.publish(TOPIC, content(LARGE)), PEERS - 1)
  await until(() => readers.every((reader) => heard.get(reader)!.includes(LARGE)))
  // What readers do at once on hearing of it, they have done when a later message has come.
  await author.publish(TOPIC, content(2))
  await until(() => readers.every((reader) => heard.get(reader)!.includes(2)))
  readers.forEach((reader, index) => t.true(gossipBytes(reader) - before[index]! < LARGE))
})

test('who is not connected to an author hears it by way of others', async (t) => {
  const { peers } = await company(t)
  const outsider = await startPeer(t, { listen: [], limits: { targetPeers: 0 } })
  const heard: number[] = []
  outsider.subscribe(TOPIC, (message) => heard.push(message.length))
  await outsider.dial(peers.at(-1)!.addresses()[0]!)
  await until(async () => {
    await peers[0]!.publish(TOPIC, content(3))
    return heard.length > 0
  })
  t.is(heard[0], 3)
  t.deepEqual(outsider.peers().map(({ peer }) => peer), [peers.at(-1)!.self])
})
