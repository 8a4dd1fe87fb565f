import { readFileSync } from 'node:fs'
import path from 'node:path'

import test from 'ava'
import fc from 'fast-check'

import { createTokenizer, ModelError } from '../../src/model/index.js'
import { tokenBytes } from '../../src/model/token-bytes.js'
import { fixtureFolder } from './fixtures.js'

const read = (name: string): unknown => JSON.parse(readFileSync(path.join(fixtureFolder('tied-f32'), name), 'utf8'))
const files = { tokenizer: read('tokenizer.json'), settings: read('tokenizer_config.json'), endIds: [0] }

test('any text comes back as it was', (t) => {
  const tokenizer = createTokenizer(files)
  const code = fc.string({ unit: fc.constantFrom('module', ' ( ', ')', ',', ';', '[7:0]', ' <= ', '8\'d', '\t', '\n', '\r', ' !', '?', '.', 'é', '量', '🙂', '  ', ' ,', ' \'s'), maxLength: 60 })
  fc.assert(fc.property(fc.oneof(code, fc.string({ unit: 'binary' })), (text) => {
    t.is(tokenizer.decode(tokenizer.encode(text)), text)
  }))
})

test('the bytes of the tokens of a text are its bytes, also where a character is divided among several', (t) => {
  const tokenizer = createTokenizer(files)
  fc.assert(fc.property(fc.oneof(fc.string({ unit: 'grapheme' }), fc.constantFrom('<|user|>é<|end|>', '\uFEFFx', '🙂🙂')), (text) => {
    t.deepEqual(Buffer.from(tokenizer.encode(text).flatMap((id) => [...tokenizer.bytes(id)])).toString('utf8'), Buffer.from(text).toString('utf8'))
  }))
  t.is(tokenizer.bytes(tokenizer.vocabularySize + 5).length, 0)
})

test('a vocabulary that falls back to bytes and marks spaces says what its tokens stand for', (t) => {
  const bytes = tokenBytes({ type: 'Sequence', decoders: [{ type: 'Replace', pattern: { String: '▁' }, content: ' ' }, { type: 'ByteFallback' }, { type: 'Fuse' }] })
  t.deepEqual([...bytes('<0xE2>')], [0xe2])
  t.is(Buffer.from(bytes('▁reg')).toString(), ' reg')
  t.is(Buffer.from(tokenBytes(null)('<0xE2>')).toString(), '<0xE2>')
})

test('special tokens that stand in a text are one token each', (t) => {
  const tokenizer = createTokenizer(files)
  t.deepEqual(tokenizer.encode('<|user|><|assistant|><|end|>'), [1, 2, 0])
  t.is(tokenizer.decode([1, 2, 0]), '<|user|><|assistant|><|end|>')
})

test('nothing is added to a text, and nothing decodes to nothing', (t) => {
  const tokenizer = createTokenizer(files)
  t.deepEqual(tokenizer.encode(''), [])
  t.is(tokenizer.decode([]), '')
})

test('ids that the vocabulary does not hold are left out', (t) => {
  const tokenizer = createTokenizer(files)
  const ids = tokenizer.encode('module')
  t.is(tokenizer.decode([...ids, tokenizer.vocabularySize + 5]), 'module')
})

test('end tokens come from the configuration and from the end-of-text token', (t) => {
  t.deepEqual(createTokenizer({ ...files, endIds: [7, 0] }).endIds, [7, 0])
  t.deepEqual(createTokenizer({ ...files, endIds: [7] }).endIds, [7, 0])
})

test('a chat needs a template', (t) => {
  t.throws(() => createTokenizer(files).renderChat([]), { instanceOf: ModelError, code: 'MODEL_CHAT_TEMPLATE' })
})

test('a template may stand in the settings, alone or by name', (t) => {
  const template = '{{ bos_token }}{{ messages[0].content }}{{ eos_token }}'
  for (const chat_template of [template, [{ name: 'tools', template: 'no' }, { name: 'default', template }]]) {
    const tokenizer = createTokenizer({ ...files, settings: { bos_token: { content: '<b>' }, eos_token: '<e>', chat_template } })
    t.is(tokenizer.renderChat([{ role: 'user', content: 'x' }]), '<b>x<e>')
  }
})

test('what a template refuses is refused with its words', (t) => {
  const chatTemplate = '{{ raise_exception("only one message") }}'
  t.throws(() => createTokenizer({ ...files, chatTemplate }).renderChat([]), { instanceOf: ModelError, code: 'MODEL_CHAT_TEMPLATE', message: /only one message/ })
})

test('a vocabulary with ids that are none, or beyond all that there are, is refused before a list of that length is made', (t) => {
  const { model, ...rest } = files.tokenizer as { readonly model: { readonly vocab: Readonly<Record<string, number>> } }
  for (const id of [2 ** 31, -1, 0.5, 'x', null]) {
    t.throws(() => createTokenizer({ ...files, tokenizer: { ...rest, model: { ...model, vocab: { ...model.vocab, a: id } } } }), { instanceOf: ModelError, code: 'MODEL_TOKENIZER_INVALID' })
  }
})
