import { decodeDelta, encodedLength, encodeDelta } from '../../../src/adapter/index.js'
import { contentId, decodeCanonical, encodeCanonical } from '../../../src/identity/index.js'
import type { Identity } from '../../../src/identity/index.js'
import { quorumOf } from '../../../src/hierarchy/index.js'
import type { ContentId, PeerId, Transport } from '../../../src/network/index.js'
import { bindingOf } from '../../../src/rounds/records/manifest.js'
import { frame, openMessage, sealMessage, unframe } from '../../../src/rounds/messages/wire.js'
import type { Opened, SealedKind, SealedPayload } from '../../../src/rounds/messages/wire.js'
import { through } from '../../../scripts/sim/adversaries.js'

import { LENGTH, NETWORK, READING } from '../village.js'

/** A header as maps of canonical values, to be changed and encoded again. */
type Header = Record<string, unknown> & {
  readonly carried: { readonly term: number, readonly precommits: readonly { readonly peer: PeerId }[] } | null
  readonly members: readonly { readonly peer: PeerId, readonly presence: number }[]
}

const DELTA_BYTES = encodedLength(LENGTH)

/** What a message says, where it is of that kind. */
export function payloadOf<Kind extends SealedKind>(message: Uint8Array, kind: Kind): SealedPayload<Kind> | undefined {
  const { kind: found, body } = unframe(message)
  return found === kind ? openMessage(body, kind, READING).payload : undefined
}

/** A transport that lets the messages of a kind in only where `mayPass`. */
export function deafTo(inner: Transport, kind: string, mayPass: (from: PeerId) => boolean = () => false): Transport {
  return {
    ...through(inner),
    subscribe: (topic, receive) => inner.subscribe(topic, (message, from) => { if (unframe(message).kind !== kind || mayPass(from)) receive(message, from) }),
  }
}

/** Listens as usual, and is told of each manifest before it is passed on. */
function hearingManifests(inner: Transport, hear: (manifest: Opened<'manifest'>) => void): Transport['subscribe'] {
  return (topic, receive) => inner.subscribe(topic, (message, from) => {
    const { kind, body } = unframe(message)
    if (kind === 'manifest') hear(openMessage(body, 'manifest', READING))
    receive(message, from)
  })
}

/** A transport that does not pull the deltas of some peers: whose they are it learns from their manifests. */
export function ignoringDeltasOf(inner: Transport, ignored: (peer: PeerId) => boolean): Transport {
  const contents = new Set<ContentId>()
  return {
    ...through(inner),
    subscribe: hearingManifests(inner, ({ peer, payload }) => { if (ignored(peer)) contents.add(payload.content) }),
    pull: (id, holders, options) => (contents.has(id) ? inner.pull(id, [], options) : inner.pull(id, holders, options)),
  }
}

/** Replaces each own record by another one when it is proposed, or proposes both, one after the other. */
export function proposing(inner: Transport, identity: Identity, replace: (header: Header) => Uint8Array | undefined, which: 'other' | 'both' = 'other'): Transport {
  const headers = new Map<ContentId, Uint8Array>()
  return {
    ...through(inner),
    offer(bytes) {
      if (bytes.length !== DELTA_BYTES) headers.set(contentId(bytes), bytes)
      return inner.offer(bytes)
    },
    async publish(topic, message) {
      const own = payloadOf(message, 'proposal')
      const bytes = own === undefined ? undefined : headers.get(own.record)
      const other = bytes === undefined ? undefined : replace(decodeCanonical(bytes) as Header)
      if (other === undefined || which === 'both') await inner.publish(topic, message)
      if (other === undefined) return 0
      const record = inner.offer(other)
      return inner.publish(topic, frame('proposal', sealMessage(identity, 'proposal', NETWORK, { ...own!, record, size: other.length })))
    },
  }
}

/** A record that claims one token more than follows from its evidence. */
export function withWrongTokens(header: Header): Uint8Array {
  return encodeCanonical({ ...header, tokens: (header['tokens'] as number) + 1 })
}

/** As valid a record of the same round: it carries a signature of the last commit less, so that one member was not seen. Undefined where all of them are needed. */
export function withOneSignerLess(header: Header): Uint8Array | undefined {
  const { carried, members } = header
  if (carried === null || carried.precommits.length <= quorumOf(members.length)) return undefined
  const left = carried.precommits.at(-1)!.peer
  return encodeCanonical({
    ...header,
    carried: { ...carried, precommits: carried.precommits.slice(0, -1) },
    members: members.map((member) => (member.peer === left ? { ...member, presence: member.presence & ~1 } : member)),
  })
}

