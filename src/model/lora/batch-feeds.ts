import * as onnx from 'onnxruntime-node'

import type { LlamaConfig } from '../config.js'
import { ModelError } from '../errors.js'
import type { Alternatives } from '../model-worker.js'
import type { PackedBatch } from '../packed-batch.js'
import { floats, integers } from '../runtime.js'

/** The most positions of one batch: its attention scores and logits must fit in memory. */
const MAXIMUM_TOKENS = 1 << 20

/**
 * Checks a batch against a model and makes the graph's inputs of it.
 *
 * @throws ModelError MODEL_BATCH_INVALID
 */
export function batchFeeds(batch: PackedBatch, config: LlamaConfig, purpose: 'step' | 'score'): Record<string, onnx.Tensor> {
  const { rows, rowLength } = batch
  const tokens = rows * rowLength
  if (!Number.isSafeInteger(tokens) || rows < 1 || rowLength < 1 || tokens > MAXIMUM_TOKENS) {
    throw invalid(`it has ${rows} rows of ${rowLength} positions: there must be at least one and at most ${MAXIMUM_TOKENS} positions in all`)
  }
  if (rowLength > config.maximumPositions) throw invalid(`its rows have ${rowLength} positions, and the model knows ${config.maximumPositions}`)
  for (const name of ['ids', 'labels', 'weights', 'positions', 'documents'] as const) {
    if (batch[name].length !== tokens) throw invalid(`${name} has ${batch[name].length} values for ${tokens} positions`)
  }
  requireBetween('ids', batch.ids, config.vocabularySize)
  requireBetween('positions', batch.positions, rowLength)

  const labels = batch.labels.slice()
  for (let i = 0; i < tokens; i++) {
    const counts = purpose === 'step' && batch.weights[i]! !== 0
    const known = labels[i]! >= 0 && labels[i]! < config.vocabularySize
    if (counts && !known) throw invalid(`label ${i} is ${labels[i]}, and the vocabulary has ${config.vocabularySize} tokens`)
    if (!known) labels[i] = 0
  }
  const feeds: Record<string, onnx.Tensor> = {
    ids: integers(batch.ids, [tokens]),
    positions: integers(batch.positions, [rows, rowLength]),
    documents: integers(batch.documents, [rows, rowLength]),
    labels: integers(labels, [tokens]),
  }
  if (purpose === 'step') feeds.weights = floats(normalised(batch.weights), [tokens, 1])
  return feeds
}

/**
 * Checks alternatives against their batch and makes the graph's input of them: a pair of position and token each. The graph wants at least one.
 *
 * @throws ModelError MODEL_BATCH_INVALID
 */
export function alternativeFeeds({ positions, ids }: Alternatives, { rows, rowLength }: PackedBatch, config: LlamaConfig): Record<string, onnx.Tensor> {
  if (positions.length !== ids.length) throw invalid(`it has ${positions.length} positions of alternatives and ${ids.length} tokens`)
  const pairs = new BigInt64Array(2 * Math.max(1, ids.length))
  for (let i = 0; i < ids.length; i++) {
    const [position, id] = [positions[i]!, ids[i]!]
    if (position < 0 || position >= rows * rowLength) throw invalid(`alternative ${i} is at position ${position} of ${rows * rowLength}`)
    if (id < 0 || id >= config.vocabularySize) throw invalid(`alternative ${i} is ${id}, and the vocabulary has ${config.vocabularySize} tokens`)
    pairs[2 * i] = BigInt(position)
    pairs[2 * i + 1] = BigInt(id)
  }
  return { alternatives: new onnx.Tensor('int64', pairs, [pairs.length / 2, 2]) }
}

/** Positions that are no padding. */
export function countTokens({ documents }: PackedBatch): number {
  return documents.reduce((count, document) => count + Number(document >= 0), 0)
}

function normalised(weights: Float32Array): Float32Array {
  let sum = 0
  for (const weight of weights) {
    if (!(weight >= 0)) throw invalid(`a weight is ${weight}: weights are 0 or more`)
    sum += weight
  }
  if (!(sum > 0 && sum < Infinity)) throw invalid(`its weights add up to ${sum}: at least one position must count`)
  return weights.map((weight) => weight / sum)
}

function requireBetween(name: 'ids' | 'positions', values: Int32Array, limit: number): void {
  const wrong = values.findIndex((value) => value < 0 || value >= limit)
  if (wrong >= 0) throw invalid(`${name}[${wrong}] is ${values[wrong]}: it must be from 0 to ${limit - 1}`)
}

function invalid(what: string): ModelError {
  return new ModelError('MODEL_BATCH_INVALID', `the batch cannot be used: ${what}`)
}
