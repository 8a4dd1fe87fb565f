import path from 'node:path'

import * as z from 'zod'

import { parseLlamaConfig, type LlamaConfig } from './config.js'
import { ModelError } from './errors.js'
import { ModelFiles, type Tensor } from './files/model-files.js'
import type { TensorEntry } from './files/safetensors.js'
import { createTokenizer, type Tokenizer } from './tokenizer.js'
import { weightShapes } from './weight-names.js'

/** What a decoder computes with: its shape and its weights by their Hugging Face names, linear layers as [outputs, inputs]. */
export interface BaseModel {
  readonly config: LlamaConfig
  readonly weights: ReadonlyMap<string, Float32Array>
  /** Whether 8-bit products in whole rows have been found to lose next to nothing of this model. Default false: then they are in blocks. */
  readonly hasCalmRows?: boolean
}

/** A Hugging Face folder in memory. */
export interface Checkpoint extends BaseModel {
  readonly directory: string
  readonly tokenizer: Tokenizer
  /** Lowercase hex SHA-256 over the names, lengths and bytes of the files that were read. */
  readonly contentId: string
}

const SINGLE_FILE = 'model.safetensors'
const INDEX_FILE = 'model.safetensors.index.json'

const MEASURED_FILE = 'meshwright.json'

const measuredSchema = z.strictObject({ calmRows: z.boolean().default(false) })

const indexSchema = z.looseObject({ weight_map: z.record(z.string(), z.string()) })

const generationSchema = z.looseObject({ eos_token_id: z.union([z.int().min(0), z.array(z.int().min(0))]).nullish() })

/**
 * Reads a model folder as Hugging Face's transformers writes it: config.json, model.safetensors or its shards, tokenizer.json and
 * tokenizer_config.json, and chat_template.jinja, generation_config.json and our own meshwright.json where they are present.
 *
 * @throws ModelError MODEL_FILE_MISSING, MODEL_FILE_INVALID, MODEL_CONFIG_INVALID, MODEL_ARCHITECTURE_UNKNOWN, MODEL_FEATURE_UNSUPPORTED,
 *   MODEL_DTYPE_UNSUPPORTED, MODEL_TENSOR_MISSING, MODEL_TENSOR_SHAPE, MODEL_TOKENIZER_INVALID, MODEL_TOKENIZER_MISMATCH, MODEL_CHAT_TEMPLATE
 */
export async function loadCheckpoint(directory: string): Promise<Checkpoint> {
  const files = new ModelFiles(directory)
  const config = parseLlamaConfig(await files.json('config.json'))
  const tokenizer = createTokenizer({
    tokenizer: await files.json('tokenizer.json'),
    settings: await files.jsonIfPresent('tokenizer_config.json') ?? {},
    chatTemplate: await files.textIfPresent('chat_template.jinja'),
    endIds: [...config.endIds, ...await generationEndIds(files)],
  })
  if (tokenizer.vocabularySize > config.vocabularySize) {
    throw new ModelError('MODEL_TOKENIZER_MISMATCH', `the tokenizer knows ${tokenizer.vocabularySize} tokens, and the model ${config.vocabularySize}: they belong to different models`)
  }
  const weights = await readWeights(files, config)
  return { directory: path.resolve(directory), config, weights, tokenizer, hasCalmRows: await hasCalmRows(directory), contentId: files.contentId() }
}

/** `loadCheckpoint` without the tokenizer. */
export async function loadBaseModel(directory: string): Promise<BaseModel> {
  const files = new ModelFiles(directory)
  const config = parseLlamaConfig(await files.json('config.json'))
  return { config, weights: await readWeights(files, config), hasCalmRows: await hasCalmRows(directory) }
}

/** What has been measured of a model, in a file of ours beside the model's own. It is no part of what the model is, so it does not count for its content id. */
async function hasCalmRows(directory: string): Promise<boolean> {
  const parsed = measuredSchema.safeParse(await new ModelFiles(directory).jsonIfPresent(MEASURED_FILE) ?? {})
  if (!parsed.success) throw new ModelError('MODEL_FILE_INVALID', `${MEASURED_FILE} is wrong: it may hold "calmRows": true where 8-bit products in whole rows have been found to lose next to nothing; otherwise remove it`)
  return parsed.data.calmRows
}

async function generationEndIds(files: ModelFiles): Promise<readonly number[]> {
  const parsed = generationSchema.safeParse(await files.jsonIfPresent('generation_config.json') ?? {})
  if (!parsed.success) throw new ModelError('MODEL_FILE_INVALID', 'generation_config.json is wrong at eos_token_id: it must be a token id or a list of them')
  const ids = parsed.data.eos_token_id ?? []
  return typeof ids === 'number' ? [ids] : ids
}

async function readWeights(files: ModelFiles, config: LlamaConfig): Promise<ReadonlyMap<string, Float32Array>> {
  const shapes = weightShapes(config)
  const wanted = (entry: TensorEntry): boolean => {
    const shape = shapes.get(entry.name)
    if (shape === undefined) return refuseBias(entry.name)
    if (shape.length !== entry.shape.length || shape.some((size, axis) => size !== entry.shape[axis])) {
      throw new ModelError('MODEL_TENSOR_SHAPE', `${entry.name} is [${entry.shape.join(', ')}], and config.json asks for [${shape.join(', ')}]: they belong to different models`)
    }
    return true
  }
  const found = new Map<string, Tensor>()
  for (const name of await weightFiles(files)) {
    for (const [tensor, value] of await files.tensors(name, wanted)) found.set(tensor, value)
  }
  return new Map([...shapes.keys()].map((name) => {
    const tensor = found.get(name)
    if (tensor === undefined) throw new ModelError('MODEL_TENSOR_MISSING', `the model's files hold no ${name}: are all shards there?`)
    return [name, tensor.values]
  }))
}

/** The files that hold the weights, in the order of their names. */
async function weightFiles(files: ModelFiles): Promise<readonly string[]> {
  const index = await files.jsonIfPresent(INDEX_FILE)
  if (index === undefined) return [SINGLE_FILE]
  const parsed = indexSchema.safeParse(index)
  if (!parsed.success) throw new ModelError('MODEL_FILE_INVALID', `${INDEX_FILE} is wrong at ${parsed.error.issues[0]?.path.join('.') ?? 'its start'}: is it whole?`)
  const names = [...new Set(Object.values(parsed.data.weight_map))].sort()
  const outside = names.find((name) => name !== path.basename(name) || !name.endsWith('.safetensors'))
  if (outside !== undefined) throw new ModelError('MODEL_FILE_INVALID', `${INDEX_FILE} names ${outside}, which is no safetensors file of its folder: do not trust this model`)
  return names
}

/** A tensor that the model does not compute with is left out, but a bias would be missed in every result. */
function refuseBias(name: string): false {
  if (name.endsWith('.bias')) throw new ModelError('MODEL_FEATURE_UNSUPPORTED', `the model has a bias, ${name}, and biases are not supported: choose another base`)
  return false
}
