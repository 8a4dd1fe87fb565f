import type { Proposal } from '../drafts/draft.js'

/** More drafted tokens than this never paid in the measurements of docs/benchmarks. */
const LONGEST_DRAFT = 24
/** Weight of a new measurement; about the last thirty count. */
const LEARNING = 1 / 16
/** Classes of confidence, so that a draft that boasts is corrected by what the target really accepted. */
const CLASSES = 10
/** Acceptances assumed before any was seen, at the class's own middle. */
const PRIOR = 4
/** A longer draft must promise this much more tokens a second than a shorter one: measurements are noisy. */
const MARGIN = 1.03

/**
 * Chooses how many drafted tokens to check in one call, so that expected tokens per second are highest; none when plain decoding is faster.
 *
 * It learns two things while decoding: what a call of n tokens costs, and how often a draft of a stated confidence is accepted.
 */
export class DraftLength {
  readonly #milliseconds: (number | undefined)[] = []
  readonly #accepted = new Float64Array(CLASSES)
  readonly #offered = new Float64Array(CLASSES)

  constructor(readonly maximum = LONGEST_DRAFT) {}

  /** @param tokens - tokens in the call, drafted ones and the one before */
  measured(tokens: number, milliseconds: number): void {
    const known = this.#milliseconds[tokens]
    this.#milliseconds[tokens] = known === undefined ? milliseconds : known + LEARNING * (milliseconds - known)
  }

  settled({ confidence }: Proposal, checked: number, accepted: number): void {
    for (let i = 0; i < Math.min(checked, accepted + 1); i++) {
      const at = classOf(confidence[i]!)
      this.#offered[at]! += 1
      if (i < accepted) this.#accepted[at]! += 1
    }
  }

  choose({ confidence }: Proposal): number {
    const plain = this.#cost(1)
    if (plain === undefined) return 0
    let best = 0
    let bestRate = 1 / plain
    let expected = 1
    let all = 1
    for (let length = 1; length <= Math.min(this.maximum, confidence.length); length++) {
      all *= this.#acceptance(confidence[length - 1]!)
      expected += all
      const rate = expected / this.#cost(length + 1)!
      if (rate > bestRate * MARGIN) {
        best = length
        bestRate = rate
      }
    }
    return best
  }

  #acceptance(confidence: number): number {
    const at = classOf(confidence)
    return (this.#accepted[at]! + PRIOR * confidence) / (this.#offered[at]! + PRIOR)
  }

  /** A call of unmeasured size is taken to cost what lies between its measured neighbours; beyond them, what the largest costs and a tenth for each more. */
  #cost(tokens: number): number | undefined {
    const exact = this.#milliseconds[tokens]
    if (exact !== undefined) return exact
    let below = tokens - 1
    while (below > 0 && this.#milliseconds[below] === undefined) below--
    const low = this.#milliseconds[below]
    if (low === undefined) return undefined
    const above = this.#milliseconds.findIndex((cost, size) => size > tokens && cost !== undefined)
    if (above < 0) return low * (1 + 0.1 * (tokens - below))
    return low + (this.#milliseconds[above]! - low) * (tokens - below) / (above - below)
  }
}

function classOf(confidence: number): number {
  return Math.min(CLASSES - 1, Math.floor(confidence * CLASSES))
}
