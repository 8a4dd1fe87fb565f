import { writeSafetensors } from '../../../src/adapter/peft/safetensors.js'
import { parseLlamaConfig, randomModel } from '../../../src/model/index.js'
import { weightShapes } from '../../../src/model/weight-names.js'
import { createRandom } from '../../../src/telemetry/index.js'

/** config.json of the smallest Llama that has all parts. */
export const TINY_CONFIG = {
  architectures: ['LlamaForCausalLM'], model_type: 'llama', hidden_size: 8, num_hidden_layers: 1, num_attention_heads: 2, num_key_value_heads: 1, head_dim: 4,
  intermediate_size: 12, vocab_size: 16, max_position_embeddings: 64, rms_norm_eps: 1e-5, hidden_act: 'silu', tie_word_embeddings: true, bos_token_id: 1, eos_token_id: [0, 2],
  rope_parameters: { rope_type: 'llama3', rope_theta: 10_000, factor: 8, low_freq_factor: 1, high_freq_factor: 4, original_max_position_embeddings: 32 },
}

export const TINY_SHAPE = parseLlamaConfig(TINY_CONFIG)

const { weights } = randomModel(TINY_SHAPE, createRandom(1))

/** model.safetensors of it. */
export const TINY_WEIGHTS = writeSafetensors([...weightShapes(TINY_SHAPE)].map(([name, shape]) => ({ name, shape, values: weights.get(name)! })))

const CHARACTERS = ['<|end|>', '<|user|>', 'a', 'b', 'c', 'm', 'o', 'd', 'u', 'l', 'e', 'Ġ', 'Ċ', 'ab', 'mo']

/** tokenizer.json of it. */
export const TINY_TOKENIZER = {
  version: '1.0',
  truncation: null,
  padding: null,
  added_tokens: [0, 1].map((id) => ({ id, content: CHARACTERS[id]!, single_word: false, lstrip: false, rstrip: false, normalized: false, special: true })),
  normalizer: null,
  pre_tokenizer: { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: true },
  post_processor: null,
  decoder: { type: 'ByteLevel', add_prefix_space: true, trim_offsets: true, use_regex: true },
  model: {
    type: 'BPE', dropout: null, unk_token: null, continuing_subword_prefix: null, end_of_word_suffix: null, fuse_unk: false, byte_fallback: false, ignore_merges: false,
    vocab: Object.fromEntries(CHARACTERS.map((text, id) => [text, id])), merges: [['a', 'b'], ['m', 'o']],
  },
}

export const TINY_SETTINGS = {
  bos_token: '<|user|>', eos_token: { content: '<|end|>', __type: 'AddedToken' },
  chat_template: '{% for message in messages %}<|user|>{{ message.content | trim }}{% if not loop.last %}<|end|>{% endif %}{% endfor %}{% if add_generation_prompt %}\n{% endif %}',
}
