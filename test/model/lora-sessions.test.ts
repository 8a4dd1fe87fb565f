import test from 'ava'

import { adapterLayout, LoraSessions, ModelError, randomModel, TARGETS, type PackedBatch } from '../../src/model/index.js'
import { DropoutMasks } from '../../src/model/lora/dropout.js'
import { plainBatch, relativeError, repeatable, SMALL_CONFIG } from './fixtures.js'

const base = randomModel(SMALL_CONFIG, repeatable(1))
const layout = adapterLayout(SMALL_CONFIG, { rank: 3, alpha: 6, targets: TARGETS })
const adapter = Float32Array.from({ length: layout.length }, repeatable(2)).map((value) => (value - 0.5) / 4)
const sessions = new LoraSessions(base, layout, { threads: 1 })
const random = repeatable(3)
const text = (length: number): number[] => Array.from({ length }, () => Math.floor(random() * SMALL_CONFIG.vocabularySize))
const texts = [text(9), text(14), text(6)]
const batch = plainBatch(texts)

test.after.always(() => sessions.release())

/** The slope of the loss along a direction, by finite differences. */
async function slope(direction: Float32Array, options: Parameters<LoraSessions['step']>[2]): Promise<number> {
  const at = async (distance: number): Promise<number> => (await sessions.step(batch, adapter.map((value, i) => value + distance * direction[i]!), options)).loss
  return (await at(1e-2) - await at(-1e-2)) / 2e-2
}

for (const [what, options] of [['without dropout', {}], ['with dropout', { dropout: 0.3, seed: 11 }]] as const) {
  test(`the gradient of a step ${what} is that of finite differences`, async (t) => {
    const { gradient } = await sessions.step(batch, adapter, options)
    for (let seed = 20; seed < 26; seed++) {
      const direction = Float32Array.from({ length: layout.length }, repeatable(seed)).map((value) => value - 0.5)
      const expected = gradient.reduce((sum, value, i) => sum + value * direction[i]!, 0)
      t.true(Math.abs(await slope(direction, options) - expected) < 2e-3 * Math.hypot(...gradient))
    }
  })
}

test('the same seed drops the same values, and another seed others', async (t) => {
  const loss = async (seed: number): Promise<number> => (await sessions.step(batch, adapter, { dropout: 0.3, seed })).loss
  t.is(await loss(1), await loss(1))
  t.not(await loss(1), await loss(2))
})

test('a vanishing dropout gives the step without dropout', async (t) => {
  const plain = await sessions.step(batch, adapter)
  const dropped = await sessions.step(batch, adapter, { dropout: 1e-9 })
  t.true(Math.abs(plain.loss - dropped.loss) < 1e-5)
  t.true(relativeError(dropped.gradient, plain.gradient) < 1e-4)
})

test('masks drop the asked share, and neighbouring seeds are unrelated', (t) => {
  const count = 100_001
  const share = (mask: Uint8Array): number => 1 - mask.reduce((sum, value) => sum + value, 0) / count
  for (const dropout of [0.1, 0.5, 0.9]) {
    const masks = [0, 1, 2].map((seed) => new DropoutMasks(dropout, seed).next(count))
    for (const mask of masks) t.true(Math.abs(share(mask) - dropout) < 0.01)
    const both = masks[0]!.reduce((sum, value, i) => sum + value * masks[1]![i]!, 0) / count
    t.true(Math.abs(both - (1 - dropout) ** 2) < 0.01)
  }
})

test('texts packed into one row give the loss and gradient of texts in rows of their own', async (t) => {
  const packed: PackedBatch = {
    rows: 1,
    rowLength: 32,
    ids: Int32Array.from([...texts.flat(), 0, 0, 0]),
    labels: Int32Array.from([...texts.flatMap((each) => [...each.slice(1), -1]), -1, -1, -1]),
    weights: Float32Array.from([...texts.flatMap((each) => each.map((_, i) => i + 1 < each.length ? 1 : 0)), 0, 0, 0]),
    positions: Int32Array.from([...texts.flatMap((each) => each.map((_, i) => i)), 0, 1, 2]),
    documents: Int32Array.from([...texts.flatMap((each, i) => each.map(() => i)), -1, -1, -1]),
  }
  const apart = await sessions.step(batch, adapter)
  const together = await sessions.step(packed, adapter)
  t.true(Math.abs(apart.loss - together.loss) < 1e-5)
  t.true(relativeError(together.gradient, apart.gradient) < 1e-4)
  t.is(apart.tokens, 29)
  t.is(together.tokens, 29)
})

test('only the ratio of the weights matters', async (t) => {
  const weights = batch.weights.map((weight, i) => weight * (1 + i % 3))
  const one = await sessions.step({ ...batch, weights }, adapter)
  const ten = await sessions.step({ ...batch, weights: weights.map((weight) => weight * 10) }, adapter)
  t.true(Math.abs(one.loss - ten.loss) < 1e-6)
  t.true(relativeError(ten.gradient, one.gradient) < 1e-5)
})

