import { TrainingError } from './errors.js'

export interface AdamOptions {
  /** Decay of the running mean of gradients. Default 0.9. */
  readonly firstDecay: number
  /** Decay of the running mean of squared gradients. Default 0.95: rounds are short, and a longer memory would outlive them. */
  readonly secondDecay: number
  readonly epsilon: number
  /** Share of each weight that a step takes away, times the learning rate. */
  readonly weightDecay: number
}

export const DEFAULT_ADAM_OPTIONS: AdamOptions = { firstDecay: 0.9, secondDecay: 0.95, epsilon: 1e-8, weightDecay: 0.01 }

/** What AdamW remembers between steps. */
export interface Moments {
  readonly first: Float32Array
  readonly second: Float32Array
  /** Steps taken since the moments were zero. */
  readonly steps: number
}

export function freshMoments(length: number): Moments {
  return { first: new Float32Array(length), second: new Float32Array(length), steps: 0 }
}

/**
 * One step of AdamW with bias correction. For speed it changes `weights` and the vectors of `moments` in place: a few ns a value.
 *
 * @param scale - factor on the gradient, for clipping
 * @returns the moments with one more step
 * @throws TrainingError TRAINING_ADAPTER for vectors of unequal length
 * @see Loshchilov and Hutter 2019, "Decoupled Weight Decay Regularization", algorithm 2
 */
export function adamStep(weights: Float32Array, gradient: Float32Array, moments: Moments, rate: number, options: AdamOptions, scale = 1): Moments {
  const { first, second } = moments
  const { length } = weights
  if (gradient.length !== length || first.length !== length || second.length !== length) {
    throw new TrainingError('TRAINING_ADAPTER', `the adapter has ${length} values, its gradient ${gradient.length} and the moments ${first.length}: all belong to one layout`)
  }
  const { firstDecay, secondDecay, epsilon, weightDecay } = options
  const steps = moments.steps + 1
  const keep = 1 - rate * weightDecay
  const firstShare = (1 - firstDecay) * scale
  const secondShare = (1 - secondDecay) * scale * scale
  const stride = rate / (1 - firstDecay ** steps)
  const correction = 1 / (1 - secondDecay ** steps)
  for (let i = 0; i < length; i++) {
    const slope = gradient[i]!
    const mean = firstDecay * first[i]! + firstShare * slope
    const square = secondDecay * second[i]! + secondShare * slope * slope
    first[i] = mean
    second[i] = square
    weights[i] = keep * weights[i]! - stride * mean / (Math.sqrt(square * correction) + epsilon)
  }
  return { first, second, steps }
}

/** The Euclidean norm of a vector; not finite when a value is not. */
export function vectorNorm(values: Float32Array): number {
  let sum = 0
  for (let i = 0; i < values.length; i++) sum += values[i]! * values[i]!
  return Math.sqrt(sum)
}
