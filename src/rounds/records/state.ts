import type { ContentId } from '../../network/index.js'

import { name } from './arrays.js'
import type { Named } from './arrays.js'
import type { FullPoint, Trunk } from './cluster-record.js'

/** The values that a record names by hash: with them a peer can go on from it. The same at all levels. */
export interface RecordState {
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

/** What the level above has said of an offer. */
export interface SettledOffer {
  readonly content: ContentId
  readonly counted: boolean
}

/** A record from above, with what a cluster needs of it. */
export interface FromAbove {
  readonly round: number
  readonly record: ContentId
  readonly adapter: Named
  readonly velocity: Named
  /** The record of the root that the level above has gone back to last. */
  readonly rollback: ContentId | null
  /** What has become of this cluster's offers since the record that has come down last. */
  readonly settled: readonly SettledOffer[]
  /** The last record of this cluster that the level above lists: it is full from then on. */
  readonly listed: FullPoint | null
}

/** The state of round 0: one for all peers of this process that start from the same values, which never change. */
export function foundingState(adapter: Float32Array): RecordState {
  const known = foundings.get(adapter)
  if (known !== undefined) return known
  const first = name(adapter)
  const zeros = name(new Float32Array(adapter.length))
  const state: RecordState = { adapter: first, velocity: zeros, residual: zeros, upper: first, offer: null }
  foundings.set(adapter, state)
  return state
}

const foundings = new WeakMap<Float32Array, RecordState>()

/** Ids of all that a record names, so that a peer can pull it. */
export function namedIn(record: Trunk): ContentId[] {
  const { offer } = record
  return [...new Set([record.adapter, record.velocity, record.residual, record.upper.adapter,
    ...offer === null ? [] : [offer.adapter, offer.residual, offer.content, offer.velocity]])]
}
