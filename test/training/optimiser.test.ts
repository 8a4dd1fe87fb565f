import test from 'ava'
import fc from 'fast-check'

import { adamStep, DEFAULT_ADAM_OPTIONS, DEFAULT_SCHEDULE, freshMoments, learningRate, TrainingError } from '../../src/training/index.js'

const plain = { ...DEFAULT_ADAM_OPTIONS, weightDecay: 0 }

test('the first step goes the learning rate against each gradient\'s sign, whatever its size', (t) => {
  const weights = Float32Array.of(1, 1, 1)
  adamStep(weights, Float32Array.of(5, -0.001, 0), freshMoments(3), 0.1, plain)
  t.true([0.9, 1.1, 1].every((wanted, i) => Math.abs(weights[i]! - wanted) < 1e-5))
})

test('ten steps are those of the textbook', (t) => {
  const gradients = Array.from({ length: 10 }, (_, i) => Math.sin(i) + 0.3)
  const weights = Float32Array.of(0.5)
  let moments = freshMoments(1)
  let [weight, first, second] = [0.5, 0, 0]
  gradients.forEach((gradient, i) => {
    moments = adamStep(weights, Float32Array.of(gradient), moments, 0.01, { ...plain, weightDecay: 0.1 })
    first = 0.9 * first + 0.1 * gradient
    second = 0.95 * second + 0.05 * gradient ** 2
    weight = weight * (1 - 0.01 * 0.1) - 0.01 * (first / (1 - 0.9 ** (i + 1))) / (Math.sqrt(second / (1 - 0.95 ** (i + 1))) + 1e-8)
  })
  t.true(Math.abs(weights[0]! - weight) < 1e-6)
  t.is(moments.steps, 10)
})

test('a scaled gradient steps as if it had been scaled before', (t) => {
  fc.assert(fc.property(fc.float({ min: -10, max: 10, noNaN: true }), fc.constantFrom(0.5, 0.25), (gradient, scale) => {
    const a = Float32Array.of(1)
    const b = Float32Array.of(1)
    const afterA = adamStep(a, Float32Array.of(gradient), freshMoments(1), 0.1, plain, scale)
    const afterB = adamStep(b, Float32Array.of(gradient * scale), freshMoments(1), 0.1, plain)
    t.true(Math.abs(a[0]! - b[0]!) < 1e-5)
    t.true(Math.abs(afterA.first[0]! - afterB.first[0]!) < 1e-5)
  }))
})

test('vectors of unequal length are refused', (t) => {
  t.throws(() => adamStep(new Float32Array(2), new Float32Array(3), freshMoments(2), 1, plain), { instanceOf: TrainingError, code: 'TRAINING_ADAPTER' })
})

const at = (campaignRound: number, step: number, age = 1000): number => learningRate(DEFAULT_SCHEDULE, { campaignRound, step, steps: 10, age })

test('the rate falls over a campaign from its height to its floor, and stays there', (t) => {
  t.is(at(0, 0), 2e-3)
  t.true(Math.abs(at(6, 0) - 2e-3 * (0.15 + 0.85 / 2)) < 1e-12)
  t.true(Math.abs(at(12, 0) - 3e-4) < 1e-12)
  t.is(at(40, 3), at(12, 0))
  for (let step = 1; step < 120; step++) t.true(at(Math.floor(step / 10), step % 10) < at(Math.floor((step - 1) / 10), (step - 1) % 10))
})

test('fresh moments warm up, at a campaign\'s start and for whoever joins later', (t) => {
  t.deepEqual([0, 1, 2, 3, 4, 5].map((age) => Math.round(at(0, 0, age) / 2e-3 * 100) / 100), [0.2, 0.4, 0.6, 0.8, 1, 1])
  t.true(at(5, 0, 0) < at(5, 0, 4))
})

test('a schedule without a rate or with a floor above 1 is refused', (t) => {
  for (const changes of [{ rate: 0 }, { rate: NaN }, { floorShare: 2 }, { campaignRounds: 0 }]) {
    t.throws(() => learningRate({ ...DEFAULT_SCHEDULE, ...changes }, { campaignRound: 0, step: 0, steps: 1, age: 0 }), { instanceOf: TrainingError, code: 'TRAINING_OPTIONS' })
  }
})