test('the loss is the weighted mean of what scoring says', async (t) => {
  const { logProbability } = await sessions.score(batch, adapter)
  const { loss } = await sessions.step(batch, adapter)
  const sum = batch.weights.reduce((total, weight) => total + weight, 0)
  const mean = batch.weights.reduce((total, weight, i) => total - weight * logProbability[i]!, 0) / sum
  t.true(Math.abs(mean - loss) < 1e-5)
})

test('an alternative scores what it would score as the label of its position', async (t) => {
  const positions = Int32Array.of(3, 0, 20, 3)
  const ids = Int32Array.of(7, 60, 0, batch.labels[3]!)
  const { alternatives, logProbability } = await sessions.score(batch, adapter, { positions, ids })
  for (const [i, position] of positions.entries()) {
    const labels = batch.labels.map((label, at) => at === position ? ids[i]! : label)
    const { logProbability: expected, alternatives: none } = await sessions.score({ ...batch, labels }, adapter)
    t.is(alternatives[i], expected[position])
    t.is(none.length, 0)
  }
  t.is(alternatives[3], logProbability[3])
})

test('alternatives outside the batch or the vocabulary are refused', async (t) => {
  for (const [position, id] of [[-1, 0], [batch.ids.length, 0], [0, -1], [0, 61]] as const) {
    await t.throwsAsync(sessions.score(batch, adapter, { positions: Int32Array.of(position), ids: Int32Array.of(id) }), { instanceOf: ModelError, code: 'MODEL_BATCH_INVALID' })
  }
  await t.throwsAsync(sessions.score(batch, adapter, { positions: Int32Array.of(0, 1), ids: Int32Array.of(0) }), { instanceOf: ModelError, code: 'MODEL_BATCH_INVALID' })
})

test('a step changes neither batch nor adapter', async (t) => {
  const before = structuredClone({ batch, adapter })
  await sessions.step(batch, adapter, { dropout: 0.5 })
  await sessions.score(batch, adapter)
  t.deepEqual({ batch, adapter }, before)
})

test('an adapter with fewer targets leaves the others alone', async (t) => {
  const few = adapterLayout(SMALL_CONFIG, { rank: 2, alpha: 2, targets: ['o_proj'] })
  const own = new LoraSessions(base, few, { threads: 1 })
  const { loss, gradient } = await own.step(batch, new Float32Array(few.length))
  t.true(Math.abs(loss - (await sessions.step(batch, new Float32Array(layout.length))).loss) < 1e-5)
  t.is(gradient.length, few.length)
  await own.release()
})

test('more shapes than sessions are kept still work, the first one again too', async (t) => {
  const expected = (await sessions.step(batch, adapter)).loss
  for (let length = 2; length < 10; length++) await sessions.score(plainBatch([texts[1]!.slice(0, length)]), adapter)
  t.is((await sessions.step(batch, adapter)).loss, expected)
})

const rowLength = batch.rowLength
const refusals: Readonly<Record<string, Partial<PackedBatch>>> = {
  'no rows': { rows: 0 },
  'rows that are not whole': { rows: 1.5 },
  'more positions than fit': { rows: 2 ** 30 },
  'rows longer than the model': { rows: 1, rowLength: 513 },
  'an array of another length': { positions: batch.positions.subarray(1) },
  'an id outside the vocabulary': { ids: batch.ids.map((id, i) => i === 3 ? 61 : id) },
  'a negative id': { ids: batch.ids.map((id, i) => i === 3 ? -1 : id) },
  'a label that counts outside the vocabulary': { labels: batch.labels.map((id, i) => i === 3 ? 61 : id) },
  'a position beyond the row': { positions: batch.positions.map((position, i) => i === 3 ? rowLength : position) },
  'a negative weight': { weights: batch.weights.map((weight, i) => i === 3 ? -1 : weight) },
  'a weight that is no number': { weights: batch.weights.map((weight, i) => i === 3 ? NaN : weight) },
  'nothing that counts': { weights: new Float32Array(batch.weights.length) },
}

for (const [what, change] of Object.entries(refusals)) {
  test(`a batch with ${what} is refused`, async (t) => {
    await t.throwsAsync(sessions.step({ ...batch, ...change }, adapter), { instanceOf: ModelError, code: 'MODEL_BATCH_INVALID' })
  })
}

test('an adapter of another length, and a dropout outside its range, are refused', async (t) => {
  await t.throwsAsync(sessions.step(batch, adapter.subarray(1)), { instanceOf: ModelError, code: 'MODEL_ADAPTER_LENGTH' })
  for (const dropout of [-0.1, 1, NaN]) {
    await t.throwsAsync(sessions.step(batch, adapter, { dropout }), { instanceOf: ModelError, code: 'MODEL_BATCH_INVALID' })
  }
})
