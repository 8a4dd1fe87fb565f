import test from 'ava'
import fc from 'fast-check'

import { AdapterError, mergeAdapters, mergeProducts, seededRandom } from '../../src/adapter/index.js'
import type { AdapterLayout } from '../../src/model/index.js'
import { TINY, TINY_LAYOUT } from './shapes.js'

function randomAdapter(layout: AdapterLayout, seed: number): Float32Array {
  const random = seededRandom(seed)
  return Float32Array.from({ length: layout.length }, () => random.fraction() * 2 - 1)
}

/** alpha / rank · A·B of one target, the slow way. */
function product(layout: AdapterLayout, adapter: Float32Array, at: number): number[] {
  const a = layout.tensors[at]!
  const b = layout.tensors[at + 1]!
  const { rank, alpha } = layout.settings
  const result: number[] = []
  for (let row = 0; row < a.shape[0]; row++) {
    for (let column = 0; column < b.shape[1]; column++) {
      let sum = 0
      for (let k = 0; k < rank; k++) sum += adapter[a.offset + row * rank + k]! * adapter[b.offset + k * b.shape[1] + column]!
      result.push(sum * alpha / rank)
    }
  }
  return result
}

test('the mix of an adapter with itself is that adapter', (t) => {
  const adapter = randomAdapter(TINY_LAYOUT, 1)
  t.deepEqual(mergeAdapters(TINY_LAYOUT, [{ adapter, weight: 0.25 }, { adapter, weight: 0.75 }]), adapter)
})

test('the mix does not depend on where its parts stand', (t) => {
  const parts = [{ adapter: randomAdapter(TINY_LAYOUT, 1), weight: 0.5 }, { adapter: randomAdapter(TINY_LAYOUT, 2), weight: -2 }]
  t.deepEqual(mergeAdapters(TINY_LAYOUT, parts), mergeAdapters(TINY_LAYOUT, parts.toReversed()))
})

test('a mix of products does what the adapters do, weighed', (t) => {
  fc.assert(fc.property(fc.array(fc.float({ min: -2, max: 2, noNaN: true }), { minLength: 1, maxLength: 4 }), (weights) => {
    const parts = weights.map((weight, i) => ({ adapter: randomAdapter(TINY_LAYOUT, i), weight }))
    const { layout, adapter } = mergeProducts(TINY, TINY_LAYOUT, parts)
    for (let at = 0; at < TINY_LAYOUT.tensors.length; at += 2) {
      const products = parts.map((part) => product(TINY_LAYOUT, part.adapter, at))
      product(layout, adapter, at).forEach((value, i) => {
        const wanted = parts.reduce((sum, { weight }, part) => sum + weight * products[part]![i]!, 0)
        if (Math.abs(value - wanted) > 1e-4) throw new Error(`${value} instead of ${wanted}`)
      })
    }
  }), { numRuns: 30 })
  t.pass()
})

test('what cannot be mixed is refused with a code', (t) => {
  const adapter = randomAdapter(TINY_LAYOUT, 1)
  const broken = adapter.slice()
  broken[5] = NaN
  for (const [parts, code] of [
    [[], 'ADAPTER_MIX_EMPTY'],
    [[{ adapter, weight: NaN }], 'ADAPTER_MIX_WEIGHT'],
    [[{ adapter: adapter.subarray(1), weight: 1 }], 'ADAPTER_LENGTH'],
    [[{ adapter: broken, weight: 1 }], 'ADAPTER_NOT_FINITE'],
    [[{ adapter, weight: 1e300 }], 'ADAPTER_NOT_FINITE'],
  ] as const) {
    t.throws(() => mergeAdapters(TINY_LAYOUT, parts), { instanceOf: AdapterError, code })
    t.throws(() => mergeProducts(TINY, TINY_LAYOUT, parts), { instanceOf: AdapterError, code })
  }
})
