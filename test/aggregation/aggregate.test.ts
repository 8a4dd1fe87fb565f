import test from 'ava'
import fc from 'fast-check'

import { aggregate, AggregationError, consensusScores, outerStep, ownAggregate } from '../../src/aggregation/index.js'
import type { Checkpoint, WeightedDelta } from '../../src/aggregation/index.js'
import { idOf, squaredNormOf } from './generate.js'

const LENGTH = 6
const value = fc.float({ min: -100, max: 100, noNaN: true }).map((number) => Object.is(number, -0) ? 0 : number)
const vector = fc.array(value, { minLength: LENGTH, maxLength: LENGTH }).map((values) => Float32Array.from(values))
const part = fc.nat(65_536)
const weighted = fc.array(fc.record({ values: vector, weight: part, clip: part }), { maxLength: 6 })
  .map((entries) => entries.map((entry, i): WeightedDelta => ({ id: idOf(String(i)), ...entry })))

const delta = (values: number[]): WeightedDelta => ({ id: idOf('a'), weight: 65_536, clip: 65_536, values: Float32Array.from(values) })
const bits = (values: Float32Array): number[] => [...new Uint32Array(values.buffer)]

test('an aggregate does not depend on the order of its deltas, to the last bit', (t) => {
  fc.assert(fc.property(weighted.chain((deltas) => fc.tuple(fc.constant(deltas), fc.shuffledSubarray(deltas, { minLength: deltas.length }))), ([deltas, shuffled]) => {
    t.deepEqual(bits(aggregate(shuffled, LENGTH)), bits(aggregate(deltas, LENGTH)))
  }))
})

test('an aggregate is the weighted sum within f32 rounding, and never a negative zero', (t) => {
  fc.assert(fc.property(weighted, (deltas) => {
    aggregate(deltas, LENGTH).forEach((sum, i) => {
      const wanted = deltas.reduce((total, { weight, clip, values }) => total + weight / 65_536 * (clip / 65_536) * values[i]!, 0)
      t.true(Math.abs(sum - wanted) <= 1e-6 * (1 + Math.abs(wanted)) && !Object.is(sum, -0))
    })
  }))
})

test('one delta of full weight is its own aggregate, and none gives zeros', (t) => {
  t.deepEqual(aggregate([delta([1, -2, 0])], 3), Float32Array.of(1, -2, 0))
  t.deepEqual(aggregate([], 3), new Float32Array(3))
})

test('a sum that is too small for f32 is zero, not negative zero', (t) => {
  const tiny = { ...delta([-1e-44]), weight: 1, clip: 1 }
  t.deepEqual(bits(aggregate([tiny], 1)), [0])
})

for (const [what, bad, code] of [
  ['NaN', NaN, 'AGGREGATION_NOT_FINITE'],
  ['infinity', -Infinity, 'AGGREGATION_NOT_FINITE'],
  ['negative zero', -0, 'AGGREGATION_NEGATIVE_ZERO'],
] as const) {
  test(`${what} in a delta, an adapter or a velocity is refused`, (t) => {
    const good = Float32Array.of(1, 2)
    const wrong = Float32Array.of(1, bad)
    t.throws(() => aggregate([delta([1, bad])], 2), { instanceOf: AggregationError, code })
    t.throws(() => outerStep({ adapter: wrong, velocity: good, aggregate: good }), { instanceOf: AggregationError, code })
    t.throws(() => outerStep({ adapter: good, velocity: wrong, aggregate: good }), { instanceOf: AggregationError, code })
    t.throws(() => outerStep({ adapter: good, velocity: good, aggregate: wrong }), { instanceOf: AggregationError, code })
  })
}

test('wrong lengths, weights and repeated deltas are refused', (t) => {
  t.throws(() => aggregate([delta([1])], 2), { instanceOf: AggregationError, code: 'AGGREGATION_LENGTH' })
  t.throws(() => aggregate([delta([1]), delta([2])], 1), { instanceOf: AggregationError, code: 'AGGREGATION_DUPLICATE' })
  t.throws(() => aggregate([{ ...delta([1]), weight: 65_537 }], 1), { instanceOf: AggregationError, code: 'AGGREGATION_INPUT' })
  t.throws(() => aggregate([{ ...delta([1]), clip: 0.5 }], 1), { instanceOf: AggregationError, code: 'AGGREGATION_INPUT' })
  t.throws(() => outerStep({ adapter: new Float32Array(2), velocity: new Float32Array(1), aggregate: new Float32Array(2) }), { instanceOf: AggregationError, code: 'AGGREGATION_LENGTH' })
})

