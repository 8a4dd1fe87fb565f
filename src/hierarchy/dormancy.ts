/** What a record of seats says of one of them that tells how long it has been silent. */
export interface Traces {
  /** The round of the level in which the seat last reported. */
  readonly seen: number
  /** One bit for each of the last 16 commits that a record carried, the newest lowest: 1 where the seat signed. */
  readonly presence: number
}

/** Rounds of its level without a word after which a seat has no vote in the next one. */
const DORMANT_AFTER = 2

/** Further rounds after which the members of a dormant seat give it up. */
const GIVEN_UP_AFTER = 3

/** Rounds without a report after which a seat leaves the record, unless it has signed one of the last 16: places are finite. */
const DISSOLVED_AFTER = 64

/**
 * For how many rounds, up to that of a record, a seat has neither reported nor signed what the record carries.
 *
 * @param round - of the record
 */
export function quietRounds({ seen, presence }: Traces, round: number): number {
  return Math.min(round - seen, presence === 0 ? Infinity : Math.clz32(presence & -presence) ^ 31)
}

/** Whether a seat has no vote in the successor of a record: nobody waits for it, and nobody counts it. A report makes it active again. */
export function isDormant(seat: Traces, round: number): boolean {
  return quietRounds(seat, round) >= DORMANT_AFTER
}

/** Whether a seat has been dormant for so long that its members may go where others are. */
export function isGivenUp(seat: Traces, round: number): boolean {
  return quietRounds(seat, round) >= DORMANT_AFTER + GIVEN_UP_AFTER
}

/** Whether a seat has been silent for so long that the next record leaves it out. */
export function isDissolved({ seen, presence }: Traces, round: number): boolean {
  return round - seen >= DISSOLVED_AFTER && presence === 0
}
