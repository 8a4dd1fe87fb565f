import type { Step, Value } from '../../src/rounds/agreement/index.js'

import type { Input } from './drive.js'
import { choicesOf, STEPS } from './setting.js'
import type { Setting } from './setting.js'

/**
 * What a voter in a term may hear, in portions that may be the least to make it move: votes of some voters for one thing, votes of some voters for
 * whatever, a proposal with or without the prevotes that it names. The machine itself says what comes of each.
 *
 * Signs of later terms are left out unless all is to be exact: whoever leaves a term early stands where it also gets by its timers, and has said less.
 */
export function* triggers(setting: Setting, self: string, term: number): Generator<readonly Input[]> {
  const groups = [...subsets(setting.voters.filter((voter) => voter !== self))]
  const choices = choicesOf(setting)
  yield []
  for (let at = 0; at <= term; at++) {
    for (const step of STEPS) {
      for (const value of choices) {
        for (const group of groups) yield group.map((voter) => vote(step, at, voter, value))
      }
    }
  }
  for (const step of STEPS) {
    for (const group of groups) yield* product(group.map((voter) => choices.map((value) => vote(step, term, voter, value))))
  }
  for (const { value, validTerm, input } of proposals(setting, term)) {
    yield [input]
    if (validTerm < 0) continue
    for (const group of groups) yield [...group.map((voter) => vote('prevote', validTerm, voter, value)), input]
  }
  if (!setting.isExact) return
  for (let later = term + 1; later < setting.terms; later++) {
    for (const group of groups) yield* product(group.map((voter) => STEPS.flatMap((step) => choices.map((value) => vote(step, later, voter, value)))))
  }
}

/** What some voters may have precommitted to in a term. */
export function* precommits(setting: Setting, term: number): Generator<readonly Input[]> {
  for (const value of setting.values) {
    for (const group of subsets(setting.voters)) yield group.map((voter) => vote('precommit', term, voter, value))
  }
}

/** Whatever may be proposed in a term. */
export function proposals({ voters, values }: Setting, term: number): { readonly value: Value, readonly validTerm: number, readonly input: Input }[] {
  const from = voters[term % voters.length]!
  const validTerms = Array.from({ length: term + 1 }, (_, at) => at - 1)
  return values.flatMap((value) => validTerms.map((validTerm) => ({ value, validTerm, input: { kind: 'proposal', proposal: { term, from, value, validTerm } } })))
}

function vote(step: Step, term: number, voter: string, value: Value | null): Input {
  return { kind: 'vote', vote: { step, term, voter, value } }
}

function* subsets<One>(all: readonly One[]): Generator<One[]> {
  for (let chosen = 1; chosen < 2 ** all.length; chosen++) yield all.filter((_, at) => (chosen >> at & 1) === 1)
}

function* product<One>(choices: readonly (readonly One[])[]): Generator<One[]> {
  const [first, ...rest] = choices
  if (first === undefined) {
    yield []
    return
  }
  for (const one of first) for (const others of product(rest)) yield [one, ...others]
}