test('outer steps on a steady aggregate reach the speed that momentum promises', (t) => {
  let state: Checkpoint = { adapter: Float32Array.of(0), velocity: Float32Array.of(0) }
  let last = 0
  for (let round = 0; round < 60; round++) {
    last = state.adapter[0]!
    state = outerStep({ ...state, aggregate: Float32Array.of(1) })
  }
  t.true(Math.abs(state.velocity[0]! - 1 / 0.4) < 1e-5)
  t.true(Math.abs(state.adapter[0]! - last - 0.7 / 0.4) < 1e-4)
})

test('a first outer step goes 0.7 · 1.6 times the aggregate, and its inputs stay', (t) => {
  const adapter = Float32Array.of(1)
  const velocity = Float32Array.of(0)
  const next = outerStep({ adapter, velocity, aggregate: Float32Array.of(1) })
  t.deepEqual([next.adapter[0], next.velocity[0]], [Math.fround(1 + 0.7 * 1.6), 1])
  t.deepEqual([adapter[0], velocity[0]], [1, 0])
})

test('an upper level adds the aggregate as it is', (t) => {
  const next = outerStep({ adapter: Float32Array.of(1), velocity: Float32Array.of(5), aggregate: Float32Array.of(0.5) }, { rate: 1, momentum: 0 })
  t.is(next.adapter[0], 1.5)
})

test('a velocity that fades out ends at zero, not at negative zero', (t) => {
  let state: Checkpoint = { adapter: Float32Array.of(1), velocity: Float32Array.of(-1) }
  for (let round = 0; round < 300; round++) state = outerStep({ ...state, aggregate: Float32Array.of(0) }, { rate: 0.7, momentum: 0.4 })
  t.deepEqual(bits(state.velocity), [0])
})

test('a step that leaves f32 is refused and tells where', (t) => {
  const large = Float32Array.of(0, 3e38)
  t.throws(() => outerStep({ adapter: large, velocity: large, aggregate: large }), { instanceOf: AggregationError, code: 'AGGREGATION_NOT_FINITE', message: /value 1 of the next velocity/ })
})

test('the consensus of auditors is the lower median on each probe', (t) => {
  t.deepEqual(consensusScores('x', [[1, 9], [5, 2]]), [1, 2])
  t.deepEqual(consensusScores('x', [Int32Array.of(1), Int32Array.of(7), Int32Array.of(3)]), [3])
  t.throws(() => consensusScores('x', []), { instanceOf: AggregationError, code: 'AGGREGATION_INPUT' })
  t.throws(() => consensusScores('x', [[1], [1, 2]]), { instanceOf: AggregationError, code: 'AGGREGATION_INPUT' })
  t.throws(() => consensusScores('x', [[-1]]), { instanceOf: AggregationError, code: 'AGGREGATION_INPUT' })
})

const own = (name: string, values: number[], scores: number[]): Parameters<typeof ownAggregate>[0][number] => {
  const vectorOf = Float32Array.from(values)
  return { id: idOf(name), values: vectorOf, squaredNorm: squaredNormOf(vectorOf), scores }
}

test('a peer weighs deltas by its own metrics: the best in full, none beyond reach', (t) => {
  const { weights, values } = ownAggregate([own('a', [1], [60_000, 0]), own('b', [1], [60_000 - 3277, 0]), own('c', [-1], [40_000, 65_536])], [2, 0], 1)
  t.is(weights.get(idOf('c')), 0)
  t.true(Math.abs(weights.get(idOf('a'))! - 2 * weights.get(idOf('b'))!) < 4)
  t.is(values[0], 1)
})

test('metric weights decide which delta a peer prefers', (t) => {
  const deltas = [own('a', [1], [60_000, 20_000]), own('b', [-1], [20_000, 60_000])]
  t.is(ownAggregate(deltas, [1, 0], 1).values[0], 1)
  t.is(ownAggregate(deltas, [0, 1], 1).values[0], -1)
  t.is(ownAggregate(deltas, [1, 1], 1).values[0], 0)
})

test('own weighing refuses scores without a metric, no weights, and empty deltas', (t) => {
  t.throws(() => ownAggregate([own('a', [1], [1])], [1, 1], 1), { instanceOf: AggregationError, code: 'AGGREGATION_INPUT' })
  t.throws(() => ownAggregate([own('a', [1], [1])], [0], 1), { instanceOf: AggregationError, code: 'AGGREGATION_OPTIONS' })
  t.throws(() => ownAggregate([own('a', [0], [1])], [1], 1), { instanceOf: AggregationError, code: 'AGGREGATION_INPUT' })
  t.throws(() => ownAggregate([own('a', [1], [1])], [1], 1, { reach: 0 }), { instanceOf: AggregationError, code: 'AGGREGATION_OPTIONS' })
})
