import { writeFile } from 'node:fs/promises'

import { setFloat16 } from '@petamoriken/float16'

import { TARGETS, targetSize, type BaseModel, type LlamaConfig, type Target } from '../../src/model/index.js'

/** Value types of GGUF's metadata, and tensor types (ggml.h). */
const VALUE = { uint32: 4, int32: 5, float32: 6, string: 8, array: 9 } as const
const TENSOR = { f32: 0, q8_0: 8 } as const

const VERSION = 3
const ALIGNMENT = 32

/** Values of a q8_0 block, which is an f16 scale and as many bytes. */
const BLOCK_LENGTH = 32
const BLOCK_BYTES = 34

const NAMES: Readonly<Record<Target, string>> = {
  q_proj: 'attn_q', k_proj: 'attn_k', v_proj: 'attn_v', o_proj: 'attn_output', gate_proj: 'ffn_gate', up_proj: 'ffn_up', down_proj: 'ffn_down',
}

interface GgufTensor {
  readonly name: string
  /** Fastest axis first, the other way round than everywhere else. */
  readonly sizes: readonly number[]
  readonly type: number
  readonly data: Uint8Array
}

/**
 * Writes a model as llama.cpp reads it, matrices as q8_0. The vocabulary is made up: the file is for timing and for comparing token ids.
 *
 * @see https://github.com/ggml-org/ggml/blob/master/docs/gguf.md
 */
export async function writeGguf(location: string, model: BaseModel): Promise<void> {
  const metadata = describe(model.config)
  const tensors = collect(model)
  let offset = 0
  const infos: Uint8Array[] = []
  const data: Uint8Array[] = []
  for (const tensor of tensors) {
    infos.push(string(tensor.name), uint32(tensor.sizes.length), ...tensor.sizes.map(uint64), uint32(tensor.type), uint64(offset))
    const padding = new Uint8Array(-tensor.data.length & (ALIGNMENT - 1))
    data.push(tensor.data, padding)
    offset += tensor.data.length + padding.length
  }
  const head = Buffer.concat([Buffer.from('GGUF'), uint32(VERSION), uint64(tensors.length), uint64(metadata.length), ...metadata, ...infos])
  await writeFile(location, Buffer.concat([head, new Uint8Array(-head.length & (ALIGNMENT - 1)), ...data]))
}

function describe(config: LlamaConfig): Uint8Array[] {
  const entry = (key: string, type: number, value: Uint8Array): Uint8Array => Buffer.concat([string(key), uint32(type), value])
  const count = (key: string, value: number): Uint8Array => entry(key, VALUE.uint32, uint32(value))
  const list = (key: string, type: number, values: readonly Uint8Array[]): Uint8Array =>
    entry(key, VALUE.array, Buffer.concat([uint32(type), uint64(values.length), ...values]))
  const ids = Array.from({ length: config.vocabularySize }, (_, id) => id)
  return [
    entry('general.architecture', VALUE.string, string('llama')),
    count('llama.block_count', config.layers),
    count('llama.context_length', config.maximumPositions),
    count('llama.embedding_length', config.hiddenSize),
    count('llama.feed_forward_length', config.intermediateSize),
    count('llama.attention.head_count', config.heads),
    count('llama.attention.head_count_kv', config.keyValueHeads),
    count('llama.attention.key_length', config.headSize),
    count('llama.attention.value_length', config.headSize),
    entry('llama.attention.layer_norm_rms_epsilon', VALUE.float32, float32(config.normEpsilon)),
    entry('llama.rope.freq_base', VALUE.float32, float32(config.ropeTheta)),
    count('llama.rope.dimension_count', config.headSize),
    count('llama.vocab_size', config.vocabularySize),
    entry('tokenizer.ggml.model', VALUE.string, string('gpt2')),
    entry('tokenizer.ggml.pre', VALUE.string, string('default')),
    // The loader asks for a token for each byte; the names of the others do not matter.
    list('tokenizer.ggml.tokens', VALUE.string, ids.map((id) => string(id < 256 ? String.fromCharCode(256 + id) : `token${id}`))),
    list('tokenizer.ggml.token_type', VALUE.int32, ids.map(() => uint32(1))),
    list('tokenizer.ggml.merges', VALUE.string, [string('t o')]),
    count('tokenizer.ggml.bos_token_id', 0),
    count('tokenizer.ggml.eos_token_id', 1),
  ]
}

