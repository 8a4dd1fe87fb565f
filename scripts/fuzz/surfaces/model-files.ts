import { writeFile } from 'node:fs/promises'
import path from 'node:path'

import { decodeCanonical } from '../../../src/config/index.js'
import { createTokenizer, decodeDraft, encodeDraft, loadCheckpoint, parseLlamaConfig, recurrentLayout } from '../../../src/model/index.js'
import type { Tokenizer } from '../../../src/model/index.js'
import { headerLength, parseHeader, PREFIX_BYTES } from '../../../src/model/files/safetensors.js'
import { rotaryTables } from '../../../src/model/rotary-tables.js'
import { weightShapes } from '../../../src/model/weight-names.js'

import type { Draw } from '../draw.js'
import { TINY_CONFIG, TINY_SETTINGS, TINY_TOKENIZER, TINY_WEIGHTS } from '../examples/tiny-model.js'
import { encodeAnyhow } from '../loose-cbor.js'
import { foreignBytes } from '../mutate-bytes.js'
import { foreignText } from '../mutate-text.js'
import { foreignValue } from '../mutate-values.js'
import { foreignSafetensors } from '../safetensors-file.js'
import { Scratch } from '../scratch.js'
import { must, mustBeSame, surface } from '../surface.js'
import type { Surface } from '../surface.js'

const config = surface({
  name: 'model-config',
  from: 'the disk',
  make: (draw) => foreignValue(TINY_CONFIG, draw),
  feed: (value) => {
    const shape = parseLlamaConfig(value)
    must([...weightShapes(shape).values()].every((sizes) => sizes.every((size) => Number.isSafeInteger(size) && size > 0)), 'a weight without a size')
    const { cosine } = rotaryTables(shape, 2)
    must(cosine.every(Number.isFinite), 'rotary positions that are no numbers')
  },
})

const weights = surface({
  name: 'model-safetensors',
  from: 'the disk',
  make: (draw) => foreignSafetensors(TINY_WEIGHTS, draw),
  feed: (bytes) => {
    const length = headerLength(bytes.subarray(0, PREFIX_BYTES), bytes.length, 'model.safetensors')
    const entries = parseHeader(bytes.subarray(PREFIX_BYTES, PREFIX_BYTES + length), bytes.length - PREFIX_BYTES - length, 'model.safetensors')
    must(entries.every(({ start, end }, at) => start <= end && start === (entries[at - 1]?.end ?? 0)), 'tensors overlap')
  },
})

const DRAFT_SHAPE = { vocabulary: Int32Array.of(0, 3, 7), stateSize: 2, innerSize: 3 }
const DRAFT = encodeDraft({ shape: DRAFT_SHAPE, values: new Float32Array(recurrentLayout(DRAFT_SHAPE, 4).length).fill(0.5) }, { base: 'a'.repeat(64), hiddenSize: 4 })

const recurrentDraft = surface({
  name: 'recurrent-draft',
  from: 'the disk',
  make: (draw) => draw.chance(0.5) ? foreignBytes(DRAFT, draw) : encodeAnyhow(foreignValue(decodeCanonical(DRAFT), draw), draw),
  feed: (bytes) => {
    const { draft, origin } = decodeDraft(bytes)
    must(draft.values.every(Number.isFinite), 'a value that is no number')
    mustBeSame(encodeDraft(draft, origin), bytes)
  },
})

function mustTokenise(tokenizer: Tokenizer): void {
  must(Number.isSafeInteger(tokenizer.vocabularySize) && tokenizer.vocabularySize > 0, `a vocabulary of ${tokenizer.vocabularySize} tokens`)
  const ids = tokenizer.encode('module ab\n<|end|>')
  must(ids.every((id) => Number.isSafeInteger(id) && id >= 0 && id < tokenizer.vocabularySize), 'a text has tokens that are not in the vocabulary')
  must(typeof tokenizer.decode(ids) === 'string', 'tokens have no text')
}

const tokenizerFile = surface({
  name: 'tokenizer-json',
  from: 'the disk',
  make: (draw) => ({ tokenizer: draw.chance(0.8) ? foreignValue(TINY_TOKENIZER, draw) : TINY_TOKENIZER, settings: draw.chance(0.3) ? foreignValue(TINY_SETTINGS, draw) : TINY_SETTINGS }),
  feed: (files) => { mustTokenise(createTokenizer({ ...files, endIds: [0] })) },
})

const chat = createTokenizer({ tokenizer: TINY_TOKENIZER, settings: TINY_SETTINGS, endIds: [0] })
const TEMPLATE_WORDS = ['{{', '}}', '{%', '%}', 'for', 'if', 'endif', 'endfor', 'message', '.', '[', ']', '(', ')', '|', '<|user|>', '<|end|>', '\n', '"', '\\', '{#', '#}', 'raise_exception']

const chatInput = surface({
  name: 'chat-input',
  from: 'a user',
  make: (draw) => Array.from({ length: draw.below(4) }, () => ({
    role: draw.pick(['user', 'system', 'assistant', '__proto__', '']), content: foreignText(['Write module ab.'], TEMPLATE_WORDS, draw),
  })),
  feed: (messages) => {
    const text = chat.renderChat(messages, { addGenerationPrompt: true })
    must(messages.every(({ content }) => text.includes(content.trim())), 'what a user wrote is missing in the prompt')
    must(chat.encode(text).every((id) => id < chat.vocabularySize), 'a token outside the vocabulary')
  },
})

const template = surface({
  name: 'chat-template',
  from: 'the disk',
  make: (draw) => foreignText([TINY_SETTINGS.chat_template], TEMPLATE_WORDS, draw),
  feed: (source) => {
    const made = createTokenizer({ tokenizer: TINY_TOKENIZER, settings: {}, chatTemplate: source, endIds: [0] })
    must(typeof made.renderChat([{ role: 'user', content: 'module ab' }]) === 'string', 'a template that renders no text')
  },
})

const scratch = new Scratch('model')
const FILES = { 'config.json': TINY_CONFIG, 'tokenizer.json': TINY_TOKENIZER, 'tokenizer_config.json': TINY_SETTINGS, 'generation_config.json': { eos_token_id: [0] } }

const folder = surface({
  name: 'model-folder',
  from: 'the disk',
  make: (draw) => ({ files: Object.entries(FILES).map(([name, value]) => [name, jsonFile(value, draw)] as const), weights: draw.chance(0.5) ? TINY_WEIGHTS : foreignSafetensors(TINY_WEIGHTS, draw) }),
  feed: async (made) => {
    for (const [name, text] of made.files) await writeFile(path.join(scratch.folder, name), text)
    await writeFile(path.join(scratch.folder, 'model.safetensors'), made.weights)
    const checkpoint = await loadCheckpoint(scratch.folder)
    must(checkpoint.tokenizer.vocabularySize <= checkpoint.config.vocabularySize, 'a tokenizer of another model')
    must([...weightShapes(checkpoint.config)].every(([name, shape]) => checkpoint.weights.get(name)?.length === shape.reduce((product, size) => product * size, 1)), 'a weight is missing or of another size')
  },
  end: scratch.remove,
})

function jsonFile(value: unknown, draw: Draw): string {
  const text = JSON.stringify(draw.chance(0.7) ? value : foreignValue(value, draw)) as string | undefined ?? ''
  return draw.chance(0.02) ? text.slice(0, draw.below(text.length)) : text
}

export const modelFileSurfaces: readonly Surface[] = [config, weights, tokenizerFile, chatInput, template, folder, recurrentDraft]
