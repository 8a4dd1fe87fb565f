import test from 'ava'
import fc from 'fast-check'

import { createRandom } from '../../src/telemetry/index.js'

test('equal seeds draw equal numbers, other seeds others', (t) => {
  fc.assert(fc.property(fc.integer(), (seed) => {
    const [one, same, other] = [createRandom(seed), createRandom(seed), createRandom(seed + 1)]
    const draws = Array.from({ length: 20 }, one)
    t.deepEqual(draws, Array.from({ length: 20 }, same))
    t.notDeepEqual(draws, Array.from({ length: 20 }, other))
  }))
})

test('draws lie in [0, 1) and fill it evenly', (t) => {
  const random = createRandom(7)
  const buckets = new Array<number>(16).fill(0)
  for (let i = 0; i < 160_000; i++) {
    const draw = random()
    t.true(draw >= 0 && draw < 1)
    buckets[Math.floor(draw * 16)]!++
  }
  // Chi-squared with 15 degrees of freedom: 37.7 is passed once in a thousand seeds, and this seed is fixed.
  const chi = buckets.reduce((sum, count) => sum + (count - 10_000) ** 2 / 10_000, 0)
  t.true(chi < 37.7, `chi-squared ${chi}`)
})

test('the first draws of a seed never change, since recorded simulations rest on them', (t) => {
  t.deepEqual(Array.from({ length: 4 }, createRandom(1)).map((draw) => draw * 2 ** 32), [1930539107, 2003999907, 2883482671, 4206869851])
})
