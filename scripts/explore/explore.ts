import type { Input } from './drive.js'
import { includes, Moves } from './moves.js'
import { NumberMap } from './number-map.js'
import { honestOf } from './setting.js'
import type { Setting } from './setting.js'
import { BEGINNING } from './standing.js'
import type { Standing } from './standing.js'

/** Where each honest voter stands. */
export type State = readonly Standing[]

export interface Bounds {
  /** Stop after so many states; default: all. */
  readonly states?: number
  /** Hand every so many-th state to `onState`. */
  readonly every?: number
  readonly onState?: (state: State, way: () => Way) => void
}

/** One voter's hearing something, from the beginning to a state: the voter's index among the honest ones, and what it hears. */
export type Way = readonly { readonly voter: number, readonly inputs: readonly Input[] }[]

export interface Exploration {
  /** States that differ by more than the names of voters and values. */
  readonly states: number
  readonly transitions: number
  /** Different standings of one voter. */
  readonly standings: number
  /** Times that the real machine was driven. */
  readonly driven: number
  /** States from which some voter could go on beyond the last term: there it is not followed. */
  readonly cut: number
  /** Whether all states within the bounds were seen. */
  readonly isComplete: boolean
  /** States that lead to one in which two values can be decided. */
  readonly contradiction: readonly State[] | undefined
}

/** Breadth first over all states that can be reached. Ends at the first contradiction. */
export function explore(setting: Setting, { states: most = Infinity, every = 1, onState }: Bounds = {}): Exploration {
  const voters = honestOf(setting).length
  const moves = new Moves(setting)
  const packing = new Packing(moves, voters)
  const beginning = packing.pack(Array<number>(voters).fill(moves.numberOf(BEGINNING)))
  const decisions = moves.decisions()
  const parents = new NumberMap()
  const queue = [beginning]
  parents.set(beginning, -1)
  let transitions = 0
  let cut = 0
  let contradiction: State[] | undefined
  const stateOf = (number: number): State => packing.unpack(number).map((place) => moves.places[place]!.standing)

  let at = 0
  for (; at < queue.length && at < most && contradiction === undefined; at++) {
    const number = queue[at]!
    if (onState !== undefined && at % every === 0) onState(stateOf(number), () => wayTo(number))
    const places = packing.unpack(number)
    const cast = places.map((place) => moves.places[place]!.votes)
    const decidable = new Set(decisions.filter(({ needs }) => includes(cast, needs)).map(({ value }) => value))
    let isCut = false
    for (let voter = 0; voter < voters; voter++) {
      const next = moves.from(places[voter]!, voter)
      isCut ||= next.isCut
      for (const { needs, to } of next.moves) {
        if (!includes(cast, needs)) continue
        transitions++
        const reached = packing.pack(places.with(voter, to))
        if (parents.has(reached)) continue
        parents.set(reached, number)
        queue.push(reached)
      }
    }
    if (isCut) cut++
    if (decidable.size > 1) contradiction = pathTo(number)
  }
  return { states: parents.size, transitions, standings: moves.places.length, driven: moves.driven, cut, isComplete: at === queue.length, contradiction }

  function pathTo(number: number): State[] {
    return lineage(number).map(stateOf)
  }

  function lineage(number: number): number[] {
    const line: number[] = []
    for (let one = number; one >= 0; one = parents.get(one)!) line.unshift(one)
    return line
  }

  /** The inputs that lead to a state, or to one that differs from it by names only. */
  function wayTo(number: number): Way {
    const line = lineage(number)
    let actual = packing.unpack(line[0]!)
    return line.slice(1).map((next) => {
      const cast = actual.map((place) => moves.places[place]!.votes)
      for (let voter = 0; voter < voters; voter++) {
        for (const { needs, inputs, to } of moves.from(actual[voter]!, voter).moves) {
          if (!includes(cast, needs)) continue
          const reached = actual.with(voter, to)
          if (packing.pack(reached) !== next) continue
          actual = reached
          return { voter, inputs }
        }
      }
      throw new Error(`no move leads from state ${packing.pack(actual)} to ${next}`)
    })
  }
}

/** Writes a state as one number, and one for all that differ from it by the names of voters or values only. */
class Packing {
  /** So many places fit beside each other into an exact integer. */
  private readonly places: number

  constructor(private readonly moves: Moves, private readonly voters: number) {
    this.places = 2 ** Math.floor(53 / voters)
  }

  pack(places: readonly number[]): number {
    if (this.moves.places.length > this.places) throw new RangeError(`a voter can stand in more than ${this.places} ways: explore fewer terms`)
    return Math.min(this.inOrder(places), this.inOrder(places.map((place) => this.moves.places[place]!.mirror)))
  }

  unpack(number: number): number[] {
    const places = Array<number>(this.voters).fill(0)
    for (let voter = this.voters - 1; voter >= 0; voter--) {
      places[voter] = number % this.places
      number = Math.floor(number / this.places)
    }
    return places
  }

  private inOrder(places: readonly number[]): number {
    return places.toSorted((a, b) => a - b).reduce((number, place) => number * this.places + place, 0)
  }
}
