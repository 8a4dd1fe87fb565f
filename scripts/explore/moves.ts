import type { Value } from '../../src/rounds/agreement/index.js'

import { drive } from './drive.js'
import type { Input } from './drive.js'
import { bitOf, honestOf } from './setting.js'
import type { Setting } from './setting.js'
import { BEGINNING, bareText, renamed, textOf } from './standing.js'
import type { Standing } from './standing.js'
import { precommits, triggers } from './triggers.js'

/** Votes that each honest voter must have cast so that a voter can hear them: a set of bits for each voter. */
export type Needs = readonly number[]

/** What one voter may do next, and where it stands then. */
export interface Move {
  readonly needs: Needs
  /** What the voter hears for it. */
  readonly inputs: readonly Input[]
  readonly to: number
}

/** What somebody may decide who has heard so many precommits. */
export interface Decision {
  readonly needs: Needs
  readonly value: Value
}

/** A standing with its number, whoever stands there. */
export interface Place {
  readonly standing: Standing
  /** The votes for values that have been cast there, a bit each. */
  readonly votes: number
  /** All but the votes. */
  readonly bare: string
  /** The same place with the names of two values exchanged. */
  readonly mirror: number
}

interface Next {
  readonly moves: readonly Move[]
  /** Whether there is a way beyond the last term. */
  readonly isCut: boolean
}

/** Every place in which a voter has been found, with the moves from there. Each move is found out once, by driving the machine. */
export class Moves {
  readonly places: Place[] = []
  /** Times that the machine was driven. */
  driven = 0
  private readonly honest: readonly string[]
  private readonly numbers = new Map<string, number>()
  private readonly single: Next[][]
  private readonly whole: Next[][]
  private readonly exchanged: ReadonlyMap<Value, Value>

  constructor(private readonly setting: Setting) {
    this.honest = honestOf(setting)
    this.single = this.honest.map(() => [])
    this.whole = this.honest.map(() => [])
    const [first, second, ...rest] = setting.values
    this.exchanged = new Map([[first!, second ?? first!], ...second === undefined ? [] : [[second, first!] as const], ...rest.map((value) => [value, value] as const)])
  }

  numberOf(standing: Standing): number {
    const text = textOf(standing)
    const known = this.numbers.get(text)
    if (known !== undefined) return known
    const number = this.places.length
    this.numbers.set(text, number)
    const votes = standing.votes.reduce((bits, { step, term, value }) => bits | bitOf(this.setting, step, term, value), 0)
    const bare = bareText(standing)
    this.places.push({ standing, votes, bare, mirror: number })
    this.places[number] = { standing, votes, bare, mirror: this.numberOf(renamed(standing, this.exchanged)) }
    return number
  }

  /**
   * What comes next of a voter that others can hear: a vote for a value, with all that goes on silently before. What is silent needs nobody's notice, so
   * it may as well be done at the last moment; where all is to be exact it is a move of its own.
   *
   * @param voter - counted among the honest ones
   */
  from(place: number, voter: number): Next {
    return this.whole[voter]![place] ??= this.setting.isExact ? this.step(place, voter) : this.untilHeard(place, voter)
  }

  /** What anybody may take for decided, by the machine of one that only watches. */
  decisions(): Decision[] {
    const { setting } = this
    const found: Decision[] = []
    for (let term = 0; term < setting.terms; term++) {
      for (const inputs of precommits(setting, term)) {
        this.driven++
        const { decided } = drive(setting, 'watcher', { ...BEGINNING, term }, inputs)
        if (decided !== undefined) found.push({ needs: this.needsOf(inputs), value: decided })
      }
    }
    return withoutWorse(found, (one, other) => one.value === other.value)
  }

  private untilHeard(place: number, voter: number): Next {
    const ends = new Map<string, Move>()
    const seen = new Set<string>()
    const { votes } = this.places[place]!
    let isCut = false
    const open: Move[] = [{ needs: this.honest.map(() => 0), inputs: [], to: place }]
    for (let one = open.pop(); one !== undefined; one = open.pop()) {
      const next = this.step(one.to, voter)
      isCut ||= next.isCut
      for (const { needs: more, inputs, to } of next.moves) {
        const needs = more.map((bits, other) => bits | one.needs[other]!)
        const name = `${needs.join()} ${to}`
        if (seen.has(name)) continue
        seen.add(name)
        const move = { needs, inputs: [...one.inputs, ...inputs], to }
        if (this.places[to]!.votes === votes) open.push(move)
        else ends.set(name, move)
      }
    }
    return { moves: withoutWorse([...ends.values()], (one, other) => this.isCovered(one.to, other.to)), isCut }
  }

  private step(place: number, voter: number): Next {
    return this.single[voter]![place] ??= this.find(this.places[place]!.standing, this.honest[voter]!)
  }

  private find(standing: Standing, self: string): Next {
    const { setting } = this
    const moves = new Map<string, Move>()
    let isCut = false
    const attempt = (inputs: readonly Input[]): void => {
      this.driven++
      const { next, decided, used, timers } = drive(setting, self, standing, inputs)
      // Who has decided says nothing more; who has not heard of it yet may go on.
      if (decided !== undefined) return
      if (next === undefined) {
        if (inputs.at(-1)?.kind !== 'timeout') for (const timer of timers) attempt([...inputs, timer])
      } else if (next.term >= setting.terms) {
        isCut = true
      } else {
        const heard = inputs.slice(0, used)
        const needs = this.needsOf(heard)
        const to = this.numberOf(next)
        moves.set(`${needs.join()} ${to}`, { needs, inputs: heard, to })
      }
    }
    for (const inputs of triggers(setting, self, standing.term)) attempt(inputs)
    return { moves: withoutWorse([...moves.values()], (one, other) => this.isCovered(one.to, other.to)), isCut }
  }

  /** Whether who stands in `other` can do all that is possible in `one`: it knows the same, and has said as much or more. */
  private isCovered(one: number, other: number): boolean {
    if (this.setting.isExact) return one === other
    const [a, b] = [this.places[one]!, this.places[other]!]
    return a.bare === b.bare && (a.votes & ~b.votes) === 0
  }

  /** What hostile voters would have to say can always be heard, and so can proposals: whoever proposes may be hostile. */
  private needsOf(inputs: readonly Input[]): Needs {
    const needs = this.honest.map(() => 0)
    for (const input of inputs) {
      if (input.kind !== 'vote') continue
      const { step, term, voter, value } = input.vote
      const at = this.honest.indexOf(voter)
      if (at >= 0) needs[at]! |= bitOf(this.setting, step, term, value)
    }
    return needs
  }
}

/** Leaves out what needs as much as something else, or more, and brings no more. */
function withoutWorse<One extends { readonly needs: Needs }>(all: readonly One[], isCovered: (one: One, other: One) => boolean): One[] {
  return all.filter((one, at) => !all.some((other, otherAt) => {
    if (other === one || !isCovered(one, other) || !includes(one.needs, other.needs)) return false
    const isMutual = isCovered(other, one) && includes(other.needs, one.needs)
    return !isMutual || otherAt < at
  }))
}

/** Whether all votes of `needs` are among those of `cast`. */
export function includes(cast: Needs, needs: Needs): boolean {
  return needs.every((bits, voter) => (bits & ~cast[voter]!) === 0)
}
