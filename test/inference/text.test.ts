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

test('the personal model is on validation never worse than a baseline, and beats it clearly where it is none', async (t) => {
  const scores = fc.array(fc.record({
    exact: fc.constantFrom(0, 0.5, 1), loss: fc.double({ min: 0, max: 5, noNaN: true }), passes: fc.array(fc.boolean(), { minLength: 8, maxLength: 8 }), isBaseline: fc.boolean(),
  }), { minLength: 1, maxLength: 7 })
  const share = (passes: readonly boolean[]): number => passes.filter(Boolean).length / passes.length
  await fc.assert(fc.asyncProperty(scores, async (given) => {
    const candidates = given.map(({ isBaseline }, i) => ({ name: `candidate ${i}`, adapter: Float32Array.of(i), isBaseline }))
    const of = (adapter: Float32Array): (typeof given)[number] => given[adapter[0]!]!
    const written = new Set<number>()
    const { chosen, baseline, scores: all } = await choosePersonal(candidates, {
      validate: (adapter) => Promise.resolve({ exact: of(adapter).exact, loss: of(adapter).loss }),
      verify: (adapter) => {
        written.add(adapter[0]!)
        return Promise.resolve(of(adapter).passes)
      },
    })
    const challengers = given.filter(({ isBaseline }) => !isBaseline).length
    t.is(written.size, given.length - challengers + Math.min(2, challengers))
    t.true(written.has(chosen.adapter[0]!))
    t.is(all[0]!.name, chosen.name)
    const mine = of(chosen.adapter)
    for (const [i, other] of given.entries()) {
      t.is(all.find(({ name }) => name === `candidate ${i}`)!.score.passed, written.has(i) ? share(other.passes) : undefined)
      if (other.isBaseline) t.true(share(mine.passes) > share(other.passes) || (share(mine.passes) === share(other.passes) && mine.loss <= other.loss))
    }
    if (baseline !== undefined && chosen.name !== baseline.name) {
      const rival = of(baseline.adapter)
      const gained = mine.passes.filter((pass, at) => pass && !rival.passes[at]).length
      const lost = mine.passes.filter((pass, at) => !pass && rival.passes[at]).length
      t.true(gained - lost > Math.sqrt(gained + lost))
    }
    const left = given.filter((_, i) => !written.has(i))
    const least = Math.max(...given.filter(({ isBaseline }, i) => !isBaseline && written.has(i)).map(({ loss }) => loss), 0)
    t.true(left.every(({ loss }) => loss >= least))
  }))
})

test('one design more than the better baseline is chance, four more are not', async (t) => {
  const passes = [[1, 1, 1, 0, 0, 0, 0, 0], [1, 1, 1, 1, 0, 0, 0, 0], [1, 1, 1, 1, 1, 1, 1, 0]].map((row) => row.map(Boolean))
  const candidates = passes.map((_, i) => ({ name: `candidate ${i}`, adapter: Float32Array.of(i), isBaseline: i === 0 }))
  const choose = (among: typeof candidates) => choosePersonal(among, { validate: () => Promise.resolve({ exact: 0, loss: 1 }), verify: (adapter) => Promise.resolve(passes[adapter[0]!]!) })
  t.is((await choose(candidates.slice(0, 2))).chosen.name, 'candidate 0')
  t.is((await choose(candidates)).chosen.name, 'candidate 2')
})

test('where no checker can tell, the lowest loss decides, however many designs another knows by heart', async (t) => {
  const scores = [{ exact: 0.9, loss: 0.2 }, { exact: 0, loss: 0.1 }]
  const candidates = scores.map((_, i) => ({ name: `candidate ${i}`, adapter: Float32Array.of(i) }))
  const validate = (adapter: Float32Array) => Promise.resolve(scores[adapter[0]!]!)
  const verify = (adapter: Float32Array) => Promise.resolve(adapter[0] === 0 ? [true] : undefined)
  const { chosen, scores: all } = await choosePersonal(candidates, { validate, verify })
  t.is(chosen.name, 'candidate 1')
  t.true(all.every(({ score }) => score.passed === undefined))
})

test('where the user has metrics, the personal model is the best by them, and only then by validation', async (t) => {
  const scores = [{ exact: 1, loss: 0 }, { exact: 0, loss: 2 }, { exact: 0.5, loss: 1 }]
  const candidates = scores.map((_, i) => ({ name: `candidate ${i}`, adapter: Float32Array.of(i), isBaseline: true }))
  const validate = (adapter: Float32Array) => Promise.resolve(scores[adapter[0]!]!)
  const { chosen, scores: all } = await choosePersonal(candidates, { validate, weigh: (finalists) => Promise.resolve(finalists.map(({ score }) => score.loss === 0 ? 0.1 : 0.7)) })
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
