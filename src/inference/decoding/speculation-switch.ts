/** Calls of one window: enough that a rate means something, few enough that a loss is short. */
const WINDOW = 16
/** Windows with drafts between two without, while drafting just pays; where it is faster by some factor, as many times that, up to the most. */
const WINDOWS_BETWEEN_PROBES = { least: 24, most: 96 } as const
/** A window with drafts that is tried after a rest ends when it has cost as much time as so many tokens take without. */
const MOST_LOST = 3
/** Windows without drafts, at most, before drafting is tried again. */
const LONGEST_REST = 32
/** Weight of the newest window. */
const LEARNING = 0.5

/**
 * Switches drafting off while text comes faster without it. The draft length is chosen by what a call and an accepted token are expected to be worth;
 * this watches what really came out, all costs included: tokens a millisecond in windows with and without drafts, in turn.
 */
export class SpeculationSwitch {
  #drafts = false
  #calls = 0
  #tokens = 0
  #milliseconds = 0
  readonly #rates: { plain?: number, drafting?: number } = {}
  #untilProbe: number = WINDOWS_BETWEEN_PROBES.least
  #rest = 0
  #nextRest = 1

  /** Whether to ask the draft before the next call. */
  get isOn(): boolean { return this.#drafts }

  /** @param tokens - that the call settled */
  spent(tokens: number, milliseconds: number): void {
    this.#calls += 1
    this.#tokens += tokens
    this.#milliseconds += milliseconds
    const isLost = this.#isLost
    if ((this.#calls < WINDOW && !isLost) || this.#milliseconds <= 0) return
    const kind = this.#drafts ? 'drafting' : 'plain'
    const rate = this.#tokens / this.#milliseconds
    const before = this.#rates[kind]
    this.#rates[kind] = before === undefined ? rate : before + LEARNING * (rate - before)
    this.#calls = this.#tokens = this.#milliseconds = 0
    this.#drafts = this.#next(isLost)
  }

  /** While drafting pays, a bad window is taken for chance; where it did not pay the last time, for more of the same. */
  get #isLost(): boolean {
    const { plain } = this.#rates
    return this.#drafts && this.#nextRest > 1 && plain !== undefined && this.#milliseconds > (this.#tokens + MOST_LOST) / plain
  }

  #next(isLost: boolean): boolean {
    const { plain, drafting } = this.#rates
    if (!this.#drafts) {
      if (this.#rest === 0) {
        const { least, most } = WINDOWS_BETWEEN_PROBES
        this.#untilProbe = plain === undefined || drafting === undefined ? least : Math.min(most, Math.max(least, Math.round(least * drafting / plain)))
        return true
      }
      this.#rest -= 1
      return false
    }
    if (plain !== undefined && (isLost || drafting! < plain)) {
      this.#rest = this.#nextRest
      this.#nextRest = Math.min(LONGEST_REST, this.#nextRest * 2)
      return false
    }
    this.#nextRest = 1
    this.#untilProbe -= 1
    return this.#untilProbe > 0
  }
}
