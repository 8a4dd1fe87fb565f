import test from 'ava'

import { planBatch, TrainingError } from '../../src/training/index.js'
import { TINY } from './tiny.js'

const plan = (rows: number, freeBytes: number): ReturnType<typeof planBatch> => planBatch({ config: TINY, rows, rowLength: 64, freeBytes })
const row = plan(2, 1e12).bytes - plan(1, 1e12).bytes
const fixed = plan(1, 1e12).bytes - row

test('with room enough a step is one micro-batch', (t) => {
  t.like(plan(4, fixed + row * 4.1), { batch: { rows: 4, rowLength: 64 }, microBatches: 1 })
})

test('the estimate grows with every row', (t) => {
  t.true(Math.abs(plan(4, 1e12).bytes - (fixed + row * 4)) <= 4)
  t.true(row > 0 && fixed > 0)
})

test('with less room the same rows are spread evenly over micro-batches that fit', (t) => {
  t.like(plan(4, fixed + row * 3.9), { batch: { rows: 2 }, microBatches: 2 })
  t.like(plan(9, fixed + row * 8.1), { batch: { rows: 5 }, microBatches: 2 })
  t.like(plan(4, fixed + row * 1.1), { batch: { rows: 1 }, microBatches: 4 })
})

test('where not even one row fits, the figures are in the error', (t) => {
  t.throws(() => plan(1, fixed + row * 0.9), { instanceOf: TrainingError, code: 'TRAINING_MEMORY', message: /one row of 64 tokens takes about/ })
})

test('without a figure, the memory that the machine has left decides', (t) => {
  t.is(planBatch({ config: TINY, rows: 1, rowLength: 64 }).microBatches, 1)
})
