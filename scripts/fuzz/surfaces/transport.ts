import { contentId, decodeCanonical, encodeCanonical, peerOf } from '../../../src/identity/index.js'
import { openAddresses, sealAddresses } from '../../../src/network/libp2p/address-record.js'
import { byPeer } from '../../../src/network/libp2p/addresses.js'
import { chunkCount, HASH_BYTES, listChunks } from '../../../src/network/libp2p/assembly.js'
import { decodeHello, encodeHello, networkDifference } from '../../../src/network/libp2p/hello.js'
import { decodeRecords } from '../../../src/network/libp2p/peer-exchange.js'
import { decodeChunkRequest, decodeHeader, decodeRequest, encodeChunkRequest, encodeHeader, encodeRequest } from '../../../src/network/libp2p/pull-messages.js'

import { foreignEnvelope } from '../envelopes.js'
import { idOf, NETWORK, PEERS } from '../examples/identities.js'
import { GENESIS_BYTES, OTHER_GENESIS } from '../examples/network.js'
import { encodeAnyhow } from '../loose-cbor.js'
import { foreignBytes } from '../mutate-bytes.js'
import { foreignText } from '../mutate-text.js'
import { foreignValue } from '../mutate-values.js'
import { must, mustBeSame, surface } from '../surface.js'
import type { Surface } from '../surface.js'

const CHUNK_BYTES = 256 * 1024
const ADDRESSES = ['/ip4/10.0.0.1/tcp/4101', '/dns4/host.example/tcp/4101', '/ip6/::1/tcp/1']

/** One message of a stream: read in one way only, or refused. */
function exchanged(name: string, valid: Uint8Array, again: (bytes: Uint8Array) => Uint8Array): Surface {
  mustBeSame(again(valid), valid)
  return surface({
    name,
    from: 'a peer',
    make: (draw) => name !== 'chunk-request' && draw.chance(0.6) ? encodeAnyhow(foreignValue(decodeCanonical(valid), draw), draw) : foreignBytes(valid, draw),
    feed: (bytes) => { mustBeSame(again(bytes), bytes) },
  })
}

const hello = exchanged('hello', encodeHello({
  version: 1, network: idOf('their network'), genesis: new Uint8Array(40), addresses: sealAddresses(PEERS[0]!, NETWORK, ADDRESSES, 5), credential: null, refusal: { reason: 'no', lasting: true }, software: 'meshwright 0.1.0', time: 1_700_000_000_000,
}), (bytes) => encodeHello(decodeHello(bytes)))

/** A stranger's genesis is compared field by field, and the difference is shown to people. */
const genesis = surface({
  name: 'hello-genesis',
  from: 'a peer',
  make: (draw) => encodeAnyhow(foreignValue(OTHER_GENESIS, draw), draw),
  feed: (bytes) => {
    const theirs = { version: 1 as const, network: idOf('theirs'), addresses: null, credential: null, refusal: null, software: '', time: 0 }
    for (const network of [theirs.network, contentId(bytes)]) {
      const difference = networkDifference({ network: NETWORK, genesis: GENESIS_BYTES }, { ...theirs, network, genesis: bytes })
      must(difference !== undefined && difference.length < 400, 'the difference of two networks is not told in a sentence')
      must(!/\p{C}/u.test(difference!), 'a stranger\'s control characters are shown')
    }
  },
})

const header = exchanged('pull-header', encodeHeader('holds', listChunks(new Uint8Array(300_000), CHUNK_BYTES)), (bytes) => {
  const { status, list } = decodeHeader(bytes, CHUNK_BYTES)
  must(status !== 'holds' || list.hashes.length === chunkCount(list.size, CHUNK_BYTES) * HASH_BYTES, 'a list of hashes that its size contradicts')
  return encodeHeader(status, list)
})

const addressRecord = surface({
  name: 'address-record',
  from: 'a peer',
  make: (draw) => foreignEnvelope('addresses', { sequence: 7, addresses: ADDRESSES }, draw),
  feed: (bytes) => {
    const { peer, addresses } = openAddresses(bytes, NETWORK)
    must(PEERS.some(({ publicKey }) => peerOf(publicKey) === peer), 'nobody could have signed this')
    must(addresses.length <= 8 && [...byPeer(addresses).keys()].every((named) => named === peer), 'an address of another peer was taken')
  },
})

const address = surface({
  name: 'peer-address',
  from: 'a user',
  make: (draw) => foreignText(ADDRESSES.map((one) => `${one}/p2p/${PEERS[0]!.peerId}`), ['/', '/p2p/', '/ip4/', '/ip6/', '/tcp/', '/dns4/', '999', '::', 'a', ' ', '/unix/', '/p2p-circuit', '/ip6zone/'], draw),
  feed: (text) => { must(byPeer([text]).size === 1, 'an address names no peer or several') },
})

export const transportSurfaces: readonly Surface[] = [
  hello,
  genesis,
  exchanged('pull-request', encodeRequest({ id: idOf('content'), chunkBytes: CHUNK_BYTES }), (bytes) => encodeRequest(decodeRequest(bytes))),
  header,
  exchanged('chunk-request', encodeChunkRequest(7), (bytes) => encodeChunkRequest(decodeChunkRequest(bytes))),
  exchanged('peer-exchange', encodeCanonical(PEERS.map((peer) => sealAddresses(peer, NETWORK, ADDRESSES, 1))), (bytes) => encodeCanonical(decodeRecords(bytes))),
  addressRecord,
  address,
]
