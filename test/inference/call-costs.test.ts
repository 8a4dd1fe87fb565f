import test from 'ava'
import fc from 'fast-check'

import { CallCosts } from '../../src/inference/decoding/call-costs.js'
import { createRandom } from '../../src/telemetry/index.js'

test('a size that was never measured costs what its neighbours say', (t) => {
  const costs = new CallCosts()
  t.is(costs.of(1), undefined)
  costs.measured(1, 10)
  t.is(costs.of(6), 15, 'a tenth for each more')
  for (let call = 0; call < 40; call++) costs.measured(9, 26)
  t.true(Math.abs(costs.of(5)! - 18) < 1, `${costs.of(5)} is half of the way from 10 to 26`)
  t.true(Math.abs(costs.of(12)! - 32) < 2, `${costs.of(12)}: three tokens more, at 2 each`)
})

test('a call costs no more than one of more tokens', (t) => {
  const costs = new CallCosts()
  costs.measured(1, 10)
  costs.measured(5, 19)
  costs.measured(6, 15)
  for (let call = 0; call < 8; call++) costs.measured(5, 30)
  t.is(costs.of(5), costs.of(6), 'what was measured of the shorter one is more')
  t.is(costs.of(1), 10)
})

test('a call that was held up says little, and counts as a few times what it costs', (t) => {
  const costs = new CallCosts()
  costs.measured(1, 10)
  const counted = costs.measured(1, 5000)
  t.true(counted <= 40, `it counts as ${counted} ms`)
  t.true(costs.of(1)! < 12)
})

test('a size that seemed dear is tried again', (t) => {
  const costs = new CallCosts()
  costs.measured(1, 10)
  for (let call = 0; call < 20; call++) costs.measured(4, 100)
  const dear = costs.of(4)!
  t.true(dear > 20, `${dear} ms`)
  for (let call = 0; call < 300; call++) costs.measured(1, 10)
  t.true(costs.of(4)! < 14)
})

test('costs are found on a machine that holds up every third call', (t) => {
  fc.assert(fc.property(fc.integer(), fc.double({ min: 0.02, max: 1, noNaN: true }), (seed, further) => {
    const random = createRandom(seed)
    const costs = new CallCosts()
    const real = (tokens: number): number => 1 + further * (tokens - 1)
    for (let call = 0; call < 800; call++) {
      const tokens = 1 + Math.floor(8 * random())
      costs.measured(tokens, real(tokens) * (random() < 1 / 3 ? 2 + 20 * random() : 1 + 0.05 * random()))
    }
    for (let tokens = 1; tokens <= 8; tokens++) {
      const ratio = costs.of(tokens)! / real(tokens)
      if (ratio < 0.95 || ratio > 1.5) return false
    }
    return true
  }), { numRuns: 200 })
  t.pass()
})
