/** A token and the natural logarithm of its probability. */
export interface Likelihood {
  readonly id: number
  readonly logprob: number
}

/** A token that was chosen, and the most probable ones at its place. */
export interface ChosenLikelihood extends Likelihood {
  /** The most probable first; the lower id of equals first. */
  readonly top: readonly Likelihood[]
}

/**
 * How likely a token was by the model's own distribution: before temperature and penalties.
 *
 * @param logits - one f32 a token of the vocabulary, all finite or -Infinity
 * @param count - of the most probable tokens that are wanted
 */
export function logProbabilities(logits: Float32Array, chosen: number, count: number): ChosenLikelihood {
  const best = highest(logits, Math.max(1, count))
  const largest = logits[best[0]!]!
  let sum = 0
  for (let id = 0; id < logits.length; id++) sum += Math.exp(logits[id]! - largest)
  const total = largest + Math.log(sum)
  const of = (id: number): Likelihood => ({ id, logprob: logits[id]! - total })
  return { ...of(chosen), top: best.slice(0, count).map(of) }
}

/** Ids of the highest logits, in order; few are wanted, so that a sorted list is fast enough. */
function highest(logits: Float32Array, count: number): number[] {
  const best: number[] = []
  for (let id = 0; id < logits.length; id++) {
    const logit = logits[id]!
    if (best.length === count && !(logit > logits[best[count - 1]!]!)) continue
    let at = best.length
    while (at > 0 && logit > logits[best[at - 1]!]!) at--
    best.splice(at, 0, id)
    if (best.length > count) best.pop()
  }
  return best
}
