import type { Cluster, Verify } from '../hierarchy/index.js'
import type { Signer } from '../identity/index.js'
import { TransportError } from '../network/index.js'
import type { ContentId, PeerId, Transport } from '../network/index.js'
import type { Clock, TypedEvents } from '../telemetry/index.js'

import type { RoundEvents } from './events.js'
import { messageOf } from './errors.js'
import { sealMessage, frame } from './messages/wire.js'
import type { SealedKind, SealedPayload } from './messages/wire.js'
import type { Place } from './place.js'
import type { Policies, PolicyInForce } from './policies.js'
import type { RoundPolicy } from './policy.js'
import type { Auditor, Learner, OwnMetric, RoundStore } from './ports.js'

/** What all parts of a running peer share. */
export interface Context {
  readonly identity: Signer
  readonly self: PeerId
  readonly network: ContentId
  /** By which this round runs. */
  readonly policy: RoundPolicy
  /** All that have come here. */
  readonly policies: Policies
  readonly inForce: PolicyInForce
  /** The clusters of peers, as the founders made them. */
  readonly clusters: readonly Cluster[]
  /** The clusters of seats above them, level by level. */
  readonly upper: readonly Cluster[]
  /** The cluster that this peer belongs to, or asks to join. */
  readonly cluster: Cluster
  /** Says which cluster that is. */
  readonly place: Place
  /** The owners' word for this peer, which it shows when it asks to join; null where it has none. */
  readonly credential: Uint8Array | null
  /** @throws where a peer shows no credential of the owners, and needs one */
  readonly checkCredential: (peer: PeerId, credential: Uint8Array | null) => void
  readonly transport: Transport
  readonly clock: Clock
  readonly store: RoundStore
  readonly events: TypedEvents<RoundEvents>
  readonly verify: Verify
  /** Values of an adapter. */
  readonly length: number
  readonly learner: Learner
  readonly auditor: Auditor
  readonly ownMetric: OwnMetric | undefined
  /** Records that stay in memory; older ones are on disk. */
  readonly recordsKept: number
  /** Aborted when the peer stops. */
  readonly signal: AbortSignal
}

export function clusterTopic(network: ContentId, cluster: string): string {
  return `meshwright/${network.slice(0, 16)}/${cluster}`
}

/** Signs and sends; what cannot be sent is sent again by the next repetition. */
export function say<Kind extends SealedKind>(context: Context, topicOf: string, kind: Kind, payload: SealedPayload<Kind>): Uint8Array {
  const envelope = sealMessage(context.identity, kind, context.network, payload)
  send(context, topicOf, frame(kind, envelope))
  return envelope
}

export function send(context: Context, cluster: string, message: Uint8Array): void {
  if (context.signal.aborted) return
  context.transport.publish(clusterTopic(context.network, cluster), message).catch((error: unknown) => trouble(context, 'a message could not be sent', error))
}

/** Runs something that may fail without stopping the round. That content cannot be had just now is no trouble: whatever needs it asks again. */
export function attempt(context: Context, what: string, act: () => Promise<void> | void): void {
  const failed = (error: unknown): void => {
    if (!context.signal.aborted && !(error instanceof TransportError)) trouble(context, what, error)
  }
  try {
    act()?.catch(failed)
  } catch (error) {
    failed(error)
  }
}

export function trouble(context: Context, what: string, error: unknown): void {
  context.events.emit('peer:troubled', { what: `${what}: ${messageOf(error)}`, error })
}
