import type { BaseModel } from '../checkpoint.js'
import type { LlamaConfig } from '../config.js'
import { EMBEDDING, outputWeight } from '../weight-names.js'
import { RecurrentDraftError } from './errors.js'

/** What a recurrent draft is made of. */
export interface RecurrentShape {
  /** The target's ids of the tokens that it can propose, ascending. */
  readonly vocabulary: Int32Array
  readonly stateSize: number
  readonly innerSize: number
}

/**
 * A small model that guesses how a larger one, its target, goes on: a state that starts from the target's last hidden state and takes in token after token.
 *
 *     state = start · hidden
 *     n = norm(state); x = input · embedding(token)
 *     state += down · (silu(gateState · n + gateInput · x) · (upState · n + upInput · x))
 *     logits = output · projection · norm(state)
 *
 * Norms are root-mean-square norms, each with weights of its own. Embeddings are the target's and are not part of the draft.
 */
export interface RecurrentDraft {
  readonly shape: RecurrentShape
  /** As `recurrentLayout` says. */
  readonly values: Float32Array
}

export type RecurrentTensorName
  = 'start' | 'input' | 'stateNorm' | 'gateState' | 'gateInput' | 'upState' | 'upInput' | 'down' | 'outputNorm' | 'projection' | 'output'

export interface RecurrentTensor {
  readonly name: RecurrentTensorName
  /** Matrices are [outputs, inputs], row-major. */
  readonly shape: readonly number[]
  /** Where it starts, in values. */
  readonly offset: number
  readonly length: number
}

/** Where each tensor of a draft lies in its `length` values. */
export interface RecurrentLayout {
  readonly tensors: readonly RecurrentTensor[]
  readonly length: number
}

/** More than any draft that is worth its time. */
export const LARGEST_STATE = 4096
const LARGEST_INNER = 4 * LARGEST_STATE
/** ONNX Runtime's ArgMax and the file are made for no more. */
const LARGEST_VOCABULARY = 1 << 17

/** @throws RecurrentDraftError RECURRENT_DRAFT_SHAPE */
export function recurrentLayout({ vocabulary, stateSize, innerSize }: RecurrentShape, hiddenSize: number): RecurrentLayout {
  requireSize('state', stateSize, LARGEST_STATE)
  requireSize('inner', innerSize, LARGEST_INNER)
  if (vocabulary.length < 1 || vocabulary.length > LARGEST_VOCABULARY || vocabulary.some((id, i) => id < 0 || (i > 0 && id <= vocabulary[i - 1]!))) {
    throw new RecurrentDraftError('RECURRENT_DRAFT_SHAPE', `the draft's vocabulary of ${vocabulary.length} tokens is none: it must be from 1 to ${LARGEST_VOCABULARY} ids in ascending order`)
  }
  const shapes: Readonly<Record<RecurrentTensorName, readonly number[]>> = {
    start: [stateSize, hiddenSize],
    input: [stateSize, hiddenSize],
    stateNorm: [stateSize],
    gateState: [innerSize, stateSize],
    gateInput: [innerSize, stateSize],
    upState: [innerSize, stateSize],
    upInput: [innerSize, stateSize],
    down: [stateSize, innerSize],
    outputNorm: [stateSize],
    projection: [hiddenSize, stateSize],
    output: [vocabulary.length, hiddenSize],
  }
  const tensors: RecurrentTensor[] = []
  let offset = 0
  for (const [name, shape] of Object.entries(shapes)) {
    const length = shape.reduce((product, size) => product * size, 1)
    tensors.push({ name: name as RecurrentTensorName, shape, offset, length })
    offset += length
  }
  return { tensors, length: offset }
}

