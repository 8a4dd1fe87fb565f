import type { Proposal } from '../drafts/draft.js'

/** More drafted tokens than this never paid in the measurements of docs/benchmarks. */
const LONGEST_DRAFT = 24
/**
 * Weights of a measurement that is lower than what is known, and of one that is higher. So the cost of a call is what it takes undisturbed: the first call of
 * a size takes several times as long as later ones, and a size that once seemed dear would else never be tried again.
 */
const LEARNING = { lower: 1 / 2, higher: 1 / 32 } as const
/** Acceptances assumed before any was seen, as the draft itself says. */
const PRIOR = 4
/** A longer draft must promise this much more tokens a second than a shorter one: measurements are noisy. */
const MARGIN = 1.03
/** Matches up to these lengths are alike; what is longer is another class. */
const MATCHES = [1, 2, 4, 8, 16] as const

/** What became of the drafts of one class, by place. */
interface Places {
  /** How often the token at a place was checked, all before it being right; and how often it was right, too. */
  readonly offered: Float64Array
  readonly accepted: Float64Array
}

/**
 * Chooses how many drafted tokens to check in one call, so that expected tokens per second are highest; none when plain decoding is faster.
 *
 * It learns two things while decoding: what a call of n tokens costs, and how often a drafted token is right where all before it were, for each draft, length
 * of match and place. By place, since what is right for some tokens is mostly right for more: taken for independent, ten tokens of which each is right eight
 * times in ten would hardly ever be worth a check, and in a house's own designs they mostly are.
 */
export class DraftLength {
  readonly #milliseconds: (number | undefined)[] = []
  readonly #classes = new Map<string, Places>()

  constructor(readonly maximum = LONGEST_DRAFT) {}

  /** @param tokens - tokens in the call, drafted ones and the one before */
  measured(tokens: number, milliseconds: number): void {
    const known = this.#milliseconds[tokens]
    this.#milliseconds[tokens] = known === undefined ? milliseconds : known + (milliseconds < known ? LEARNING.lower : LEARNING.higher) * (milliseconds - known)
  }

  settled(proposal: Proposal, checked: number, accepted: number): void {
    const places = this.#placesOf(proposal)
    for (let place = 0; place < Math.min(checked, accepted + 1, this.maximum); place++) {
      places.offered[place]! += 1
      if (place < accepted) places.accepted[place]! += 1
    }
  }

  choose(proposal: Proposal): number {
    const plain = this.#cost(1)
    if (plain === undefined) return 0
    const { offered, accepted } = this.#placesOf(proposal)
    let best = 0
    let bestRate = 1 / plain
    let expected = 1
    let all = 1
    let known = 0
    for (let length = 1; length <= Math.min(this.maximum, proposal.confidence.length); length++) {
      const place = length - 1
      // Of places that were never reached nothing is known but what the draft says, and what was seen before them.
      const prior = Math.max(proposal.confidence[place]!, known)
      const right = (accepted[place]! + PRIOR * prior) / (offered[place]! + PRIOR)
      if (offered[place]! > 0) known = right
      all *= right
      expected += all
      const rate = expected / this.#cost(length + 1)!
      if (rate > bestRate * MARGIN) {
        best = length
        bestRate = rate
      }
    }
    return best
  }

  #placesOf({ by, matched }: Proposal): Places {
    const key = `${by} ${MATCHES.findIndex((most) => matched <= most)}`
    const known = this.#classes.get(key) ?? { offered: new Float64Array(this.maximum), accepted: new Float64Array(this.maximum) }
    this.#classes.set(key, known)
    return known
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
