import test from 'ava'
import fc from 'fast-check'

import { AdapterError, seededRandom } from '../../src/adapter/index.js'

test('a seed always gives the same sequence, whether a number or bytes', (t) => {
  const numbers = seededRandom(1)
  t.deepEqual([numbers.bits(), numbers.bits(), numbers.bits()], [3910430543, 764655036, 1484468588])
  const bytes = seededRandom(Uint8Array.of(1))
  t.not(bytes.bits(), 3910430543)
  t.is(seededRandom(Uint8Array.of(1)).bits(), seededRandom(Buffer.from([1])).bits())
})

test('integers below a length are in range and roughly uniform', (t) => {
  fc.assert(fc.property(fc.integer({ min: 1, max: 1 << 30 }), fc.integer(), (length, seed) => {
    const drawn = seededRandom(seed).below(length)
    return Number.isInteger(drawn) && drawn >= 0 && drawn < length
  }))
  const random = seededRandom(5)
  const counts = new Array<number>(7).fill(0)
  for (let i = 0; i < 70_000; i++) counts[random.below(7)]!++
  for (const count of counts) t.true(Math.abs(count - 10_000) < 500)
})

test('fractions lie in [0, 1) and average one half', (t) => {
  const random = seededRandom(9)
  let sum = 0
  for (let i = 0; i < 10_000; i++) {
    const fraction = random.fraction()
    t.true(fraction >= 0 && fraction < 1)
    sum += fraction
  }
  t.true(Math.abs(sum / 10_000 - 0.5) < 0.02)
})

test('a seed that is no whole number is refused', (t) => {
  for (const seed of [NaN, 0.5, 2 ** 60]) t.throws(() => seededRandom(seed), { instanceOf: AdapterError, code: 'ADAPTER_SEED' })
})