/** The tensors of a draft by their names, as views. @throws RecurrentDraftError RECURRENT_DRAFT_SHAPE where it does not fit a base of this config */
export function recurrentTensors({ shape, values }: RecurrentDraft, { hiddenSize, vocabularySize }: Pick<LlamaConfig, 'hiddenSize' | 'vocabularySize'>): Readonly<Record<RecurrentTensorName, Float32Array>> {
  const { tensors, length } = recurrentLayout(shape, hiddenSize)
  if (values.length !== length) {
    throw new RecurrentDraftError('RECURRENT_DRAFT_SHAPE', `the draft has ${values.length} values, and its shape asks for ${length} on a base with the hidden size ${hiddenSize}: was it made for another base?`)
  }
  if (shape.vocabulary.at(-1)! >= vocabularySize) {
    throw new RecurrentDraftError('RECURRENT_DRAFT_SHAPE', `the draft proposes token ${shape.vocabulary.at(-1)!}, and the base has ${vocabularySize}: was it made for another base?`)
  }
  return Object.fromEntries(tensors.map(({ name, offset, length }) => [name, values.subarray(offset, offset + length)])) as Record<RecurrentTensorName, Float32Array>
}

/**
 * A draft that has learnt nothing yet: its output rows are the target's, no token changes its state, and the rest is random.
 *
 * @param random - uniform numbers in [0, 1)
 * @param before - a draft whose sizes may fit: what it has learnt is kept, with the output rows of the tokens that both can propose
 * @throws RecurrentDraftError RECURRENT_DRAFT_SHAPE
 */
export function freshDraft({ config, weights }: BaseModel, shape: RecurrentShape, random: () => number, before?: RecurrentDraft): RecurrentDraft {
  const { tensors, length } = recurrentLayout(shape, config.hiddenSize)
  const draft = { shape, values: new Float32Array(length) }
  const parts = recurrentTensors(draft, config)
  for (const { name, shape: [, inputs] } of tensors) {
    const values = parts[name]
    if (name === 'output') values.set(rowsOf(weights.get(outputWeight(config))!, shape.vocabulary, config.hiddenSize))
    else if (inputs === undefined) values.fill(1)
    else if (name !== 'down') for (let i = 0; i < values.length; i++) values[i] = (2 * random() - 1) / Math.sqrt(inputs)
  }
  if (before !== undefined && fits(before, shape, config)) takeOver(parts, shape, recurrentTensors(before, config), before.shape, config.hiddenSize)
  return draft
}

/** What a draft goes on needing of its base: so that the rest need not be held while it learns. */
export function embeddingsOf({ config, weights }: BaseModel): BaseModel {
  return { config, weights: new Map([[EMBEDDING, weights.get(EMBEDDING)!]]) }
}

/** The embedding rows of some tokens, [ids.length, hiddenSize]. */
export function embeddedTokens({ config, weights }: BaseModel, ids: ArrayLike<number>): Float32Array {
  return rowsOf(weights.get(EMBEDDING)!, ids, config.hiddenSize)
}

function fits({ shape, values }: RecurrentDraft, { stateSize, innerSize }: RecurrentShape, { hiddenSize, vocabularySize }: LlamaConfig): boolean {
  return shape.stateSize === stateSize && shape.innerSize === innerSize && shape.vocabulary.every((id) => id < vocabularySize) && values.length === recurrentLayout(shape, hiddenSize).length
}

type Parts = Readonly<Record<RecurrentTensorName, Float32Array>>

function takeOver(parts: Parts, { vocabulary }: RecurrentShape, old: Parts, { vocabulary: oldVocabulary }: RecurrentShape, hiddenSize: number): void {
  for (const name of Object.keys(parts) as RecurrentTensorName[]) {
    if (name !== 'output') parts[name].set(old[name])
  }
  const oldRow = new Map([...oldVocabulary].map((id, row) => [id, row]))
  vocabulary.forEach((id, row) => {
    const from = oldRow.get(id)
    if (from !== undefined) parts.output.set(old.output.subarray(from * hiddenSize, (from + 1) * hiddenSize), row * hiddenSize)
  })
}

function rowsOf(table: Float32Array, ids: ArrayLike<number>, size: number): Float32Array {
  const rows = new Float32Array(ids.length * size)
  for (let i = 0; i < ids.length; i++) rows.set(table.subarray(ids[i]! * size, (ids[i]! + 1) * size), i * size)
  return rows
}

function requireSize(what: string, size: number, largest: number): void {
  if (Number.isSafeInteger(size) && size >= 1 && size <= largest) return
  throw new RecurrentDraftError('RECURRENT_DRAFT_SHAPE', `the draft's ${what} size is ${size}: it must be a whole number from 1 to ${largest}`)
}
