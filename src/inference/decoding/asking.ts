import type { Proposal } from '../drafts/draft.js'
import { CallCosts } from './call-costs.js'
import { classOf } from './draft-length.js'

/** Tries in a class before it is judged. */
const TRIES = 8
/** The mean gain follows the last so many tries of a class. */
const REMEMBERED = 64
/** Calls of a class for which a draft that did not pay is left alone before it is tried again. */
const REST = 32

interface Known {
  tries: number
  /** Tokens a millisecond that asking has brought, its own time included. */
  gain: number
  skipped: number
}

/**
 * Whether a trained draft is worth the time that it takes to ask it. That depends on what the other drafts have to say, which costs next to nothing: where a text
 * repeats one of the house's, they know how it goes on.
 */
export class Asking {
  readonly #classes = new Map<string, Known>()
  readonly #costs = new CallCosts()

  /** What a proposal takes, in milliseconds. */
  get milliseconds(): number {
    return this.#costs.of(1) ?? 0
  }

  /** @param other - what there is without asking */
  pays(other: Proposal): boolean {
    const known = this.#of(other)
    if (known.tries < TRIES || known.gain > 0) return true
    known.skipped += 1
    if (known.skipped <= REST) return false
    known.skipped = 0
    return true
  }

  took(milliseconds: number): void {
    this.#costs.measured(1, milliseconds)
  }

  /** @param gain - tokens a millisecond with what was asked for, less those without */
  brought(other: Proposal, gain: number): void {
    const known = this.#of(other)
    known.tries += 1
    known.gain += (gain - known.gain) / Math.min(known.tries, REMEMBERED)
  }

  #of(other: Proposal): Known {
    const key = classOf(other)
    const known = this.#classes.get(key) ?? { tries: 0, gain: 0, skipped: 0 }
    this.#classes.set(key, known)
    return known
  }
}
