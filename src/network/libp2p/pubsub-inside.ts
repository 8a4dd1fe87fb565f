import type { GossipSub } from '@libp2p/gossipsub'

import type { PeerId } from '../transport.js'

/** What gossipsub keeps to itself, and this room needs: each is looked for once, when the transport is made, so that another version of it says so at once. */

interface RawMessage { readonly data?: Uint8Array, readonly topic: string }

/** Passes a message on to those whom its topic's mesh gives it, but for those excluded. */
type ForwardMessage = (id: string, message: RawMessage, source: PeerId | undefined, excluded?: Set<PeerId>) => void

interface Inside {
  readonly score: { readonly params: { readonly topics: Record<string, TopicScore> } }
  readonly streamsOutbound: ReadonlyMap<PeerId, unknown>
  readonly mesh: ReadonlyMap<string, ReadonlySet<PeerId>>
  readonly topics: ReadonlyMap<string, ReadonlySet<PeerId>>
  forwardMessage: ForwardMessage
  selectPeersToPublish(topic: string): { readonly tosend: ReadonlySet<PeerId> }
}

export type TopicScore = typeof TOPIC_SCORE

/** Only delivery of refused messages counts: small clusters are quiet, so counting missing deliveries would punish the honest. */
export const TOPIC_SCORE = {
  topicWeight: 1,
  timeInMeshWeight: 0,
  timeInMeshQuantum: 1000,
  timeInMeshCap: 3600,
  firstMessageDeliveriesWeight: 0.1,
  firstMessageDeliveriesDecay: 0.9,
  firstMessageDeliveriesCap: 50,
  meshMessageDeliveriesWeight: 0,
  meshMessageDeliveriesDecay: 0.5,
  meshMessageDeliveriesCap: 100,
  meshMessageDeliveriesThreshold: 20,
  meshMessageDeliveriesWindow: 10,
  meshMessageDeliveriesActivation: 5000,
  meshFailurePenaltyWeight: 0,
  meshFailurePenaltyDecay: 0.5,
  invalidMessageDeliveriesWeight: -10,
  invalidMessageDeliveriesDecay: 0.9,
}

/** Parameters of topics' scores. gossipsub takes them at its making only; our topics come and go. */
export function topicScoresOf(pubsub: GossipSub): Record<string, TopicScore> {
  return insideOf(pubsub).score.params.topics
}

/** The peers to whom a publish on this topic goes now. */
export function recipientsOf(pubsub: GossipSub, topic: string): PeerId[] {
  const { streamsOutbound } = insideOf(pubsub)
  return [...insideOf(pubsub).selectPeersToPublish(topic).tosend].filter((peer) => streamsOutbound.has(peer))
}

/**
 * Has messages not be passed on to some peers.
 *
 * @param isServed - whether a neighbour need not be sent this message from here, since its author has sent it there
 * @param fewPeers - in topics where no more peers than these are known all messages are passed on
 */
export function passOnLess(pubsub: GossipSub, fewPeers: number, isServed: (message: Uint8Array) => (peer: PeerId) => boolean): void {
  const inside = insideOf(pubsub)
  const forward = inside.forwardMessage.bind(pubsub)
  inside.forwardMessage = (id, message, source, excluded) => {
    const { data, topic } = message
    if (data === undefined || (inside.topics.get(topic)?.size ?? 0) <= fewPeers) { forward(id, message, source, excluded); return }
    const served = [...inside.mesh.get(topic) ?? []].filter(isServed(data))
    forward(id, message, source, new Set([...excluded ?? [], ...served]))
  }
}

function insideOf(pubsub: GossipSub): Inside {
  if (!isInside(pubsub)) throw new TypeError('this version of gossipsub keeps its parts elsewhere: see pubsub-inside.ts')
  return pubsub
}

function isInside(pubsub: object): pubsub is Inside {
  const part = (of: unknown, name: string): unknown => typeof of === 'object' && of !== null ? Reflect.get(of, name) : undefined
  return typeof part(part(part(pubsub, 'score'), 'params'), 'topics') === 'object'
    && ['streamsOutbound', 'mesh', 'topics'].every((name) => part(pubsub, name) instanceof Map)
    && ['forwardMessage', 'selectPeersToPublish'].every((name) => typeof part(pubsub, name) === 'function')
}
