import type { ModelWorker, StepOptions } from '../model/index.js'
import type { BatchSource } from './batch-source.js'

export interface AccumulatedStep {
  /** Mean over all completion tokens of the micro-batches, in nats. */
  readonly loss: number
  /** The gradient of that mean. */
  readonly gradient: Float32Array
  readonly tokens: number
  readonly completionTokens: number
}

/**
 * The loss and gradient of several micro-batches as if they were one batch: each counts by its completion tokens. Memory is that of one micro-batch and
 * one more gradient.
 *
 * @param beforeEach - may throw, to stop between two micro-batches
 */
export async function accumulateSteps(worker: ModelWorker, source: BatchSource, adapter: Float32Array, microBatches: number, options: StepOptions, beforeEach: () => void): Promise<AccumulatedStep> {
  let sum: Float32Array | undefined
  let loss = 0
  let tokens = 0
  let completionTokens = 0
  for (let micro = 0; micro < microBatches; micro++) {
    beforeEach()
    const drawn = source.next()
    const weight = drawn.completionTokens
    const result = await worker.step(drawn.batch, adapter, { ...options, seed: ((options.seed ?? 0) + micro) | 0 })
    loss += weight * result.loss
    tokens += result.tokens
    completionTokens += weight
    if (microBatches === 1) return { loss: result.loss, gradient: result.gradient, tokens, completionTokens }
    sum ??= new Float32Array(result.gradient.length)
    for (let i = 0; i < sum.length; i++) sum[i]! += weight * result.gradient[i]!
  }
  const gradient = sum ?? new Float32Array(adapter.length)
  for (let i = 0; i < gradient.length; i++) gradient[i]! /= completionTokens
  return { loss: loss / completionTokens, gradient, tokens, completionTokens }
}
