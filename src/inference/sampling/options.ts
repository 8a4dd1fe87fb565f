import { InferenceError } from '../errors.js'

/** How the next token is drawn. Defaults are greedy: the most probable token, always. */
export interface SamplingOptions {
  /** 0 is greedy. Divides the logits before all else. */
  readonly temperature: number
  /** Keep the k most probable tokens; 0 keeps all. */
  readonly topK: number
  /** Keep the smallest set of tokens whose probabilities sum to this (Holtzman et al. 2020, nucleus sampling); 1 keeps all. */
  readonly topP: number
  /** Keep tokens of at least this share of the most probable one's probability (Nguyen et al. 2024, min-p); 0 keeps all. */
  readonly minP: number
  /** Divides positive and multiplies negative logits of tokens already present (Keskar et al. 2019, section 4.1); 1 changes nothing. */
  readonly repetitionPenalty: number
  /** Taken off a token's logit for each time that it was written, the prompt not counted; from -2 to 2, 0 changes nothing. */
  readonly frequencyPenalty: number
  /** Taken off the logit of a token that was written at all, the prompt not counted; from -2 to 2, 0 changes nothing. */
  readonly presencePenalty: number
  /** Same seed, same model, same prompt: same tokens. */
  readonly seed: number
}

export const GREEDY: SamplingOptions = { temperature: 0, topK: 0, topP: 1, minP: 0, repetitionPenalty: 1, frequencyPenalty: 0, presencePenalty: 0, seed: 0 }

/** @throws InferenceError INFERENCE_SAMPLING_INVALID */
export function samplingOptions(given: Partial<SamplingOptions>): SamplingOptions {
  const options = { ...GREEDY, ...given }
  const refuse = (field: string, range: string): never => {
    throw new InferenceError('INFERENCE_SAMPLING_INVALID', `${field} is ${String(options[field as keyof SamplingOptions])}: give ${range}`)
  }
  if (!(options.temperature >= 0 && options.temperature <= 10)) refuse('temperature', 'a number from 0 (greedy) to 10')
  if (!(Number.isSafeInteger(options.topK) && options.topK >= 0)) refuse('topK', 'a whole number, 0 to keep all tokens')
  if (!(options.topP > 0 && options.topP <= 1)) refuse('topP', 'a number above 0 and up to 1')
  if (!(options.minP >= 0 && options.minP < 1)) refuse('minP', 'a number from 0 to below 1')
  if (!(options.repetitionPenalty > 0 && options.repetitionPenalty <= 10)) refuse('repetitionPenalty', 'a number above 0 and up to 10')
  if (!(Math.abs(options.frequencyPenalty) <= 2)) refuse('frequencyPenalty', 'a number from -2 to 2')
  if (!(Math.abs(options.presencePenalty) <= 2)) refuse('presencePenalty', 'a number from -2 to 2')
  if (!Number.isSafeInteger(options.seed)) refuse('seed', 'a whole number')
  return options
}

/** Whether the most probable token is always the next one, so that nothing but its id is needed of the model. */
export function isPlainGreedy(options: SamplingOptions): boolean {
  return options.temperature === 0 && !hasPenalty(options)
}

export function hasPenalty({ repetitionPenalty, frequencyPenalty, presencePenalty }: SamplingOptions): boolean {
  return repetitionPenalty !== 1 || frequencyPenalty !== 0 || presencePenalty !== 0
}
