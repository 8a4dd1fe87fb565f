import * as z from 'zod'

import { ModelError } from './errors.js'

/** How the rotary frequencies are stretched for texts longer than those of pre-training. */
export type RopeScaling
  = | { readonly kind: 'none' }
    | { readonly kind: 'linear', readonly factor: number }
    | { readonly kind: 'llama3', readonly factor: number, readonly lowFrequencyFactor: number, readonly highFrequencyFactor: number, readonly originalPositions: number }

/** The shape of a decoder of the Llama family. */
export interface LlamaConfig {
  readonly hiddenSize: number
  readonly layers: number
  /** Query heads; a multiple of `keyValueHeads`, each of which serves heads / keyValueHeads of them. */
  readonly heads: number
  readonly keyValueHeads: number
  /** Values a head; even. */
  readonly headSize: number
  readonly intermediateSize: number
  readonly vocabularySize: number
  readonly ropeTheta: number
  readonly ropeScaling: RopeScaling
  readonly normEpsilon: number
  /** The longest text in tokens. */
  readonly maximumPositions: number
  /** Whether the output layer is the embedding matrix. */
  readonly tiedEmbeddings: boolean
  readonly beginId: number | undefined
  readonly endIds: readonly number[]
}

const size = z.int().min(1).max(1 << 20)
const layerCount = z.int().min(1).max(1024)
const positive = z.number().positive()
const tokenId = z.int().min(0)

const ropeSchema = z.looseObject({
  rope_theta: positive.optional(),
  rope_type: z.string().optional(),
  type: z.string().optional(),
  factor: positive.optional(),
  low_freq_factor: positive.optional(),
  high_freq_factor: positive.optional(),
  original_max_position_embeddings: size.optional(),
})

const configSchema = z.looseObject({
  hidden_size: size,
  num_hidden_layers: layerCount,
  num_attention_heads: size,
  num_key_value_heads: size.optional(),
  head_dim: size.nullish(),
  intermediate_size: size,
  vocab_size: size,
  rope_theta: positive.nullish(),
  rope_scaling: ropeSchema.nullish(),
  rope_parameters: ropeSchema.nullish(),
  rms_norm_eps: positive.default(1e-6),
  max_position_embeddings: z.int().min(1).default(2048),
  tie_word_embeddings: z.boolean().default(false),
  attention_bias: z.boolean().default(false),
  mlp_bias: z.boolean().default(false),
  hidden_act: z.string().default('silu'),
  bos_token_id: tokenId.nullish(),
  eos_token_id: z.union([tokenId, z.array(tokenId)]).nullish(),
})

/**
 * Reads a Hugging Face config.json of a Llama model, as transformers 4 or 5 writes it.
 *
 * @param json - the parsed file
 * @throws ModelError MODEL_ARCHITECTURE_UNKNOWN, MODEL_CONFIG_INVALID, MODEL_FEATURE_UNSUPPORTED
 */
export function parseLlamaConfig(json: unknown): LlamaConfig {
  requireLlama(json)
  const parsed = configSchema.safeParse(json)
  if (!parsed.success) {
    const issue = parsed.error.issues[0]
    throw invalid(`${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'not an object'}`)
  }
  const file = parsed.data
  if (file.hidden_act !== 'silu') throw unsupported(`hidden_act is ${file.hidden_act}, and only silu is supported`)
  if (file.attention_bias || file.mlp_bias) throw unsupported('attention_bias or mlp_bias is true, and biases are not supported')

  const heads = file.num_attention_heads
  const keyValueHeads = file.num_key_value_heads ?? heads
  const headSize = file.head_dim ?? file.hidden_size / heads
  if (heads % keyValueHeads !== 0) throw invalid(`${heads} attention heads cannot share ${keyValueHeads} key-value heads equally`)
  if (!Number.isInteger(headSize) || headSize % 2 !== 0) throw invalid(`a head has ${headSize} values, and rotary positions need an even number`)

  const rope = file.rope_parameters ?? file.rope_scaling ?? undefined
  const endIds = file.eos_token_id ?? []
  return {
    hiddenSize: file.hidden_size,
    layers: file.num_hidden_layers,
    heads,
    keyValueHeads,
    headSize,
    intermediateSize: file.intermediate_size,
    vocabularySize: file.vocab_size,
    ropeTheta: file.rope_parameters?.rope_theta ?? file.rope_theta ?? 10_000,
    ropeScaling: parseRopeScaling(rope),
    normEpsilon: file.rms_norm_eps,
    maximumPositions: file.max_position_embeddings,
    tiedEmbeddings: file.tie_word_embeddings,
    beginId: file.bos_token_id ?? undefined,
    endIds: typeof endIds === 'number' ? [endIds] : endIds,
  }
}

function requireLlama(json: unknown): void {
  const head = z.looseObject({ model_type: z.string().optional(), architectures: z.array(z.string()).nullish() }).safeParse(json)
  if (!head.success) throw invalid('it holds no object with model_type and architectures')
  const { model_type: type, architectures } = head.data
  const architecture = architectures?.[0] ?? 'LlamaForCausalLM'
  if (type !== 'llama' || architecture !== 'LlamaForCausalLM') {
    throw new ModelError('MODEL_ARCHITECTURE_UNKNOWN', `the model is a ${architecture} of type ${type ?? 'unknown'}: only LlamaForCausalLM of type llama is supported, choose another base`)
  }
}

function parseRopeScaling(rope: z.infer<typeof ropeSchema> | undefined): RopeScaling {
  const kind = rope?.rope_type ?? rope?.type ?? 'default'
  if (rope === undefined || kind === 'default') return { kind: 'none' }
  const { factor, low_freq_factor: low, high_freq_factor: high, original_max_position_embeddings: original } = rope
  if (kind === 'linear' && factor !== undefined) return { kind, factor }
  if (kind === 'llama3' && factor !== undefined && low !== undefined && high !== undefined && original !== undefined && high > low) {
    return { kind, factor, lowFrequencyFactor: low, highFrequencyFactor: high, originalPositions: original }
  }
  if (kind === 'linear' || kind === 'llama3') throw invalid(`the rotary scaling of type ${kind} lacks a factor or has wrong ones`)
  throw unsupported(`the rotary scaling is of type ${kind}, and only default, linear and llama3 are supported`)
}

function invalid(what: string): ModelError {
  return new ModelError('MODEL_CONFIG_INVALID', `config.json is wrong: ${what}`)
}

function unsupported(what: string): ModelError {
  return new ModelError('MODEL_FEATURE_UNSUPPORTED', `config.json asks for something else than a plain Llama: ${what}; choose another base`)
}
