import test from 'ava'
import fc from 'fast-check'

import { apportion, lowerMedian } from '../../src/aggregation/index.js'
import { floorDivide, squareRoot } from '../../src/aggregation/integers.js'
import { idOf } from './generate.js'

test('the integer square root is the largest whose square fits', (t) => {
  fc.assert(fc.property(fc.bigInt({ min: 0n, max: 1n << 200n }), (value) => {
    const root = squareRoot(value)
    return root * root <= value && (root + 1n) * (root + 1n) > value
  }), { numRuns: 2000 })
  for (let value = 0n; value < 2000n; value++) t.is(squareRoot(value * value), value)
})

test('division rounds down on both sides of zero', (t) => {
  t.is(floorDivide(7n, 2n), 3n)
  t.is(floorDivide(-7n, 2n), -4n)
  t.is(floorDivide(-8n, 2n), -4n)
})

test('of an even count the lower middle is the median', (t) => {
  t.is(lowerMedian([4, 1, 3, 2]), 2)
  t.is(lowerMedian([10, 9, 1]), 9)
  t.is(lowerMedian([5n]), 5n)
})

test('shares sum to 65536 and follow the raw weights to within one, the remainder apart', (t) => {
  fc.assert(fc.property(fc.array(fc.bigInt({ min: 0n, max: 1n << 90n }), { maxLength: 20 }), (weights) => {
    const raw = weights.map((weight, i) => ({ id: idOf(String(i)), weight }))
    const total = weights.reduce((sum, weight) => sum + weight, 0n)
    const shares = apportion(raw)
    t.is(shares.reduce((sum, share) => sum + share, 0), total === 0n ? 0 : 65_536)
    const lowest = raw.filter(({ weight }) => weight > 0n).map(({ id }) => id).sort()[0]
    raw.forEach(({ id, weight }, i) => {
      if (id !== lowest && total > 0n) t.is(shares[i], Number(weight * 65_536n / total))
    })
  }))
})
