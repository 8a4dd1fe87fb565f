import type { State } from './explore.js'
import { bitOf } from './setting.js'
import type { Setting } from './setting.js'
import { renamed } from './standing.js'

/** What others can notice of voters, and what binds them: their locks, and the votes that each has cast. */
interface Trace {
  readonly locks: string
  readonly votes: readonly number[]
}

/** Tells whether what happens in a run happens in some explored state as well, or more of it. */
export class Coverage {
  private readonly known = new Map<string, (readonly number[])[]>()
  private readonly answers = new Map<string, boolean>()

  constructor(private readonly setting: Setting) {}

  /** Adds an explored state, and all that differ from it by the names of voters or values. */
  add(state: State): void {
    const [a, b] = this.setting.values
    const exchanged = new Map([[a!, b ?? a!], [b ?? a!, a!]])
    for (const order of orders(state)) {
      for (const one of [order, order.map((standing) => renamed(standing, exchanged))]) {
        const { locks, votes } = this.trace(one)
        const all = this.known.get(locks) ?? []
        all.push(votes)
        this.known.set(locks, all)
      }
    }
  }

  has(state: State): boolean {
    const { locks, votes } = this.trace(state)
    const name = `${locks} ${votes.join()}`
    const answered = this.answers.get(name)
    if (answered !== undefined) return answered
    const isKnown = this.known.get(locks)?.some((more) => votes.every((bits, voter) => (bits & ~more[voter]!) === 0)) ?? false
    this.answers.set(name, isKnown)
    return isKnown
  }

  private trace(state: State): Trace {
    return {
      locks: state.map(({ lockedValue, lockedTerm }) => `${lockedValue ?? '-'}${lockedTerm}`).join(),
      votes: state.map(({ votes }) => votes.reduce((bits, { step, term, value }) => bits | bitOf(this.setting, step, term, value), 0)),
    }
  }
}

function* orders<One>(all: readonly One[]): Generator<One[]> {
  if (all.length === 0) yield []
  for (const [at, first] of all.entries()) for (const rest of orders(all.toSpliced(at, 1))) yield [first, ...rest]
}
