import { encodeDelta } from '../../adapter/index.js'
import { contentId } from '../../identity/index.js'

import { difference, name, shifted } from './arrays.js'
import type { ClusterOffer, ClusterRecord } from './cluster-record.js'
import type { ClusterState, FromAbove, OfferedState } from './state.js'

/** Adapter, velocity and residual after a record from above, before the round's own outer step. */
export interface Lowered {
  readonly adapter: Float32Array
  readonly velocity: Float32Array
  readonly residual: Float32Array
  readonly upper: ClusterRecord['upper']
  readonly upperValues: Float32Array
  /** What is left to offer: nothing waits for an answer any more. */
  readonly tokens: number
}

/**
 * Takes over what the level above has agreed on: adapter += S' - S, where S is what this cluster gave and S' the result. Training since then stays, so
 * deltas trained from the old adapter stay valid.
 */
export function lower(parent: ClusterRecord, state: ClusterState, above: FromAbove): Lowered {
  const counted = above.counted !== null && above.counted.content === parent.offer?.content
  const given = counted ? state.offer!.adapter.values : state.upper.values
  return {
    adapter: shifted(state.adapter.values, above.adapter.values, given),
    velocity: above.velocity.values,
    residual: counted ? state.offer!.residual.values : state.residual.values,
    upper: { round: above.round, record: above.record, adapter: above.adapter.id },
    upperValues: above.adapter.values,
    tokens: counted ? parent.tokens - parent.offer!.tokens : parent.tokens,
  }
}

/** A cluster's change since the last record from above, encoded, and what the code leaves out. */
export function offerOf(round: number, adapter: Float32Array, velocity: Float32Array, residual: Float32Array, upper: Float32Array, tokens: number): { offer: ClusterOffer, state: OfferedState } {
  const change = encodeDelta(difference(adapter, upper), residual)
  const speed = encodeDelta(velocity, new Float32Array(velocity.length))
  const state = { adapter: name(adapter), residual: name(change.residual.map((value) => value + 0)), content: change.bytes, velocity: speed.bytes }
  return {
    state,
    offer: {
      content: contentId(change.bytes),
      size: change.bytes.length,
      velocity: contentId(speed.bytes),
      tokens,
      adapter: state.adapter.id,
      residual: state.residual.id,
      round,
    },
  }
}
