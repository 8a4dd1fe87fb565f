import { encodedLength } from '../../src/adapter/index.js'
import { contentId } from '../../src/identity/index.js'
import type { Signer } from '../../src/identity/index.js'
import type { Transport } from '../../src/network/index.js'
import { decodeCarried, encodeCarried, frame, openMessage, sealMessage, signVote, unframe } from '../../src/rounds/index.js'
import type { Auditor, Learner, Opened, Reading } from '../../src/rounds/index.js'

/** What a hostile or broken peer does. Each is a shell around the real peer: its learner, its auditor or its transport. */
export const BEHAVIOURS = {
  damaged: 'trains away from what all others learn',
  zero: 'announces deltas of nothing',
  copying: 'announces the content of another as its own, with a binding that it cannot have',
  silent: 'announces a delta, shows no bytes and takes no further part in the round',
  equivocating: 'votes for a record and for nothing in one step',
  lying: 'audits upside down: good deltas score badly',
} as const

export type Behaviour = keyof typeof BEHAVIOURS

/** All that a shell may replace. */
export interface Shelled {
  readonly learner: Learner
  readonly auditor: Auditor
  readonly transport: Transport
}

export interface ShellOptions {
  /** Of which network messages are, and how they are checked. */
  readonly reading: Reading
  readonly identity: Signer
  /** Values of an adapter. */
  readonly length: number
}

/** Puts a behaviour around an honest peer's parts. A damaged peer's learner is its own: it has another optimum. */
export function disguise(behaviour: Behaviour, honest: Shelled, options: ShellOptions): Shelled {
  switch (behaviour) {
    case 'damaged': return honest
    case 'zero': return { ...honest, learner: idle(honest.learner) }
    case 'copying': return { ...honest, transport: copying(honest.transport, options) }
    case 'silent': return { ...honest, transport: silent(honest.transport, options) }
    case 'equivocating': return { ...honest, transport: equivocating(honest.transport, options) }
    case 'lying': return { ...honest, auditor: lying(honest.auditor) }
  }
}

/** Takes its time like the others and brings back what it was given. */
function idle(learner: Learner): Learner {
  return { train: async (request) => ({ ...await learner.train(request), adapter: request.adapter }) }
}

function lying(auditor: Auditor): Auditor {
  return {
    async score(adapter, seed, count, signal) {
      const { scores } = await auditor.score(adapter, seed, count, signal)
      return { scores: scores.map((score) => 65_536 - score) }
    },
  }
}

/** Holds its manifest back until it has heard another of the same round, and takes over the content of that one. */
function copying(inner: Transport, { reading, identity }: ShellOptions): Transport {
  let heard: Opened<'manifest'> | undefined
  return {
    ...through(inner),
    subscribe: (topic, receive) => inner.subscribe(topic, (message, from) => {
      heard = manifestIn(message, reading) ?? heard
      receive(message, from)
    }),
    publish(topic, message) {
      const own = manifestIn(message, reading)
      if (own === undefined) return inner.publish(topic, message)
      if (heard?.payload.training !== own.payload.training) return Promise.resolve(0)
      return inner.publish(topic, frame('manifest', sealMessage(identity, 'manifest', reading.network, { ...own.payload, content: heard.payload.content })))
    },
  }
}

/** What a silent peer still says: that it is there, and what it pretends to have. */
const SAID_BY_SILENT = new Set<string>(['heartbeat', 'manifest', 'join'])

function silent(inner: Transport, { length }: ShellOptions): Transport {
  const size = encodedLength(length)
  return {
    ...through(inner),
    publish: (topic, message) => (SAID_BY_SILENT.has(unframe(message).kind) ? inner.publish(topic, message) : Promise.resolve(0)),
    offer: (bytes) => (bytes.length === size ? contentId(bytes) : inner.offer(bytes)),
  }
}

function equivocating(inner: Transport, { reading, identity }: ShellOptions): Transport {
  return {
    ...through(inner),
    async publish(topic, message) {
      const took = await inner.publish(topic, message)
      const { kind, body } = unframe(message)
      if (kind !== 'votes') return took
      const { level, cluster, round, instance, votes } = decodeCarried(body, 'votes')
      const ballot = { network: reading.network, level, cluster, round, instance }
      const contrary = votes.filter(({ voter, value }) => voter === identity.peerId && value !== null)
        .map(({ step, term, voter }) => signVote(identity, ballot, { step, term, voter, value: null }, true))
      if (contrary.length > 0) await inner.publish(topic, encodeCarried('votes', { level, cluster, round, instance, votes: contrary }))
      return took
    },
  }
}

function manifestIn(message: Uint8Array, reading: Reading): Opened<'manifest'> | undefined {
  try {
    const { kind, body } = unframe(message)
    return kind === 'manifest' ? openMessage(body, kind, reading) : undefined
  } catch {
    // What cannot be read is refused behind this shell.
    return undefined
  }
}

/** The same transport as an object whose parts can be replaced. */
export function through(inner: Transport): Transport {
  return {
    self: inner.self,
    publish: (topic, message) => inner.publish(topic, message),
    subscribe: (topic, receive) => inner.subscribe(topic, receive),
    offer: (bytes) => inner.offer(bytes),
    offerStored: (id, load) => { inner.offerStored(id, load) },
    withdraw: (id) => { inner.withdraw(id) },
    pull: (id, holders, options) => inner.pull(id, holders, options),
    rate: (peer, reputation) => { inner.rate(peer, reputation) },
  }
}