/** Announces, as its own of this round, what another has made in the round before, taken apart and encoded anew. */
export function reencoding(inner: Transport, identity: Identity): Transport {
  const heard = new Map<number, { readonly content: ContentId, readonly peer: PeerId }>()
  const copies = new Map<number, Uint8Array>()
  let last = 0
  return {
    ...through(inner),
    subscribe: hearingManifests(inner, ({ peer, payload }) => { if (!heard.has(payload.training)) heard.set(payload.training, { content: payload.content, peer }) }),
    offer: (bytes) => (bytes.length === DELTA_BYTES && copies.has(last) ? inner.offer(copies.get(last)!) : inner.offer(bytes)),
    async publish(topic, message) {
      const own = payloadOf(message, 'manifest')
      const model = own === undefined ? undefined : heard.get(own.training - 1)
      if (own === undefined || model === undefined) return inner.publish(topic, message)
      last = own.training
      const copy = copies.get(last) ?? await copyOf(model)
      if (copy === undefined) return 0
      copies.set(last, copy)
      return inner.publish(topic, frame('manifest', sealMessage(identity, 'manifest', NETWORK, { ...own, content: contentId(copy), binding: bindingOf(identity.peerId, copy), size: copy.length })))
    },
  }

  async function copyOf({ content, peer }: { readonly content: ContentId, readonly peer: PeerId }): Promise<Uint8Array | undefined> {
    try {
      const bytes = await inner.pull(content, [peer], { maximumBytes: 1_000_000 })
      const values = decodeDelta(new Uint8Array(bytes), LENGTH)
      // A little longer, so that neither the bytes nor the norm are the original's.
      return encodeDelta(values.map((value) => value * 1.01), new Float32Array(LENGTH)).bytes
    } catch {
      return undefined
    }
  }
}

/** Adds to each own audit scores of all deltas of the round, whoever was drawn for them. */
export function scoringAll(inner: Transport, identity: Identity, scoreOf: (peer: PeerId) => number): Transport {
  const senders = new Map<ContentId, PeerId>()
  return {
    ...through(inner),
    subscribe: (topic, receive) => inner.subscribe(topic, (message, from) => {
      const { kind, body } = unframe(message)
      if (kind === 'closing') for (const envelope of openMessage(body, 'closing', READING).payload.manifests) {
        const { peer, payload } = openMessage(envelope, 'manifest', READING)
        senders.set(payload.content, peer)
      }
      receive(message, from)
    }),
    publish(topic, message) {
      const own = payloadOf(message, 'audit')
      if (own === undefined) return inner.publish(topic, message)
      const probes = own.scores[0]!.scores.length
      const scores = [...senders].map(([content, peer]) => ({ content, scores: Array<number>(probes).fill(scoreOf(peer)) })).sort((a, b) => (a.content < b.content ? -1 : 1))
      return inner.publish(topic, frame('audit', sealMessage(identity, 'audit', NETWORK, { ...own, scores })))
    },
  }
}

/**
 * Sees no manifest but its own, and closes the set at once with its own list and as few others as are needed: its own delta alone is then on all lists.
 */
export function closingItsOwnAlone(inner: Transport, identity: Identity, voters: number): Transport {
  const lists = new Map<number, Map<PeerId, Uint8Array>>()
  const manifests = new Map<number, Uint8Array>()
  let hear: (message: Uint8Array) => void = () => undefined
  const note = (envelope: Uint8Array): void => {
    const { peer, payload: { cluster, round, instance } } = openMessage(envelope, 'list', READING)
    const known = lists.get(round) ?? new Map<PeerId, Uint8Array>()
    lists.set(round, known.set(peer, envelope))
    const manifest = manifests.get(round)
    if (manifest === undefined || peer === identity.peerId || known.size < quorumOf(voters) - 1) return
    const own = sealMessage(identity, 'list', NETWORK, { cluster, round, instance, manifests: [openMessage(manifest, 'manifest', READING).id] })
    const others = [...known].filter(([from]) => from !== identity.peerId).slice(0, quorumOf(voters) - 1).map(([, list]) => list)
    const closing = frame('closing', sealMessage(identity, 'closing', NETWORK, { cluster, round, instance, lists: [own, ...others], manifests: [manifest] }))
    void inner.publish(`meshwright/${NETWORK.slice(0, 16)}/${cluster}`, closing)
    hear(closing)
  }
  return {
    ...through(inner),
    subscribe(topic, receive) {
      hear = (message) => { receive(message, inner.self) }
      return inner.subscribe(topic, (message, from) => {
        const { kind, body } = unframe(message)
        if (kind === 'list') note(body)
        if (kind !== 'manifest') receive(message, from)
      })
    },
    publish(topic, message) {
      const { kind, body } = unframe(message)
      if (kind === 'manifest') manifests.set(openMessage(body, 'manifest', READING).payload.training, body)
      return inner.publish(topic, message)
    },
  }
}
