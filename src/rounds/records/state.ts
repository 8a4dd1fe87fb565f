import type { ContentId } from '../../network/index.js'

import { name } from './arrays.js'
import type { Named } from './arrays.js'
import type { ClusterRecord, FullPoint } from './cluster-record.js'

/** The values that a cluster's record names by hash: with them a peer can go on from it. */
export interface ClusterState {
  readonly adapter: Named
  readonly velocity: Named
  /** What earlier offers left out. */
  readonly residual: Named
  /** The adapter of the last record from above; the first adapter before there is one. */
  readonly upper: Named
  /** The offer that no record above has answered yet. */
  readonly offer: OfferedState | null
}

export interface OfferedState {
  readonly adapter: Named
  readonly residual: Named
  readonly content: Uint8Array
  readonly velocity: Uint8Array
}

/** A record from above, with what a cluster needs of it. */
export interface FromAbove {
  readonly round: number
  readonly record: ContentId
  readonly adapter: Named
  readonly velocity: Named
  /** The offer of this cluster that it counted, if it did; the offering record is full from then on. */
  readonly counted: { readonly content: ContentId, readonly point: FullPoint } | null
}

export function foundingState(adapter: Float32Array): ClusterState {
  const first = name(adapter)
  const zeros = name(new Float32Array(adapter.length))
  return { adapter: first, velocity: zeros, residual: zeros, upper: first, offer: null }
}

/** Ids of all that a record names, so that a peer can pull it. */
export function namedIn(record: ClusterRecord): ContentId[] {
  const { offer } = record
  return [...new Set([record.adapter, record.velocity, record.residual, record.upper.adapter,
    ...offer === null ? [] : [offer.adapter, offer.residual, offer.content, offer.velocity]])]
}
