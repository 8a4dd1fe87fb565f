import test from 'ava'
import fc from 'fast-check'

import { choosePersonal, StopText, TextStream, trueput } from '../../src/inference/index.js'

test('stop texts are found wherever the parts are cut, and nothing of them is shown', (t) => {
  fc.assert(fc.property(fc.string({ unit: fc.constantFrom('a', 'b', 'c'), maxLength: 30 }), fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 30, maxLength: 30 }), (text, cuts) => {
    const stop = new StopText(['abc', 'ca'])
    let shown = ''
    let stopped = false
    for (let at = 0, i = 0; at < text.length && !stopped; at += cuts[i++]!) {
      const part = stop.push(text.slice(at, at + cuts[i]!))
      shown += part.shown
      stopped = part.stopped
    }
    if (!stopped) shown += stop.flush()
    t.false(shown.includes('abc') || shown.includes('ca'))
    t.true(text.startsWith(shown))
    t.is(stopped, text.includes('abc') || text.includes('ca'))
  }))
})

test('a character that two tokens share appears once and whole', (t) => {
  const bytes = new TextEncoder().encode('a→b')
  const decoder = { decode: (ids: ArrayLike<number>) => new TextDecoder().decode(Uint8Array.from(Array.from(ids))) }
  const stream = new TextStream(decoder)
  const parts = [...bytes].map((byte) => stream.push([byte]))
  t.is(parts.join('') + stream.flush(), 'a→b')
  t.false(parts.some((part) => part.includes('\uFFFD')))
})

test('the personal model is never worse on validation than any candidate', async (t) => {
  await fc.assert(fc.asyncProperty(fc.array(fc.record({ exact: fc.constantFrom(0, 0.5, 1), loss: fc.double({ min: 0, max: 5, noNaN: true }) }), { minLength: 1, maxLength: 6 }), async (scores) => {
    const candidates = scores.map((_, i) => ({ name: `candidate ${i}`, adapter: Float32Array.of(i) }))
    const { chosen } = await choosePersonal(candidates, (adapter) => Promise.resolve(scores[adapter[0]!]!))
    const score = scores[chosen.adapter[0]!]!
    for (const other of scores) t.true(score.exact > other.exact || (score.exact === other.exact && score.loss <= other.loss))
  }))
})

test('where the user has metrics, the personal model is the best by them, and only then by validation', async (t) => {
  const scores = [{ exact: 1, loss: 0 }, { exact: 0, loss: 2 }, { exact: 0.5, loss: 1 }]
  const candidates = scores.map((_, i) => ({ name: `candidate ${i}`, adapter: Float32Array.of(i) }))
  const validate = (adapter: Float32Array) => Promise.resolve(scores[adapter[0]!]!)
  const { chosen, scores: all } = await choosePersonal(candidates, validate, () => Promise.resolve([0.1, 0.7, 0.7]))
  t.is(chosen.name, 'candidate 2')
  t.deepEqual(all.map(({ score }) => score.own), [0.7, 0.7, 0.1])
})

test('Trueput is verified designs by wall clock, with its factors', (t) => {
  const one = { tokens: 100, targetCalls: 50, generationMilliseconds: 400, checkMilliseconds: 250, wallMilliseconds: 500 }
  const result = trueput([{ ...one, passed: true }, { ...one, passed: false }])
  t.is(result.verifiedPerSecond, 1)
  t.is(result.passRate, 0.5)
  t.is(result.tokensPerSecond, 250)
  t.is(result.acceptanceLength, 2)
  t.is(result.checkShare, 0.5)
})
