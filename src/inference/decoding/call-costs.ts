/**
 * Weights of a measurement that is lower than what is known, and of one that is higher, at first and later. So the cost of a call is what it takes undisturbed:
 * on a machine that does other things, too, every call is now and then held up for many times that long.
 */
const LEARNING = { lower: 1 / 2, higher: { first: 1 / 4, last: 1 / 32 } } as const
/** A measurement counts as at most so many times what is known: whoever takes longer was held up. */
const LONGEST_DELAY = 2
/** The same where a whole window is added up: what is lost by a longer call there must be seen. */
const LONGEST_STALL = 4
/** Calls after which what a size costs is forgotten: one that once seemed dear, on a machine that was busy then, would else never be tried again. */
const FRESH_CALLS = 256
/** What each further token of an unknown size adds while only single tokens were measured, as a share of one. */
const FURTHER = 0.1

interface Known {
  readonly milliseconds: number
  readonly measurements: number
  /** The call at which it was measured last. */
  readonly at: number
}

/** What a call of so many tokens costs, learnt while decoding. */
export class CallCosts {
  readonly #known: (Known | undefined)[] = []
  #calls = 0

  /** @returns what the call is to be taken to have cost, in milliseconds: less than it took where the machine stood still */
  measured(tokens: number, milliseconds: number): number {
    this.#calls += 1
    const known = this.#fresh(tokens)
    const before = known?.milliseconds ?? this.of(tokens)
    if (before === undefined) {
      this.#known[tokens] = { milliseconds, measurements: 1, at: this.#calls }
      return milliseconds
    }
    const measurements = 1 + (known?.measurements ?? 0)
    const higher = Math.max(LEARNING.higher.last, LEARNING.higher.first / measurements)
    const weight = milliseconds < before ? LEARNING.lower : higher
    this.#known[tokens] = { milliseconds: before + weight * (Math.min(milliseconds, LONGEST_DELAY * before) - before), measurements, at: this.#calls }
    return Math.min(milliseconds, LONGEST_STALL * before)
  }

  /**
   * A call of unmeasured size is taken to cost what lies between its measured neighbours; beyond them, as much more a token as up to the largest. One of measured
   * size is taken to cost no more than a longer one does: it was held up where it seems so.
   *
   * @returns milliseconds; undefined before anything was measured
   */
  of(tokens: number): number | undefined {
    const exact = this.#fresh(tokens)?.milliseconds
    if (exact !== undefined) {
      let least = exact
      for (let longer = tokens + 1; longer < this.#known.length; longer++) least = Math.min(least, this.#fresh(longer)?.milliseconds ?? least)
      return least
    }
    let below = tokens - 1
    while (below > 0 && this.#fresh(below) === undefined) below--
    const low = this.#fresh(below)?.milliseconds
    if (low === undefined) return undefined
    let above = tokens + 1
    while (above < this.#known.length && this.#fresh(above) === undefined) above++
    const high = this.#fresh(above)?.milliseconds
    if (high !== undefined) return low + (high - low) * (tokens - below) / (above - below)
    const single = this.#fresh(1)?.milliseconds ?? low
    const further = below === 1 ? low * FURTHER : Math.max(0, low - single) / (below - 1)
    return low + further * (tokens - below)
  }

  /** What a single token costs is never forgotten: everything else is compared with it. */
  #fresh(tokens: number): Known | undefined {
    const known = this.#known[tokens]
    return known === undefined || (tokens > 1 && this.#calls - known.at > FRESH_CALLS) ? undefined : known
  }
}
