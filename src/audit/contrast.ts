import type { EncodedExample } from '../training/index.js'

/** 1.0 of a score on the wire: scores enter records as integers. */
export const SCORE_ONE = 65_536

/** A place in a design where a near miss goes another way: the token that the reference has there, and the near miss's. */
export interface Fork {
  /** Index into the completion. */
  readonly at: number
  readonly wrong: number
}

/**
 * Where near misses first differ from the reference. Up to there both have the same tokens before them, so that one forward pass of the reference
 * tells the probability of either.
 *
 * @param nearMisses - completions, each with its end token
 */
export function forks(reference: EncodedExample, nearMisses: readonly EncodedExample[]): Fork[] {
  return nearMisses.flatMap(({ completion }) => {
    const at = reference.completion.findIndex((token, i) => token !== completion[i])
    const wrong = completion[at]
    // Designs of different text can have the same tokens only where the tokenizer drops what tells them apart; such a miss says nothing.
    return at < 0 || wrong === undefined ? [] : [{ at, wrong }]
  })
}

/** How surely the right token is preferred to the wrong one: the sigmoid of the difference of their log-probabilities, in [0, 1]. */
export function preference(right: number, wrong: number): number {
  return 1 / (1 + Math.exp(wrong - right))
}

/** From here on a specification counts as fully understood: nats a token by which another specification makes the design less likely. */
const FULL_RELEVANCE = 2

/**
 * How much a design's own specification tells the model about it, in [0, 1]: its mean loss given another specification, less that given its own.
 * A peer that trains on mismatched pairs unlearns to read specifications, which this shows in its first round (measured: docs/decisions/0011-relevance.md).
 *
 * @param own - mean -log p of a token of the design given its own specification
 * @param other - the same given another one
 * @see Du et al. 2024 (FedDQC), arXiv 2410.11540: there a measure of pairs, here of adapters
 */
export function relevanceOf(own: number, other: number): number {
  return Math.min(1, Math.max(0, (other - own) / FULL_RELEVANCE))
}

/** A score in [0, 1] as it stands in records. */
export function scoreInteger(score: number): number {
  return Math.min(SCORE_ONE, Math.max(0, Math.round(score * SCORE_ONE)))
}
