import { InferenceError } from '../errors.js'
import { hasPenalty, type SamplingOptions } from './options.js'

/** A next-token distribution: the tokens that may be drawn and their probabilities, which sum to 1. */
export interface Distribution {
  readonly ids: Int32Array
  readonly probabilities: Float64Array
}

/**
 * The distribution that sampling draws from, after penalties, temperature, top-k, top-p and min-p, where top-p and min-p count on what the step before left.
 * For temperature 0 it holds one token.
 *
 * @param logits - one f32 a token of the vocabulary
 * @param history - tokens of prompt and output so far, for the penalties
 * @param promptLength - how many of them are the prompt's
 * @throws InferenceError INFERENCE_LOGITS_NOT_FINITE
 */
export function distribution(logits: Float32Array, history: readonly number[], options: SamplingOptions, promptLength = 0): Distribution {
  const scores = hasPenalty(options) ? penalised(logits, history, options, promptLength) : logits
  if (options.temperature === 0) return { ids: Int32Array.of(bestToken(scores)), probabilities: Float64Array.of(1) }

  const highest = scores[bestToken(scores)]!
  const weights = new Float64Array(scores.length)
  for (let id = 0; id < weights.length; id++) weights[id] = Math.exp((scores[id]! - highest) / options.temperature)
  const floor = Math.max(options.minP, options.topK > 0 ? smallestOfBest(weights, options.topK) : smallestOfNucleus(weights, options.topP))
  let kept: number[] = []
  for (let id = 0; id < weights.length; id++) if (weights[id]! > 0 && weights[id]! >= floor) kept.push(id)
  if (options.topK > 0 || options.topP < 1) {
    kept.sort((x, y) => weights[y]! - weights[x]! || x - y)
    if (options.topK > 0) kept = kept.slice(0, options.topK)
    if (options.topP < 1) kept = nucleus(kept, weights, options.topP * massOf(options.topK > 0 ? kept : weights.keys(), weights))
  }
  const total = kept.reduce((sum, id) => sum + weights[id]!, 0)
  return { ids: Int32Array.from(kept), probabilities: Float64Array.from(kept, (id) => weights[id]! / total) }
}

/** Index of the highest logit; the lowest index of equals. @throws InferenceError INFERENCE_LOGITS_NOT_FINITE */
export function bestToken(logits: Float32Array): number {
  let best = 0
  let highest = -Infinity
  for (let id = 0; id < logits.length; id++) {
    const value = logits[id]!
    if (value > highest) {
      highest = value
      best = id
    } else if (Number.isNaN(value)) {
      highest = NaN
      break
    }
  }
  if (!Number.isFinite(highest)) {
    throw new InferenceError('INFERENCE_LOGITS_NOT_FINITE', `the model returned a logit of ${highest}: its weights or its adapter have diverged, go back to an earlier checkpoint`)
  }
  return best
}

/** @param uniform - in [0, 1) */
export function draw({ ids, probabilities }: Distribution, uniform: number): number {
  let sum = 0
  for (let i = 0; i < ids.length; i++) {
    sum += probabilities[i]!
    if (uniform < sum) return ids[i]!
  }
  return ids[ids.length - 1]!
}

function penalised(logits: Float32Array, history: readonly number[], options: SamplingOptions, promptLength: number): Float32Array {
  const { repetitionPenalty, frequencyPenalty, presencePenalty } = options
  const scores = logits.slice()
  if (repetitionPenalty !== 1) {
    for (const id of new Set(history)) scores[id] = scores[id]! > 0 ? scores[id]! / repetitionPenalty : scores[id]! * repetitionPenalty
  }
  if (frequencyPenalty === 0 && presencePenalty === 0) return scores
  const written = new Map<number, number>()
  for (let i = promptLength; i < history.length; i++) written.set(history[i]!, (written.get(history[i]!) ?? 0) + 1)
  for (const [id, times] of written) scores[id]! -= frequencyPenalty * times + presencePenalty
  return scores
}

/** Weight of the k-th best token; 0 when all are kept. */
function smallestOfBest(weights: Float64Array, topK: number): number {
  if (topK >= weights.length) return 0
  return weights.slice().sort()[weights.length - topK]!
}

/** No token below this can be in the nucleus, since all such tokens together weigh less than what the nucleus leaves out. */
function smallestOfNucleus(weights: Float64Array, topP: number): number {
  return (1 - topP) * weights.reduce((sum, weight) => sum + weight, 0) / weights.length
}

function massOf(ids: Iterable<number>, weights: Float64Array): number {
  let sum = 0
  for (const id of ids) sum += weights[id]!
  return sum
}

/** The first tokens of `sorted` that together weigh at least `mass`. */
function nucleus(sorted: readonly number[], weights: Float64Array, mass: number): number[] {
  let sum = 0
  let count = 0
  while (count < sorted.length && sum < mass) sum += weights[sorted[count++]!]!
  return sorted.slice(0, Math.max(1, count))
}
