import type { Proposal } from '../drafts/draft.js'
import { CallCosts } from './call-costs.js'

/** More drafted tokens than this never paid in the measurements of docs/benchmarks. */
const LONGEST_DRAFT = 24
/** Acceptances assumed before any was seen, as the draft itself says. */
const PRIOR = 4
/** A longer draft must promise this much more tokens a second than a shorter one: measurements are noisy. */
const MARGIN = 1.03
/** Matches up to these lengths are alike; what is longer is another class. */
const MATCHES = [1, 2, 4, 8, 16] as const

/** How much of a proposal to check, and what that is expected to come to. */
export interface Choice {
  /** Drafted tokens; 0 where plain decoding is faster. */
  readonly length: number
  /** Tokens a millisecond; 0 before anything is known of what calls cost. */
  readonly rate: number
}

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
  readonly #costs = new CallCosts()
  readonly #classes = new Map<string, Places>()

  constructor(readonly maximum = LONGEST_DRAFT) {}

  /**
   * @param tokens - tokens in the call, drafted ones and the one before
   * @returns what the call is to be taken to have cost, in milliseconds: less than it took where the machine stood still
   */
  measured(tokens: number, milliseconds: number): number {
    return this.#costs.measured(tokens, milliseconds)
  }

  settled(proposal: Proposal, checked: number, accepted: number): void {
    const places = this.#placesOf(proposal)
    for (let place = 0; place < Math.min(checked, accepted + 1, this.maximum); place++) {
      places.offered[place]! += 1
      if (place < accepted) places.accepted[place]! += 1
    }
  }

  /** @param spent - milliseconds that have gone into the proposal, whatever is checked of it */
  choose(proposal: Proposal, spent = 0): Choice {
    const plain = this.#costs.of(1)
    if (plain === undefined) return { length: 0, rate: 0 }
    const { offered, accepted } = this.#placesOf(proposal)
    let best = 0
    let bestRate = 1 / (plain + spent)
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
      const rate = expected / (this.#costs.of(length + 1)! + spent)
      if (rate > bestRate * MARGIN) {
        best = length
        bestRate = rate
      }
    }
    return { length: best, rate: bestRate }
  }

  #placesOf(proposal: Proposal): Places {
    const key = classOf(proposal)
    const known = this.#classes.get(key) ?? { offered: new Float64Array(this.maximum), accepted: new Float64Array(this.maximum) }
    this.#classes.set(key, known)
    return known
  }
}

/** Proposals of one draft that rest on matches of about one length are taken for alike. */
export function classOf({ by, matched }: Proposal): string {
  return `${by} ${MATCHES.findIndex((most) => matched <= most)}`
}
