import { Agreement } from '../../src/rounds/agreement/index.js'
import type { AgreementMemory, Effect, Proposal, Value, Vote, Waiting } from '../../src/rounds/agreement/index.js'

import type { Setting } from './setting.js'
import { memoryOf, standingOf, textOf } from './standing.js'
import type { Standing } from './standing.js'

/** Something that happens to one voter. */
export type Input
  = | { readonly kind: 'vote', readonly vote: Vote }
    | { readonly kind: 'proposal', readonly proposal: Proposal }
    | Timeout

export interface Timeout {
  readonly kind: 'timeout'
  readonly waiting: Waiting
  readonly term: number
}

export interface Outcome {
  /** Undefined where nothing changed of what others may notice or a restart would find. */
  readonly next: Standing | undefined
  readonly decided: Value | undefined
  /** How many of the inputs were needed for it. */
  readonly used: number
  /** Timers that run by now. */
  readonly timers: readonly Input[]
}

/** The real machine of a voter, started again from where it stands; it hears one thing after the other until its standing changes. Values are judged at once. */
export function drive(setting: Setting, self: string, from: Standing, inputs: readonly Input[]): Outcome {
  const machine = begin(setting, self, memoryOf(from, self))
  const before = textOf(from)
  const timers: Input[] = []
  let decided: Value | undefined
  const obey = (effects: readonly Effect[]): void => {
    for (const effect of effects) {
      if (effect.kind === 'check') obey(machine.judge(effect.value, true))
      else if (effect.kind === 'timer') timers.push({ kind: 'timeout', waiting: effect.waiting, term: effect.term })
      else if (effect.kind === 'decide') decided = effect.value
    }
  }
  const outcome = (used: number): Outcome => {
    const now = standingOf(machine.memory, setting.forgetsLock)
    return { next: textOf(now) === before ? undefined : now, decided, used, timers }
  }
  obey(machine.start())
  for (const [at, input] of inputs.entries()) {
    const effects = answer(machine, input)
    if (effects.length === 0) continue
    obey(effects)
    const so = outcome(at + 1)
    if (so.next !== undefined || so.decided !== undefined) return so
  }
  return outcome(inputs.length)
}

export function begin({ voters }: Setting, self: string, memory?: AgreementMemory): Agreement {
  return new Agreement({ self, voters, ...memory === undefined ? {} : { memory } })
}

export function answer(machine: Agreement, input: Input): Effect[] {
  switch (input.kind) {
    case 'vote': return machine.vote(input.vote)
    case 'proposal': return machine.proposal(input.proposal)
    case 'timeout': return machine.timeout(input.waiting, input.term)
  }
}
