import { encodeDelta } from '../../adapter/index.js'
import { contentId } from '../../identity/index.js'
import { LATE_ROUNDS } from '../limits.js'

import { difference, name, shifted } from './arrays.js'
import type { Link, Offer, Trunk } from './cluster-record.js'
import type { FromAbove, OfferedState, RecordState } from './state.js'

/** What there is above the root, and above a network of one cluster. */
const NOTHING = '0'.repeat(64)

/** Values after a record from above, before the round's own outer step. */
export interface Lowered {
  readonly adapter: Float32Array
  readonly velocity: Float32Array
  readonly residual: Float32Array
  readonly upper: Link
  readonly upperValues: Float32Array
  /** Counted since the last offer that counted. */
  readonly tokens: number
  /** The offer that still waits for an answer. */
  readonly open: Offered | undefined
}

export interface Offered {
  readonly offer: Offer
  readonly state: OfferedState
}

/** The link of founding records: to the founding record above, where there is a level above. */
export function foundingLink({ adapter, velocity }: Pick<RecordState, 'adapter' | 'velocity'>, above: string = NOTHING): Link {
  return { round: 0, record: above, adapter: adapter.id, velocity: velocity.id }
}

/** The link of a top: to nothing. */
export function noLink({ adapter, velocity }: Pick<Link, 'adapter' | 'velocity'>): Link {
  return { round: 0, record: NOTHING, adapter, velocity }
}

/** Whether there is a level above the chain of a record. */
export function hasLevelAbove({ upper }: Pick<Trunk, 'upper'>): boolean {
  return upper.record !== NOTHING
}

/**
 * Takes over what the level above has agreed on: adapter += S' - S, where S is what this cluster gave and S' the result. Training since then stays, so
 * deltas trained from the old adapter stay valid. An offer without an answer stays open, and what it gave moves along with S'.
 *
 * @param above - undefined where nothing new has come
 */
export function lower(parent: Trunk, state: RecordState, above: FromAbove | undefined): Lowered {
  const waiting = parent.offer === null || state.offer === null ? undefined : { offer: parent.offer, state: state.offer }
  if (above === undefined) {
    return {
      adapter: state.adapter.values, velocity: state.velocity.values, residual: state.residual.values,
      upper: parent.upper, upperValues: state.upper.values, tokens: parent.tokens, open: waiting,
    }
  }
  const answer = above.settled.find(({ content }) => content === waiting?.offer.content)
  const counted = answer?.counted === true ? waiting : undefined
  const given = counted === undefined ? state.upper.values : counted.state.adapter.values
  // Nobody has learnt anything above: momentum stays as well.
  const isMoved = above.velocity.id !== parent.upper.velocity
  return {
    adapter: shifted(state.adapter.values, above.adapter.values, given),
    velocity: isMoved ? above.velocity.values : state.velocity.values,
    residual: counted === undefined ? state.residual.values : counted.state.residual.values,
    upper: { round: above.round, record: above.record, adapter: above.adapter.id, velocity: above.velocity.id },
    upperValues: above.adapter.values,
    tokens: counted === undefined ? parent.tokens : parent.tokens - counted.offer.tokens,
    open: waiting === undefined || answer !== undefined || isTooOld(waiting.offer, above) ? undefined : movedAlong(waiting, above, state),
  }
}

/** A cluster's change since the last record from above, encoded, and what the code leaves out. */
export function offerOf(round: number, adapter: Float32Array, velocity: Float32Array, { residual, upper, upperValues }: Lowered, tokens: number): Offered {
  const change = encodeDelta(difference(adapter, upperValues), residual)
  const speed = encodeDelta(velocity, new Float32Array(velocity.length))
  const state = { adapter: name(adapter), residual: name(change.residual.map((value) => value + 0)), content: change.bytes, velocity: speed.bytes }
  return {
    state,
    offer: {
      base: upper.record,
      baseRound: upper.round,
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

/** Whether no record above can count the offer any more. */
function isTooOld({ baseRound }: Offer, above: FromAbove): boolean {
  return above.round - baseRound > LATE_ROUNDS
}

function movedAlong({ offer, state }: Offered, above: FromAbove, { upper }: RecordState): Offered {
  const adapter = name(shifted(state.adapter.values, above.adapter.values, upper.values))
  return { offer: { ...offer, adapter: adapter.id }, state: { ...state, adapter } }
}
