import { decodeCanonical, encodeCanonical, open } from '../../../src/identity/index.js'
import { decodeBundle, encodeBundle } from '../../../src/network/libp2p/bundle.js'
import { MAXIMUM_ENVELOPE_BYTES } from '../../../src/rounds/limits.js'
import { CARRIED, decodeCarried, encodeCarried, frame, openMessage, SEALED, sealMessage, unframe } from '../../../src/rounds/messages/wire.js'
import type { CarriedKind, SealedKind } from '../../../src/rounds/messages/wire.js'

import type { Draw } from '../draw.js'
import { foreignEnvelope } from '../envelopes.js'
import { NETWORK, OTHER_NETWORK, PEERS, READING } from '../examples/identities.js'
import { CARRIED_EXAMPLES, SEALED_EXAMPLES } from '../examples/messages.js'
import { encodeAnyhow } from '../loose-cbor.js'
import { foreignBytes } from '../mutate-bytes.js'
import { foreignValue } from '../mutate-values.js'
import { must, mustBeSame, surface } from '../surface.js'
import type { Surface } from '../surface.js'

const sealedKinds = Object.keys(SEALED) as SealedKind[]
const carriedKinds = Object.keys(CARRIED) as CarriedKind[]

function sealed(kind: SealedKind): Surface {
  return surface({
    name: `message-${kind}`,
    from: 'a peer',
    make: (draw) => foreignEnvelope(kind, SEALED_EXAMPLES[kind], draw),
    feed: (envelope) => {
      const { peer, payload, id } = openMessage(envelope, kind, READING)
      must(envelope.length <= MAXIMUM_ENVELOPE_BYTES[kind], 'an envelope above the limit of its kind was opened')
      must(PEERS.some(({ peerId }) => peerId === peer), 'nobody could have signed this')
      mustBeSame(encodeCanonical(payload), encodeCanonical(open(envelope, { kind, network: NETWORK, maximumBytes: envelope.length }).payload))
      must(openMessage(envelope.slice(), kind, READING).id === id, 'the same envelope was opened as another')
      mustNotOpen(envelope, kind)
    },
  })
}

/** What one peer signed for one use must be refused in all others. */
function mustNotOpen(envelope: Uint8Array, kind: SealedKind): void {
  const opens = (as: SealedKind, network: string): boolean => {
    try {
      openMessage(envelope.slice(), as, { ...READING, network })
      return true
    } catch {
      return false
    }
  }
  must(!opens(kind, OTHER_NETWORK), 'an envelope was opened in another network')
  must(!opens(kind === 'report' ? 'summit' : 'report', NETWORK), 'an envelope was opened as another kind')
}

function carried(kind: CarriedKind): Surface {
  return surface({
    name: `message-${kind}`,
    from: 'a peer',
    make: (draw) => draw.chance(0.7) ? encodeAnyhow(foreignValue(CARRIED_EXAMPLES[kind], draw), draw) : foreignBytes(encodeCanonical(CARRIED_EXAMPLES[kind]), draw),
    feed: (body) => {
      const payload = decodeCarried(body, kind)
      must(body.length <= CARRIED[kind].maximumBytes, 'a body above the limit of its kind was read')
      mustBeSame(unframe(encodeCarried(kind, payload)).body, body)
    },
  })
}

const frames = surface({
  name: 'message-frame',
  from: 'a peer',
  make: (draw) => {
    const kind = draw.pick([...sealedKinds, ...carriedKinds])
    const body = draw.bytes(draw.below(100))
    return draw.chance(0.7) ? encodeAnyhow(foreignValue([kind, body], draw), draw) : foreignBytes(frame(kind, body), draw)
  },
  feed: (message) => {
    const { kind, body } = unframe(message)
    mustBeSame(frame(kind, body), message)
  },
})

const bundles = surface({
  name: 'message-bundle',
  from: 'a peer',
  make: (draw) => foreignBytes(encodeBundle(Array.from({ length: 1 + draw.below(4) }, () => draw.bytes(draw.below(100))), PEERS.slice(0, draw.below(3)).map(({ peerId }) => peerId)), draw),
  feed: (bytes) => {
    const { messages, sentTo } = decodeBundle(bytes)
    mustBeSame(encodeBundle(messages, sentTo), bytes)
  },
})

const envelopes = surface({
  name: 'envelope',
  from: 'a peer',
  make: (draw: Draw) => foreignEnvelope('test', { text: 'a payload', numbers: [1, 2, 3], bytes: new Uint8Array(20) }, draw),
  feed: (bytes) => {
    const { peer } = open(bytes, { kind: 'test', network: NETWORK, maximumBytes: 4096 })
    must(bytes.length <= 4096, 'an envelope above the limit was opened')
    must(PEERS.some(({ peerId }) => peerId === peer), 'nobody could have signed this')
    mustBeSame(encodeCanonical(decodeCanonical(bytes)), bytes)
  },
})

/** All kinds of message among peers. A valid example must be taken, or the cases would show nothing. */
export const messageSurfaces: readonly Surface[] = [...sealedKinds.map(sealed), ...carriedKinds.map(carried), frames, bundles, envelopes]
for (const kind of sealedKinds) openMessage(sealMessage(PEERS[0]!, kind, NETWORK, SEALED_EXAMPLES[kind]), kind, READING)
