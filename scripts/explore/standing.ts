import type { AgreementMemory, Step, Value, Waiting } from '../../src/rounds/agreement/index.js'

/** Where a voter stands: what it would find on its disk after a restart. What it has heard is left out, since it can hear all of it again (see README.md). */
export interface Standing {
  readonly term: number
  readonly waiting: Waiting
  readonly lockedValue: Value | null
  readonly lockedTerm: number
  readonly validValue: Value | null
  readonly validTerm: number
  readonly votes: readonly { readonly step: Step, readonly term: number, readonly value: Value | null }[]
}

export const BEGINNING: Standing = { term: 0, waiting: 'propose', lockedValue: null, lockedTerm: -1, validValue: null, validTerm: -1, votes: [] }

/** One text for one standing, whoever stands there. */
export function textOf(standing: Standing): string {
  return `${bareText(standing)} ${standing.votes.map(({ step, term, value }) => `${step} ${term} ${value ?? '-'}`).sort().join(', ')}`
}

/** Leaves out what has been said. */
export function bareText({ term, waiting, lockedValue, lockedTerm }: Standing): string {
  return `${term} ${waiting} ${lockedValue ?? '-'} ${lockedTerm}`
}

export function memoryOf(standing: Standing, voter: string): AgreementMemory {
  return { ...standing, votes: standing.votes.map((vote) => ({ ...vote, voter })) }
}

/**
 * What a voter knows of itself after a restart, without its name. The value that it would propose is left at the one that it is locked on: any value may
 * be proposed anyway, whoever proposes.
 */
export function standingOf({ term, waiting, lockedValue, lockedTerm, votes }: AgreementMemory, forgetsLock = false): Standing {
  const lock = forgetsLock ? { lockedValue: null, lockedTerm: -1 } : { lockedValue, lockedTerm }
  return {
    term, waiting, ...lock, validValue: lock.lockedValue, validTerm: lock.lockedTerm,
    votes: votes.map((vote) => ({ step: vote.step, term: vote.term, value: vote.value })),
  }
}

/** The same with other names for the values: the algorithm only compares them. */
export function renamed(standing: Standing, names: ReadonlyMap<Value, Value>): Standing {
  const name = (value: Value | null): Value | null => (value === null ? null : names.get(value)!)
  return {
    ...standing,
    lockedValue: name(standing.lockedValue),
    validValue: name(standing.validValue),
    votes: standing.votes.map((vote) => ({ ...vote, value: name(vote.value) })),
  }
}
