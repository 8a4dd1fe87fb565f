import type { Step, Value } from '../../src/rounds/agreement/index.js'

/** What is explored: some voters, a few of them hostile, a few terms, a few values. */
export interface Setting {
  readonly voters: readonly string[]
  /** How many of the voters, the first ones, say whatever they like, to each what they like. */
  readonly hostile: number
  /** Terms that are explored: nobody is followed into the one after. */
  readonly terms: number
  /** What may be proposed; all of it is valid. */
  readonly values: readonly Value[]
  /**
   * Whether votes for nothing, too, must have been cast to be heard, and signs of later terms are followed. Without it there are far fewer states, and
   * all that can happen with it can happen without it; but voters may stand where they could not really get (see README.md).
   */
  readonly isExact: boolean
  /** Whether a voter that restarts forgets its lock: to show that the exploration finds what is wrong then. */
  readonly forgetsLock: boolean
}

export const STEPS = ['prevote', 'precommit'] as const

export interface Sizes {
  readonly voters?: number
  readonly hostile?: number
  readonly terms?: number
  readonly values?: number
  readonly isExact?: boolean
  readonly forgetsLock?: boolean
}

/** @throws RangeError where a vote would not fit into the bits of a number */
export function settingOf({ voters = 4, hostile = 1, terms = 2, values = 2, isExact = false, forgetsLock = false }: Sizes = {}): Setting {
  if (2 * terms * (isExact ? values + 1 : values) > 31) throw new RangeError(`${terms} terms with ${values} values: at most 31 different votes fit`)
  return {
    voters: Array.from({ length: voters }, (_, at) => `voter-${at}`),
    hostile,
    terms,
    values: Array.from({ length: values }, (_, at) => String.fromCharCode(97 + at)),
    isExact,
    forgetsLock,
  }
}

export function honestOf({ voters, hostile }: Setting): string[] {
  return voters.slice(hostile)
}

/** What may be voted for. */
export function choicesOf({ values }: Setting): readonly (Value | null)[] {
  return [...values, null]
}

/** The bit of a vote among all that its voter can cast. Where votes for nothing can always be heard they have none. */
export function bitOf({ values, isExact }: Setting, step: Step, term: number, value: Value | null): number {
  if (value === null && !isExact) return 0
  const at = value === null ? values.length : values.indexOf(value)
  return 1 << ((2 * term + STEPS.indexOf(step)) * (isExact ? values.length + 1 : values.length) + at)
}
