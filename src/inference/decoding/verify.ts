import { distribution, draw, probabilityOf, without } from '../sampling/distribution.js'
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
 * Sampling: a drafted token stands with the probability that the target gives it; where it falls, the next is drawn from the rest. The drafts
 * here are certain of their proposals (a point mass), for which this is speculative sampling, and the output's distribution is the target's own.
 *
 * @param logits - [drafted.length + 1, vocabulary]: row i follows the i-th token of the call
 * @param history - tokens before the draft
 * @see Leviathan et al. 2023, "Fast Inference from Transformers via Speculative Decoding", section 2.3
 */
export function settleSampled(
  drafted: readonly number[], logits: Float32Array, history: readonly number[], options: SamplingOptions, uniform: () => number,
): Settled {
  const vocabulary = logits.length / (drafted.length + 1)
  const text = [...history]
  const tokens: number[] = []
  for (let i = 0; i <= drafted.length; i++) {
    const target = distribution(logits.subarray(i * vocabulary, (i + 1) * vocabulary), text, options)
    const proposal = drafted[i]
    if (proposal === undefined) return { tokens: [...tokens, draw(target, uniform())], accepted: i }
    if (uniform() >= probabilityOf(target, proposal)) {
      const rest = without(target, proposal)
      return { tokens: [...tokens, rest ? draw(rest, uniform()) : proposal], accepted: i }
    }
    tokens.push(proposal)
    text.push(proposal)
  }
  throw new RangeError('unreachable: the row behind the last drafted token always settles one')
}
