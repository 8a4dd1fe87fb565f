import path from 'node:path'

import test from 'ava'
import fc from 'fast-check'

import { findPackageRoot } from '../../src/config/index.js'
import { AnalogyDrafts } from '../../src/inference/drafts/analogy-draft.js'
import { piecesOf, renamed, renamings } from '../../src/inference/drafts/analogy.js'
import { Neighbours } from '../../src/inference/drafts/neighbours.js'
import { WordEncoder } from '../../src/inference/drafts/word-encoder.js'
import { loadCheckpoint } from '../../src/model/index.js'
import { encodeExample, encodePrompt } from '../../src/training/index.js'

const { tokenizer } = await loadCheckpoint(path.join(findPackageRoot(), 'models', 'embedded'))

/** A specification and its design, of any width and name. */
function counter(name: string, width: number, limit: number) {
  return {
    specification: `Module ${name}: a ${width}-bit counter that wraps after ${limit}.`,
    design: `module ${name}(input clk, output reg [${width - 1}:0] q);\n  always @(posedge clk) q <= q == ${limit} ? 0 : q + 1;\nendmodule\n`,
  }
}

test('a precedent is rewritten by what differs between the two specifications, neighbours of numbers included', (t) => {
  const [old, asked] = [counter('up_ctr', 8, 200), counter('wrap_count', 12, 3000)]
  const renaming = renamings(piecesOf(old.specification), piecesOf(asked.specification))
  t.is(renamed(piecesOf(old.design), renaming), asked.design)
})

test('any text is its pieces again, and equal specifications rename nothing', (t) => {
  fc.assert(fc.property(fc.string({ maxLength: 200 }), fc.string({ maxLength: 200 }), (one, other) => {
    t.is(renamed(piecesOf(one), []), piecesOf(one).join(''))
    t.deepEqual(renamings(piecesOf(one), piecesOf(one)), [])
    const renaming = renamings(piecesOf(one), piecesOf(other))
    t.true(renaming.every(({ from, to }) => from !== to && /^[\w$]+$/.test(from) && /^[\w$]+$/.test(to)))
    t.is(new Set(renaming.map(({ from }) => from)).size, renaming.length)
  }))
  t.is(piecesOf('module m; // a comment\n  assign y = a[3:0];\n').join(''), 'module m; // a comment\n  assign y = a[3:0];\n')
})

test('the nearest texts have rare words in common, not many words', (t) => {
  const neighbours = new Neighbours()
  const texts = [['a', 'the', 'counter'], ['a', 'the', 'long', 'text', 'of', 'words', 'gray'], ['a', 'gray', 'counter'], []]
  for (const [at, words] of texts.entries()) neighbours.add(at, words)
  t.deepEqual(neighbours.nearest(['gray', 'counter'], 2)[0], 2)
  t.deepEqual(neighbours.nearest(['nothing'], 2), [])
  neighbours.remove(2, texts[2]!)
  t.deepEqual(neighbours.nearest(['gray', 'counter'], 4), [0, 1])
})

test('a draft by analogy foresees most of a design of which the house has written the like', (t) => {
  const precedents = [counter('up_ctr', 8, 200), counter('ticks', 4, 9), counter('beat', 16, 60_000)]
  const drafts = new AnalogyDrafts(tokenizer, precedents.map((pair) => {
    const { prompt, completion } = encodeExample(tokenizer, pair)
    return { prompt: [...prompt], design: [...completion] }
  }))
  const asked = counter('wrap_count', 12, 3000)
  const prompt = [...encodePrompt(tokenizer, asked.specification)]
  const design = tokenizer.encode(asked.design)
  const draft = drafts.for(prompt)
  const text = [...prompt]
  let calls = 0
  for (let at = 0; at < design.length; calls++) {
    const { tokens } = draft.propose(text, 8)
    let right = 0
    while (right < tokens.length && tokens[right] === design[at + right]) right++
    const settled = design.slice(at, at + right + 1)
    text.push(...settled)
    at += settled.length
  }
  t.true(design.length / calls > 4, `${design.length} tokens in ${calls} calls`)
})

test('without precedents, and behind any text, a draft by analogy proposes nothing that is not there', (t) => {
  t.deepEqual(new AnalogyDrafts(tokenizer, []).for([5, 6]).propose([5, 6, 7], 4).tokens, [])
  const pair = counter('up_ctr', 8, 200)
  const { prompt, completion } = encodeExample(tokenizer, pair)
  const draft = new AnalogyDrafts(tokenizer, [{ prompt: [...prompt], design: [...completion] }]).for([...prompt])
  t.notThrows(() => fc.assert(fc.property(fc.array(fc.nat(2047), { maxLength: 60 }), fc.integer({ min: 1, max: 12 }), (tail, maximum) => {
    const { tokens, confidence } = draft.propose([...prompt, ...tail], maximum)
    return tokens.length <= maximum && confidence.length === tokens.length && confidence.every((one) => one > 0 && one < 1)
  })))
})

test('texts are encoded word by word as they are as a whole, and known words are not encoded again', (t) => {
  let encoded = 0
  const counted = new WordEncoder({ encode: (text) => { encoded += 1; return tokenizer.encode(text) } })
  const designs = Array.from({ length: 12 }, (_, i) => counter(`ctr_${i % 4}`, 4 + i % 3, 10 * (i % 5)).design)
  for (const design of [...designs, '', ' \n', '\n\n  a  \t b\n', 'x  = 1;  // end ']) t.deepEqual(counted.encode(design), tokenizer.encode(design))
  const before = encoded
  for (const design of designs) t.deepEqual(counted.encode(design), tokenizer.encode(design))
  t.is(encoded, before)
})

test('a tokenizer that joins words is asked for whole texts', (t) => {
  const joining = new WordEncoder({ encode: (text) => [text.length] })
  for (let i = 1; i < 10; i++) t.deepEqual(joining.encode('two words '.repeat(i)), [10 * i])
})
