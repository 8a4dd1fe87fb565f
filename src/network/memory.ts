import type { Clock, Random } from '../telemetry/index.js'

import { contentId } from '../identity/index.js'

import { TransportError } from './errors.js'
import { MemoryPeer } from './memory-peer.js'
import type { LinkedPeer, MemoryLinks, Traffic } from './memory-links.js'
import type { ContentId, PeerId, Transport } from './transport.js'

/** Milliseconds one way: fixed, drawn evenly from a range for each message, or by link. */
export type Latency = number | { readonly minimum: number, readonly maximum: number } | ((from: PeerId, to: PeerId) => number)

export interface MemoryNetworkOptions {
  readonly clock: Clock
  readonly random: Random
  /** One way, default 5 ms. A range reorders messages. */
  readonly latency?: Latency
  /** Chance that a message does not reach one of its receivers, 0..1, default 0. Pulls run over reliable streams and lose nothing. */
  readonly loss?: number
  /** Chance that a message reaches a receiver twice, 0..1, default 0. */
  readonly duplicate?: number
  /** Bytes a second of one pull; without it, a pull takes its round trips only. */
  readonly bandwidth?: number
  /** How long a pull waits for a holder that has gone silent, milliseconds, default 2000. */
  readonly silenceMs?: number
  /** Hands over the very bytes that a peer publishes or offers, which must then never change: for simulations, where a message said again is then read once. Default false. */
  readonly isShared?: boolean
  /** Names content; for simulations that know the names of bytes already. */
  readonly nameOf?: (bytes: Uint8Array) => ContentId
  /** Groups that cannot hear each other, from the start: see `partition`. */
  readonly partitions?: readonly (readonly PeerId[])[]
}

/** A network within one process: deterministic where the clock is virtual and `random` is seeded. */
export interface MemoryNetwork {
  /** Adds a peer, or starts one again that was killed: it then has no subscriptions and offers nothing. */
  join(peer: PeerId): Transport
  /** The peer's process is gone: what is on its way to it is lost, its pulls end with ABORTED, its transport does nothing from now on. */
  kill(peer: PeerId): void
  /** The same as `join`, for a peer that was killed. */
  revive(peer: PeerId): Transport
  isAlive(peer: PeerId): boolean
  /** Peers of different groups no longer reach each other, also with what is on its way. Peers in no group form one more. Replaces earlier partitions. */
  partition(groups: readonly (readonly PeerId[])[]): void
  heal(): void
  /** Changes the chances of loss and duplication from now on. */
  disturb(chances: { readonly loss?: number, readonly duplicate?: number }): void
  /** What a peer has sent and received since it first joined, messages and pulled content together. */
  traffic(peer: PeerId): Readonly<Traffic>
}

export function createMemoryNetwork(options: MemoryNetworkOptions): MemoryNetwork {
  const { clock, random, latency = 5, bandwidth = Infinity, silenceMs = 2000, isShared = false, nameOf = contentId } = options
  let { loss = 0, duplicate = 0 } = options
  const live = new Map<PeerId, MemoryPeer>()
  const traffics = new Map<PeerId, Traffic>()
  const topics = new Map<string, Set<LinkedPeer>>()
  let groups = new Map<PeerId, number>()

  function partition(parts: readonly (readonly PeerId[])[]): void {
    groups = new Map(parts.flatMap((part, group) => part.map((peer) => [peer, group] as const)))
  }

  const trafficOf = (peer: PeerId): Traffic => {
    let traffic = traffics.get(peer)
    if (traffic === undefined) {
      traffic = { messagesSent: 0, messagesReceived: 0, bytesSent: 0, bytesReceived: 0 }
      traffics.set(peer, traffic)
    }
    return traffic
  }

  const delay = (from: PeerId, to: PeerId): number => {
    if (typeof latency === 'number') return latency
    if (typeof latency === 'function') return latency(from, to)
    return latency.minimum + random() * (latency.maximum - latency.minimum)
  }

  const connected = (from: PeerId, to: PeerId): boolean => groups.size === 0 || (groups.get(from) ?? -1) === (groups.get(to) ?? -1)

  const links: MemoryLinks = {
    clock,
    bandwidth,
    silenceMs,
    isShared,
    nameOf,
    delay,
    trafficOf,
    connected,
    live: (peer) => live.get(peer),
    subscribers: (topic) => topics.get(topic) ?? new Set(),
    subscribe(topic, peer) {
      const peers = topics.get(topic) ?? new Set()
      topics.set(topic, peers.add(peer))
    },
    unsubscribe(topic, peer) {
      const peers = topics.get(topic)
      peers?.delete(peer)
      if (peers?.size === 0) topics.delete(topic)
    },
    copies: () => (random() < loss ? 0 : random() < duplicate ? 2 : 1),
  }

  function join(peer: PeerId): Transport {
    if (live.has(peer)) throw new TransportError('PEER_ALREADY_JOINED', `${peer} is in the network already: kill it before it joins again`)
    const joined = new MemoryPeer(peer, links)
    live.set(peer, joined)
    return joined
  }

  partition(options.partitions ?? [])

  return {
    join,
    revive: join,
    kill(peer) {
      live.get(peer)?.stop()
      live.delete(peer)
    },
    isAlive: (peer) => live.has(peer),
    partition,
    heal: () => partition([]),
    disturb(chances) {
      loss = chances.loss ?? loss
      duplicate = chances.duplicate ?? duplicate
    },
    traffic: trafficOf,
  }
}
