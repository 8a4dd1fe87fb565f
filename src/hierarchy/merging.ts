import { isDormant } from './dormancy.js'
import type { Traces } from './dormancy.js'
import type { Placeable } from './placement.js'

/** Trainings in a row that end with too few members before a cluster asks to be closed: twice as long as who is away may come back with its standing. */
const SMALL_FOR = 16

/** Rounds of a level between two closings: by then those who have gone are where they went, and it is seen who is too small without them. */
const BETWEEN_CLOSINGS = 16

/** The last seat that a level has closed, and the round whose record did. */
export interface Closing {
  readonly seat: string
  readonly round: number
}

/** A cluster that asks to be closed, as its report shows. */
export interface Asking {
  readonly seat: string
  /** Those who would sign for it. */
  readonly members: readonly string[]
}

/**
 * With fewer members a cluster is too small. A network that aims at smaller clusters than its minimum means the aim.
 */
export function leastMembers({ clusterMinimum, clusterSize }: { readonly clusterMinimum: number, readonly clusterSize: number }): number {
  return Math.min(clusterMinimum, clusterSize)
}

/** Trainings in a row that a cluster has ended with too few members. */
export function smallAfter(before: number, isSmall: boolean, endsTraining: boolean): number {
  return isSmall ? before + (endsTraining ? 1 : 0) : 0
}

export function asksToClose(small: number): boolean {
  return small >= SMALL_FOR
}

/** Whether one more such training makes a cluster ask: then it offers all that it has, since what has not been offered goes with it. */
export function beginsToAsk(before: number): boolean {
  return before === SMALL_FOR - 1
}

/**
 * The seat that a record closes: the smallest of those that ask, the first by name of equals; one at a time, and only where another active seat of its domain
 * stays, so that two of them never close in favour of each other.
 *
 * @param seats - of the record, with all that it has learnt of them
 * @param round - of the record
 * @param last - the last closing before
 */
export function seatToClose(seats: readonly (Placeable & Traces)[], asking: readonly Asking[], round: number, last: Closing | undefined): string | undefined {
  if (last !== undefined && round - last.round < BETWEEN_CLOSINGS) return undefined
  const staysIn = (domain: string, closed: string): boolean => seats.some((one) => one.domain === domain && one.seat !== closed && !isDormant(one, round))
  return asking
    .filter(({ seat }) => seats.some((one) => one.seat === seat && staysIn(one.domain, seat)))
    .toSorted((a, b) => a.members.length - b.members.length || (a.seat < b.seat ? -1 : 1))[0]?.seat
}
