import test from 'ava'

import { initialAdapter } from '../../src/adapter/index.js'
import type { ModelWorker } from '../../src/model/index.js'
import { completionLosses, createLearner, encodeExample, gradePairs, mismatchedPairs, packBatch } from '../../src/training/index.js'
import { openTinyWorker, pairs, tinyTokenizer, TINY_LAYOUT } from './tiny.js'

const tokenizer = tinyTokenizer()
const shape = { rows: 4, rowLength: 48 }

let worker: ModelWorker
test.before(async () => { worker = await openTinyWorker() })
test.after.always(() => worker.close())

test.serial('a model that knows the matter tells right pairs from mismatched ones', async (t) => {
  const right = pairs(26)
  const learner = createLearner({ worker, layout: TINY_LAYOUT, examples: right.map((pair) => encodeExample(tokenizer, pair)), replay: [], replayShare: 0, batch: shape, seed: 1, schedule: { rate: 1e-2, campaignRounds: 1 } })
  const { adapter } = await learner.train({ adapter: initialAdapter(TINY_LAYOUT, 1), campaignRound: 0, steps: 400 })

  const mixed = right.map((pair, i) => i % 4 === 0 ? { ...pair, design: right[(i + 9) % 26]!.design } : pair)
  const wrong = mixed.map((_, i) => i).filter((i) => i % 4 === 0)
  const grades = await gradePairs(worker, tokenizer, adapter, mixed, shape)
  t.deepEqual(grades.grades.map(({ index }) => index), mixed.map((_, i) => i))
  t.deepEqual(grades.dropped, [])
  const mean = (indices: readonly number[]): number => indices.reduce((sum, i) => sum + grades.grades[i]!.contrast, 0) / indices.length
  t.true(mean(wrong) < 0.1 && mean(mixed.map((_, i) => i).filter((i) => i % 4 !== 0)) > 0.3)
  const found = mismatchedPairs(grades)
  t.true(found.filter((i) => wrong.includes(i)).length >= wrong.length - 1, found.join(' '))
  t.true(found.every((i) => wrong.includes(i)), found.join(' '))
})

test.serial('pairs that fit no row are named, and the rest keep their places', async (t) => {
  const list = [{ specification: 's', design: 'x'.repeat(50) }, ...pairs(2)]
  const { grades, dropped } = await gradePairs(worker, tokenizer, initialAdapter(TINY_LAYOUT, 1), list, shape)
  t.deepEqual(dropped, [0])
  t.deepEqual(grades.map(({ index }) => index), [1, 2])
})

test.serial('losses of examples scored together are those of each alone, and their mean is that of a training step', async (t) => {
  const adapter = initialAdapter(TINY_LAYOUT, 1)
  const examples = pairs(9).map((pair) => encodeExample(tokenizer, pair))
  const together = await completionLosses(worker, adapter, examples, shape)
  for (const [i, example] of examples.entries()) {
    const [alone] = await completionLosses(worker, adapter, [example], { rows: 1, rowLength: 48 })
    t.true(Math.abs(alone! - together[i]!) < 1e-4)
  }
  const { loss } = await worker.step(packBatch(examples, 8, 48), adapter)
  const tokens = examples.map(({ completion }) => completion.length)
  const mean = together.reduce((sum, value, i) => sum + value * tokens[i]!, 0) / tokens.reduce((a, b) => a + b, 0)
  t.true(Math.abs(mean - loss) < 1e-4)
})
