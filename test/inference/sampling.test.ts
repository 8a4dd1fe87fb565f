import test from 'ava'
import fc from 'fast-check'

import { distribution, draw, GREEDY, InferenceError, logProbabilities, samplingOptions } from '../../src/inference/index.js'

const logits = fc.array(fc.float({ min: -20, max: 20, noNaN: true }), { minLength: 1, maxLength: 40 }).map((values) => Float32Array.from(values))
const options = fc.record({
  temperature: fc.double({ min: 0.1, max: 3, noNaN: true }),
  topK: fc.nat(20),
  topP: fc.double({ min: 0.05, max: 1, noNaN: true }),
  minP: fc.double({ min: 0, max: 0.9, noNaN: true }),
})

test('probabilities sum to one and the most probable token is always among them', (t) => {
  fc.assert(fc.property(logits, options, (scores, given) => {
    const { ids, probabilities } = distribution(scores, [], samplingOptions(given))
    t.true(Math.abs(probabilities.reduce((sum, p) => sum + p, 0) - 1) < 1e-9)
    t.true([...ids].some((id) => scores[id]! >= Math.max(...scores) - 1e-6))
    if (given.topK > 0) t.true(ids.length <= given.topK)
  }))
})

test('top-p keeps the smallest set that reaches its share, whatever can be left out beforehand', (t) => {
  fc.assert(fc.property(logits, fc.double({ min: 0.05, max: 0.99, noNaN: true }), (scores, topP) => {
    const all = distribution(scores, [], samplingOptions({ temperature: 1 }))
    const sorted = [...all.ids].map((id, i) => ({ id, p: all.probabilities[i]! })).sort((x, y) => y.p - x.p || x.id - y.id)
    const kept = distribution(scores, [], samplingOptions({ temperature: 1, topP }))
    const mass = (count: number): number => sorted.slice(0, count).reduce((sum, { p }) => sum + p, 0)
    t.true(mass(kept.ids.length) >= topP - 1e-9)
    t.true(kept.ids.length === 1 || mass(kept.ids.length - 1) < topP + 1e-9)
  }))
})

test('temperature 0 draws the most probable token and the lowest id of equals', (t) => {
  const { ids } = distribution(Float32Array.of(1, 3, 3, 2), [], GREEDY)
  t.deepEqual([...ids], [1])
  t.is(draw({ ids, probabilities: Float64Array.of(1) }, 0.999), 1)
})

test('the repetition penalty makes tokens of the text less likely, whatever the sign of their logits', (t) => {
  for (const scores of [Float32Array.of(2, 1), Float32Array.of(-1, -2)]) {
    const plain = distribution(scores, [0], samplingOptions({ temperature: 1 }))
    const penalised = distribution(scores, [0], samplingOptions({ temperature: 1, repetitionPenalty: 1.5 }))
    const of = ({ ids, probabilities }: typeof plain): number => probabilities[ids.indexOf(0)]!
    t.true(of(penalised) < of(plain))
  }
})

test('settings out of range are refused with the field and its range', (t) => {
  for (const wrong of [{ temperature: -1 }, { temperature: NaN }, { topK: 1.5 }, { topP: 0 }, { minP: 1 }, { repetitionPenalty: 0 }, { frequencyPenalty: 2.1 }, { presencePenalty: NaN }, { seed: 0.5 }]) {
    const error = t.throws(() => samplingOptions(wrong), { instanceOf: InferenceError, code: 'INFERENCE_SAMPLING_INVALID' })
    t.true(error.message.startsWith(Object.keys(wrong)[0]!))
  }
})

test('frequency and presence penalties are taken off the logits of what was written, as often as it was, and the prompt does not count', (t) => {
  fc.assert(fc.property(
    fc.array(fc.nat(3), { maxLength: 12 }), fc.nat(12), fc.double({ min: -2, max: 2, noNaN: true }), fc.double({ min: -2, max: 2, noNaN: true }),
    (history, promptLength, frequencyPenalty, presencePenalty) => {
      const scores = Float32Array.of(0.5, -1, 2, 0)
      const expected = scores.map((score, id) => {
        const times = history.slice(promptLength).filter((written) => written === id).length
        return times === 0 ? score : score - (frequencyPenalty * times + presencePenalty)
      })
      const options = samplingOptions({ temperature: 1, frequencyPenalty, presencePenalty })
      t.deepEqual(distribution(scores, history, options, promptLength), distribution(expected, [], samplingOptions({ temperature: 1 })))
    },
  ))
})

test('log-probabilities are those of the plain softmax, the most probable first', (t) => {
  fc.assert(fc.property(logits, fc.nat(20), fc.nat(), (scores, count, at) => {
    const chosen = at % scores.length
    const { logprob, top } = logProbabilities(scores, chosen, count)
    const { ids, probabilities } = distribution(scores, [], samplingOptions({ temperature: 1 }))
    t.true(Math.abs(Math.exp(logprob) - (probabilities[ids.indexOf(chosen)] ?? 0)) < 1e-9)
    const sorted = [...scores.keys()].sort((x, y) => scores[y]! - scores[x]! || x - y)
    t.deepEqual(top.map(({ id }) => id), sorted.slice(0, count))
    t.true(top.every((each, i) => i === 0 || each.logprob <= top[i - 1]!.logprob))
  }))
})
