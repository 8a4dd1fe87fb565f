import { seededRandom } from '../../src/adapter/index.js'
import { adapterLayout, createTokenizer, openModelWorker, randomModel, TARGETS } from '../../src/model/index.js'
import type { AdapterLayout, LlamaConfig, ModelWorker, Tokenizer } from '../../src/model/index.js'
import type { Pair } from '../../src/training/index.js'

const SPECIAL = ['<|end|>', '<|user|>', '<|assistant|>']
const TEMPLATE = '{% for m in messages %}<|{{ m.role }}|>{{ m.content }}{% endfor %}{% if add_generation_prompt %}<|assistant|>{% endif %}'

/** A tokenizer of single characters, byte-level as GPT-2's, with the chat form of the embedded model. */
export function tinyTokenizer(endIds: readonly number[] = [0]): Tokenizer {
  const characters = [...Array.from({ length: 94 }, (_, i) => String.fromCharCode(33 + i)), 'Ġ', 'Ċ']
  const vocabulary = Object.fromEntries([...SPECIAL, ...characters].map((token, id) => [token, id]))
  const flags = { special: true, single_word: false, lstrip: false, rstrip: false, normalized: false }
  return createTokenizer({
    tokenizer: {
      version: '1.0',
      added_tokens: SPECIAL.map((content, id) => ({ id, content, ...flags })),
      normalizer: null,
      pre_tokenizer: { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: true },
      post_processor: null,
      decoder: { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: true },
      model: { type: 'BPE', dropout: null, unk_token: null, continuing_subword_prefix: null, end_of_word_suffix: null, fuse_unk: false, byte_fallback: false, vocab: vocabulary, merges: [] },
    },
    settings: { chat_template: TEMPLATE },
    endIds,
  })
}

export const TINY: LlamaConfig = {
  hiddenSize: 32, layers: 2, heads: 2, keyValueHeads: 1, headSize: 16, intermediateSize: 64, vocabularySize: 99,
  ropeTheta: 10_000, ropeScaling: { kind: 'none' }, normEpsilon: 1e-6, maximumPositions: 128, tiedEmbeddings: true, beginId: undefined, endIds: [0],
}

export const TINY_LAYOUT: AdapterLayout = adapterLayout(TINY, { rank: 8, alpha: 16, targets: [...TARGETS] })

/** A thread with a base of random weights. */
export function openTinyWorker(): Promise<ModelWorker> {
  const random = seededRandom(11)
  return openModelWorker(randomModel(TINY, () => random.fraction()), TINY_LAYOUT, { threads: 1 })
}

/** Pairs whose design follows from the specification. */
export function pairs(count: number, offset = 0): Pair[] {
  return Array.from({ length: count }, (_, i) => {
    const letter = String.fromCharCode(97 + (i + offset) % 26)
    return { specification: `use ${letter}`, design: `wire ${letter.repeat(4 + i % 5)};\n` }
  })
}
