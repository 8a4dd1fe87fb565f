import { distribution, draw } from '../sampling/distribution.js'
import type { SamplingOptions } from '../sampling/options.js'

/** Tokens that a call of the target settled: some of the draft, and one more that the target chose itself. */
export interface Settled {
  readonly tokens: readonly number[]
  readonly accepted: number
}

/** Greedy: a drafted token stands where it is what the target would have chosen. `best[i]` follows the i-th token of the call. */
export function settleGreedy(drafted: readonly number[], best: Int32Array): Settled {
  let accepted = 0
  while (accepted < drafted.length && drafted[accepted] === best[accepted]) accepted++
  return { tokens: [...drafted.slice(0, accepted), best[accepted]!], accepted }
}

/**
 * Sampling: each token is drawn from the target's own distribution, with one uniform number a token, and a drafted token stands where it is what was
 * drawn. For drafts that are certain of their proposals (a point mass) this accepts as often as speculative sampling does, with the probability that the
 * target gives the token, and more is true than equal distributions: the same seed writes the same text with any draft and with none.
 *
 * @param logits - [drafted.length + 1, vocabulary]: row i follows the i-th token of the call
 * @param history - tokens before the draft
 * @param promptLength - how many of them are the prompt's
 * @see Leviathan et al. 2023, "Fast Inference from Transformers via Speculative Decoding", section 2.3
 */
export function settleSampled(
  drafted: readonly number[], logits: Float32Array, history: readonly number[], options: SamplingOptions, uniform: () => number, promptLength = 0,
): Settled {
  const vocabulary = logits.length / (drafted.length + 1)
  const text = [...history]
  const tokens: number[] = []
  for (let i = 0; ; i++) {
    const token = draw(distribution(logits.subarray(i * vocabulary, (i + 1) * vocabulary), text, options, promptLength), uniform())
    tokens.push(token)
    if (token !== drafted[i]) return { tokens, accepted: i }
    text.push(token)
  }
}
