import test from 'ava'

import { BatchSource } from '../../src/training/batch-source.js'
import type { EncodedExample } from '../../src/training/index.js'
import { Sampler } from '../../src/training/sampler.js'

const example = (id: number, length: number): EncodedExample => ({ prompt: Int32Array.of(1), completion: new Int32Array(length).fill(id) })
const own = Array.from({ length: 40 }, (_, i) => example(100 + i, 3 + i % 9))
const replay = Array.from({ length: 30 }, (_, i) => example(500 + i, 3 + i % 9))
const shape = { rows: 4, rowLength: 24 }

test('a sampler draws everything once before anything twice, in another order each epoch', (t) => {
  const sampler = new Sampler(30, 1)
  const epochs = [0, 1].map(() => Array.from({ length: 30 }, () => sampler.next()))
  for (const epoch of epochs) t.deepEqual(epoch.toSorted((a, b) => a - b), Array.from({ length: 30 }, (_, i) => i))
  t.notDeepEqual(epochs[0], epochs[1])
  t.notDeepEqual(Array.from({ length: 30 }, ((other) => () => other.next())(new Sampler(30, 2))), epochs[0])
})

test('a quarter of the examples is public, in small batches too', (t) => {
  const source = new BatchSource(own, replay, 0.25, shape, 1)
  let [ownDrawn, replayDrawn] = [0, 0]
  for (let i = 0; i < 40; i++) {
    const drawn = source.next()
    ownDrawn += drawn.ownExamples
    replayDrawn += drawn.replayExamples
    t.is(drawn.completionTokens, drawn.batch.weights.reduce((sum, weight) => sum + weight, 0))
    t.is(drawn.batch.documents.reduce((most, document) => Math.max(most, document), -1) + 1, drawn.ownExamples + drawn.replayExamples)
  }
  t.true(Math.abs(replayDrawn / (ownDrawn + replayDrawn) - 0.25) < 0.01)
})

test('batches are filled to more than nine tenths', (t) => {
  const source = new BatchSource(own, replay, 0.25, shape, 1)
  let used = 0
  for (let i = 0; i < 40; i++) used += source.next().batch.documents.filter((document) => document >= 0).length
  t.true(used / (40 * 96) > 0.9, `${used} of ${40 * 96}`)
})

test('no example waits for ever, however awkward its length', (t) => {
  const source = new BatchSource(own, [], 0, shape, 1)
  const counts = new Map<number, number>()
  for (let i = 0; i < 60; i++) {
    const { batch } = source.next()
    for (let at = 0; at < batch.ids.length; at++) {
      if (batch.positions[at] === 0 && batch.documents[at]! >= 0) counts.set(batch.labels[at]!, (counts.get(batch.labels[at]!) ?? 0) + 1)
    }
  }
  t.is(counts.size, own.length)
  t.true(Math.max(...counts.values()) - Math.min(...counts.values()) <= 2)
})

test('a source goes on from its state as if it had never stopped, and anew with other examples', (t) => {
  const source = new BatchSource(own, replay, 0.25, shape, 1)
  const first = source.next()
  const state = source.state()
  const second = source.next()

  const restored = new BatchSource(own, replay, 0.25, shape, 1)
  restored.restore(state)
  t.deepEqual(restored.next(), second)

  const other = new BatchSource(own.slice(1), replay, 0.25, shape, 1)
  const untouched = new BatchSource(own.slice(1), replay, 0.25, shape, 1)
  other.restore(state)
  t.deepEqual(other.next(), untouched.next())
  t.notDeepEqual(first, second)
})
