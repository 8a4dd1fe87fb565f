import type { Tokenizer } from '../model/index.js'
import { TrainingError } from './errors.js'

/** A specification and the design that answers it. */
export interface Pair {
  readonly specification: string
  readonly design: string
}

/** A pair as token ids. Only the completion is learnt. */
export interface EncodedExample {
  /** The specification in the model's chat form, up to where the model begins to write. */
  readonly prompt: Int32Array
  /** The design and the token that ends a text. */
  readonly completion: Int32Array
}

/** Positions that an example takes in a row: the last token is a label only. */
export function packedLength({ prompt, completion }: EncodedExample): number {
  return prompt.length + completion.length - 1
}

/**
 * Turns a pair into token ids. Prompt and design are encoded apart, as they are when the model writes.
 *
 * @throws TrainingError TRAINING_NO_END_TOKEN, TRAINING_EXAMPLE_EMPTY, TRAINING_EXAMPLE_TOKENS
 * @throws ModelError MODEL_CHAT_TEMPLATE
 */
export function encodeExample(tokenizer: Tokenizer, { specification, design }: Pair): EncodedExample {
  const end = endToken(tokenizer)
  const written = tokenizer.encode(design)
  if (written.length === 0) throw new TrainingError('TRAINING_EXAMPLE_EMPTY', `the design for ${quote(specification)} is empty: leave it out`)
  const stray = written.find((id) => tokenizer.endIds.includes(id))
  if (stray !== undefined) {
    throw new TrainingError('TRAINING_EXAMPLE_TOKENS', `the design for ${quote(specification)} contains ${tokenizer.decode([stray])}, which ends a text: the model would learn to stop there, leave it out`)
  }
  return { prompt: encodePrompt(tokenizer, specification), completion: Int32Array.of(...written, end) }
}

/**
 * The ids that a model is given to write a design for a specification.
 *
 * @throws ModelError MODEL_CHAT_TEMPLATE
 * @throws TrainingError TRAINING_EXAMPLE_EMPTY when the chat template renders nothing
 */
export function encodePrompt(tokenizer: Tokenizer, specification: string): Int32Array {
  const prompt = Int32Array.from(tokenizer.encode(tokenizer.renderChat([{ role: 'user', content: specification }], { addGenerationPrompt: true })))
  if (prompt.length === 0) throw new TrainingError('TRAINING_EXAMPLE_EMPTY', `the chat template makes nothing of ${quote(specification)}: check the model's template`)
  return prompt
}

function endToken({ endIds }: Tokenizer): number {
  const [end] = endIds
  if (end === undefined) throw new TrainingError('TRAINING_NO_END_TOKEN', 'the model has no token that ends a text: set eos_token_id in its config.json')
  return end
}

function quote(text: string): string {
  return JSON.stringify(text.length > 60 ? `${text.slice(0, 57)}...` : text)
}