function collect({ config, weights }: BaseModel): GgufTensor[] {
  const vector = (name: string, source: string): GgufTensor => {
    const values = weights.get(source)!
    return { name, sizes: [values.length], type: TENSOR.f32, data: new Uint8Array(values.buffer, values.byteOffset, values.byteLength) }
  }
  const matrix = (name: string, values: Float32Array, inputs: number, outputs: number): GgufTensor =>
    ({ name, sizes: [inputs, outputs], type: TENSOR.q8_0, data: quantize(values) })

  const { hiddenSize, vocabularySize } = config
  const tensors = [
    matrix('token_embd.weight', weights.get('model.embed_tokens.weight')!, hiddenSize, vocabularySize),
    vector('output_norm.weight', 'model.norm.weight'),
  ]
  if (!config.tiedEmbeddings) tensors.push(matrix('output.weight', weights.get('lm_head.weight')!, hiddenSize, vocabularySize))
  for (let layer = 0; layer < config.layers; layer++) {
    tensors.push(
      vector(`blk.${layer}.attn_norm.weight`, `model.layers.${layer}.input_layernorm.weight`),
      vector(`blk.${layer}.ffn_norm.weight`, `model.layers.${layer}.post_attention_layernorm.weight`),
    )
    for (const target of TARGETS) {
      const [inputs, outputs] = targetSize(config, target)
      const block = target.startsWith('gate') || target.startsWith('up') || target.startsWith('down') ? 'mlp' : 'self_attn'
      const values = weights.get(`model.layers.${layer}.${block}.${target}.weight`)!
      const heads = target === 'q_proj' ? config.heads : target === 'k_proj' ? config.keyValueHeads : 0
      tensors.push(matrix(`blk.${layer}.${NAMES[target]}.weight`, heads === 0 ? values : interleave(values, heads, config.headSize, inputs), inputs, outputs))
    }
  }
  return tensors
}

/** llama.cpp turns neighbouring values of a head together, Hugging Face value i with value i + headSize / 2: reorders the rows of each head. */
function interleave(weight: Float32Array, heads: number, headSize: number, inputs: number): Float32Array {
  const result = new Float32Array(weight.length)
  for (let head = 0; head < heads; head++) {
    for (let i = 0; i < headSize; i++) {
      const from = head * headSize + i
      const to = head * headSize + (i < headSize / 2 ? 2 * i : 2 * i - headSize + 1)
      result.set(weight.subarray(from * inputs, (from + 1) * inputs), to * inputs)
    }
  }
  return result
}

function quantize(values: Float32Array): Uint8Array {
  if (values.length % BLOCK_LENGTH !== 0) throw new Error(`q8_0 needs matrices of a multiple of ${BLOCK_LENGTH} values`)
  const bytes = new Uint8Array(values.length / BLOCK_LENGTH * BLOCK_BYTES)
  const view = new DataView(bytes.buffer)
  for (let block = 0; block < values.length / BLOCK_LENGTH; block++) {
    let magnitude = 0
    for (let i = 0; i < BLOCK_LENGTH; i++) magnitude = Math.max(magnitude, Math.abs(values[block * BLOCK_LENGTH + i]!))
    const scale = magnitude / 127
    setFloat16(view, block * BLOCK_BYTES, scale, true)
    for (let i = 0; i < BLOCK_LENGTH; i++) {
      view.setInt8(block * BLOCK_BYTES + 2 + i, scale === 0 ? 0 : Math.round(values[block * BLOCK_LENGTH + i]! / scale))
    }
  }
  return bytes
}

function uint32(value: number): Uint8Array {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32LE(value)
  return bytes
}

function uint64(value: number): Uint8Array {
  const bytes = Buffer.alloc(8)
  bytes.writeBigUInt64LE(BigInt(value))
  return bytes
}

function float32(value: number): Uint8Array {
  const bytes = Buffer.alloc(4)
  bytes.writeFloatLE(value)
  return bytes
}

function string(value: string): Uint8Array {
  const text = Buffer.from(value)
  return Buffer.concat([uint64(text.length), text])
}
