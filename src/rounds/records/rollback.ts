import type { ContentId } from '../../network/index.js'
import type { RoundPolicy } from '../policy.js'

import type { Named } from './arrays.js'
import type { Trunk } from './cluster-record.js'
import type { FromAbove, RecordState } from './state.js'
import type { Lowered } from './up-and-down.js'

/** What a chain goes back to in its next record. */
export interface Restored {
  /** The record of the top that the owners have named. */
  readonly record: ContentId
  readonly adapter: Named
  readonly velocity: Named
}

/**
 * The rollback that the next record of a chain must make by the owners' word. Only the top follows it by itself; to all others it comes down.
 *
 * @param next - the policy that the record names
 */
export function dueRollback({ rollback }: Pick<Trunk, 'rollback'>, next: Pick<RoundPolicy, 'rollback'>, isTop: boolean): NonNullable<RoundPolicy['rollback']> | undefined {
  return isTop && next.rollback !== undefined && next.rollback.record !== rollback?.record ? next.rollback : undefined
}

/** The rollback that comes down with a record from above. */
export function loweredRollback({ rollback }: Pick<Trunk, 'rollback'>, above: FromAbove | undefined): Restored | undefined {
  if (above === undefined || above.rollback === null || above.rollback === rollback?.record) return undefined
  return { record: above.rollback, adapter: above.adapter, velocity: above.velocity }
}

/** Values after a rollback: those of the restored record and nothing of what came after it, so that no offer and no residual brings it back. */
export function restoredValues(parent: Trunk, state: RecordState, above: FromAbove | undefined, { adapter, velocity }: Restored): Lowered {
  return {
    adapter: adapter.values,
    velocity: velocity.values,
    residual: new Float32Array(adapter.values.length),
    upper: above === undefined ? parent.upper : { round: above.round, record: above.record, adapter: above.adapter.id, velocity: above.velocity.id },
    upperValues: above?.adapter.values ?? state.upper.values,
    tokens: 0,
    open: undefined,
  }
}
