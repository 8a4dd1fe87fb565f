import { LATE_ROUNDS } from '../limits.js'

import type { ClusterHeader, Stored, TrainingStart } from './cluster-record.js'

/**
 * Rounds and trainings. Each record renews the roster, and most end a training as well: their closed set holds deltas. One whose closed set is empty is a
 * *roll call*: the training goes on, and deltas still start from the record that ended the one before. See "Roll calls" in docs/reference/protocol.md.
 */
type Counted = Pick<ClusterHeader, 'round' | 'trainings' | 'rollCall' | 'starts'>

/** From which records the training under way after a record starts, and those before it, newest first. */
export function startsAfter({ id, record: { round, rollCall, starts } }: Pick<Stored<Counted>, 'id' | 'record'>): readonly TrainingStart[] {
  return rollCall > 0 ? starts : [{ record: id, round }, ...starts]
}

/** The number of the training under way after a record. */
export function trainingAfter({ trainings }: Pick<Counted, 'trainings'>): number {
  return trainings + 1
}

/** What a record says of trainings. @param endsTraining - whether anything has been closed */
export function countTrainings(parent: Pick<Stored<Counted>, 'id' | 'record'>, endsTraining: boolean): Omit<Counted, 'round'> {
  const { trainings, rollCall } = parent.record
  return {
    trainings: endsTraining ? trainings + 1 : trainings,
    rollCall: endsTraining ? 0 : rollCall + 1,
    starts: startsAfter(parent).slice(0, LATE_ROUNDS + 1),
  }
}

/** Whether a record may say this of trainings, by headers alone. */
export function countsOn(parent: Pick<Stored<Counted>, 'id' | 'record'>, next: Counted): boolean {
  const due = countTrainings(parent, next.rollCall === 0)
  return next.trainings === due.trainings && next.rollCall === due.rollCall
    && next.starts.length === due.starts.length && next.starts.every(({ record, round }, at) => record === due.starts[at]!.record && round === due.starts[at]!.round)
}

/** Whether a record may say of itself for how long its cluster has been too small, by headers alone: whoever knows the policy of the round knows the number. */
export function countsSmall({ small: before = 0 }: Pick<ClusterHeader, 'small'>, { small, rollCall }: Pick<ClusterHeader, 'small' | 'rollCall'>): boolean {
  return small === undefined || (small > 0 && small === before + (rollCall === 0 ? 1 : 0))
}
