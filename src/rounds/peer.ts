import { clusterFor, foundingClusters, levelsAbove } from '../hierarchy/index.js'
import type { Cluster, Verify } from '../hierarchy/index.js'
import type { Signer } from '../identity/index.js'
import { verifySignature } from '../identity/index.js'
import type { ContentId, PeerId, Transport } from '../network/index.js'
import { TypedEvents } from '../telemetry/index.js'
import type { Clock } from '../telemetry/index.js'

import { countTraffic } from './counting-transport.js'
import { RoundsError } from './errors.js'
import type { RoundEvents } from './events.js'
import { Place } from './place.js'
import { onePolicy, PolicyInForce } from './policies.js'
import type { Policies } from './policies.js'
import type { RoundPolicy } from './policy.js'
import { foundedIn } from './records/members.js'
import type { Auditor, Learner, OwnMetric, RoundStore } from './ports.js'
import { RunningPeer } from './running-peer.js'
import type { PeerStatus } from './status.js'

export interface PeerOptions {
  readonly identity: Signer
  /** The hash of the network's genesis. */
  readonly network: ContentId
  /** The policy of the start, by which clusters were founded. */
  readonly policy: RoundPolicy
  /** The policies that come meanwhile; default none but that of the start. */
  readonly policies?: Policies
  /** What this peer trains on; only needed of peers that are no founders. */
  readonly domain?: string
  /** The owners' word for this peer, where it has one. */
  readonly credential?: Uint8Array | null
  /** Checks what others show of the owners' word for them when they ask to join. Throws where it is not enough; by default everything is. */
  readonly checkCredential?: (peer: PeerId, credential: Uint8Array | null) => void
  /** The adapter from which the network starts: the same at every peer, since it follows from the genesis. */
  readonly adapter: Float32Array
  readonly transport: Transport
  /** All deadlines count on it. */
  readonly clock: Clock
  readonly store: RoundStore
  readonly learner: Learner
  readonly auditor: Auditor
  /** Weighs deltas once more for the personal model. */
  readonly ownMetric?: OwnMetric
  /** Checks signatures, for simulations whose identities sign with something cheaper than Ed25519; a node never sets it. */
  readonly verify?: Verify
  /** Records of each chain that stay in memory, at least 8; default 512. Older ones are on disk, and loaded when somebody asks for them. */
  readonly recordsKept?: number
  /** Bytes sent and received so far, where the transport counts them; otherwise messages and pulls are counted here. */
  readonly traffic?: () => { readonly bytesSent: number, readonly bytesReceived: number }
}

/** One peer of a network: it trains, exchanges, audits and agrees until it is stopped. */
export interface Peer {
  readonly events: TypedEvents<RoundEvents>
  /** Takes up where the store left off, or begins with the network's founding record. */
  start(): Promise<void>
  /**
   * Ends training and talking, and waits for what is being written.
   *
   * @param options.leave - whether this is for good: the others then take the peer off the roster at once instead of waiting for it. Default false
   */
  stop(options?: { readonly leave?: boolean }): Promise<void>
  status(): PeerStatus
  /** The shared adapter of the last record; not to be changed. */
  adapter(): Float32Array
}

/** Some 15 MB for a small cluster. */
const RECORDS_KEPT = 512

/** What late deltas and branches look back to. */
const LEAST_RECORDS_KEPT = 8

/**
 * @throws RoundsError PEER_UNPLACED where the policy has no cluster for this peer's domain
 * @throws HierarchyError where the founding roster makes no clusters
 */
export function createPeer(options: PeerOptions): Peer {
  const { identity, network, policy, policies = onePolicy(policy) } = options
  const clusters = foundingClusters(policy.foundingRoster, policy.clusterSize, network)
  const place = new Place(placeOf(identity.peerId, options.domain, clusters, network))
  const events = new TypedEvents<RoundEvents>()
  const { transport, traffic } = countTraffic(options.transport)
  const life = new AbortController()
  const inForce = new PolicyInForce(policies)
  const peer = new RunningPeer({
    identity,
    self: identity.peerId,
    network,
    get policy() { return inForce.policy },
    policies,
    inForce,
    clusters,
    upper: levelsAbove(clusters, policy.clusterSize, network),
    get cluster() { return place.cluster },
    place,
    credential: options.credential ?? null,
    checkCredential: options.checkCredential ?? (() => undefined),
    transport,
    clock: options.clock,
    store: options.store,
    events,
    verify: options.verify ?? verifySignature,
    length: options.adapter.length,
    learner: options.learner,
    auditor: options.auditor,
    ownMetric: options.ownMetric,
    recordsKept: Math.max(LEAST_RECORDS_KEPT, options.recordsKept ?? RECORDS_KEPT),
    signal: life.signal,
  }, options.adapter)
  return {
    events,
    start: () => peer.start(),
    async stop({ leave = false } = {}) {
      if (leave) await peer.leave()
      life.abort()
      await peer.stop()
    },
    status: () => peer.status(options.traffic?.() ?? traffic),
    adapter: () => peer.adapter(),
  }
}

function placeOf(self: string, domain: string | undefined, clusters: readonly Cluster[], network: ContentId): Cluster {
  const own = foundedIn(self, clusters)
  const place = own ?? (domain === undefined ? undefined : clusterFor(self, domain, clusters, network))
  if (place === undefined) {
    const domains = [...new Set(clusters.map((cluster) => cluster.domain))].join(', ')
    throw new RoundsError('PEER_UNPLACED', `${self} is no founder and ${domain === undefined ? 'names no domain' : `no cluster trains on "${domain}"`}: name one of ${domains}`)
  }
  return place
}
