import test from 'ava'
import fc from 'fast-check'

import { packBatch, packBatches, packedLength, packRows, TrainingError } from '../../src/training/index.js'
import type { EncodedExample } from '../../src/training/index.js'

const ROW = 16
const part = (maximum: number): fc.Arbitrary<Int32Array> => fc.array(fc.integer({ min: 1, max: 90 }), { minLength: 1, maxLength: maximum }).map((ids) => Int32Array.from(ids))
const example: fc.Arbitrary<EncodedExample> = fc.record({ prompt: part(8), completion: part(9) })
const examples = fc.array(example, { minLength: 1, maxLength: 20 })

const sized = (length: number): EncodedExample => ({ prompt: new Int32Array(1).fill(1), completion: new Int32Array(length).fill(2) })

test('every example is packed once and whole, as a document of its own within one row', (t) => {
  fc.assert(fc.property(examples, fc.integer({ min: 1, max: 4 }), (list, rows) => {
    const seen: number[] = []
    for (const { batch, placements } of packBatches(list, rows, ROW)) {
      t.true(batch.rows >= 1 && batch.rows <= rows)
      placements.forEach(({ index, start, completionStart, end }, document) => {
        seen.push(index)
        const { prompt, completion } = list[index]!
        const tokens = [...prompt, ...completion]
        t.is(Math.floor(start / ROW), Math.floor((end - 1) / ROW))
        t.deepEqual([...batch.ids.subarray(start, end)], tokens.slice(0, -1))
        t.deepEqual([...batch.labels.subarray(start, end)], tokens.slice(1))
        t.deepEqual([...batch.labels.subarray(completionStart, end)], [...completion])
        t.deepEqual([...batch.positions.subarray(start, end)], tokens.slice(1).map((_, i) => i))
        t.true(batch.documents.subarray(start, end).every((number) => number === document))
      })
      const weight = batch.weights.reduce((sum, value) => sum + value, 0)
      t.is(weight, placements.reduce((sum, { completionStart, end }) => sum + end - completionStart, 0))
      t.is(batch.documents.filter((document) => document >= 0).length, placements.reduce((sum, { start, end }) => sum + end - start, 0))
    }
    t.deepEqual(seen.sort((a, b) => a - b), list.map((_, i) => i))
  }), { numRuns: 60 })
})

test('padding has no weight and no document', (t) => {
  const { ids, weights, documents } = packBatch([sized(4)], 2, 8)
  t.deepEqual([...weights], [1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0])
  t.true(documents.subarray(4).every((document) => document === -1))
  t.true(ids.subarray(4).every((id) => id === 0))
})

test('the longest comes first, each where it leaves the least room', (t) => {
  const { placements, left } = packRows([sized(3), sized(10), sized(6), sized(13), sized(16)], 3, ROW)
  t.deepEqual(placements.map(({ index, start }) => [index, start]), [[4, 0], [3, 16], [1, 32], [2, 42], [0, 29]])
  t.deepEqual(left, [])
})

test('what finds no room is left, and what was left before comes first', (t) => {
  const list = [sized(5), sized(14), sized(15)]
  t.deepEqual(packRows(list, 1, ROW).left, [0, 1])
  t.deepEqual(packRows(list, 1, ROW, 1).left, [1, 2])
})

test('examples that fit no row, or not one batch, are refused', (t) => {
  t.is(packedLength(sized(17)), 17)
  t.throws(() => packRows([sized(17)], 4, ROW), { instanceOf: TrainingError, code: 'TRAINING_EXAMPLE_LENGTH' })
  t.throws(() => packBatch([sized(10), sized(10)], 1, ROW), { instanceOf: TrainingError, code: 'TRAINING_EXAMPLE_LENGTH' })
})
