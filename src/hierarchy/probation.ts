import { FIRST_REPUTATION, reputationAfter } from './member.js'
import type { Member } from './member.js'

/** Deltas that must have counted before a stranger is as good as others, if nothing else befalls its reputation. */
const DELTAS_NEEDED = 8

/** Rounds that it has for them. */
const ROUNDS_ALLOWED = 16

/** What a reputation has grown to by then. */
const PROVED = Array.from({ length: DELTAS_NEEDED }).reduce<number>(reputationAfter.counted, FIRST_REPUTATION)

/**
 * Strangers are on probation until audited deltas of theirs have counted for several rounds: only so many are on a roster at once that they are no third of it,
 * and who has not got through in twice that time makes room for the next. An identity costs nothing; rounds of work that others audit do.
 *
 * @param round - for which the member is on the roster
 */
export function isOnProbation({ since, reputation }: Member, round: number): boolean {
  return round - since < ROUNDS_ALLOWED && reputation < PROVED
}

/** Whether a member's time is over in this round, and its deltas have not earned it a place. */
export function hasFailedProbation({ since, reputation }: Member, round: number): boolean {
  return round - since === ROUNDS_ALLOWED && reputation < PROVED
}

/** Whether a roster has no more members on probation than could have been added to it. Half of a cluster may have: a lot deals as it likes. */
export function isProved(members: readonly Member[], round: number, isExempt: (peer: string) => boolean): boolean {
  const onProbation = members.filter((member) => !isExempt(member.peer) && isOnProbation(member, round)).length
  return onProbation <= Math.max(1, (members.length - onProbation - 1) >> 1)
}

/**
 * How many strangers may be added: p on probation beside m others are no third of m + p where p is at most (m - 1) / 2. One at least, so that a network of one can
 * grow.
 *
 * @param isExempt - founders, for whom the owners have signed
 */
export function probationPlaces(members: readonly Member[], round: number, isExempt: (peer: string) => boolean): number {
  const onProbation = members.filter((member) => !isExempt(member.peer) && isOnProbation(member, round)).length
  return Math.max(0, Math.max(1, (members.length - onProbation - 1) >> 1) - onProbation)
}
