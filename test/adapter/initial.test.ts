import { createHash } from 'node:crypto'

import test from 'ava'

import { checkAdapter, initialAdapter } from '../../src/adapter/index.js'
import { TINY_LAYOUT } from './shapes.js'

test('an initial adapter leaves the base as it is: every B is zero and every A is not', (t) => {
  const adapter = initialAdapter(TINY_LAYOUT, 3)
  checkAdapter(TINY_LAYOUT, adapter)
  for (const { factor, offset, shape: [rows, columns] } of TINY_LAYOUT.tensors) {
    const values = adapter.subarray(offset, offset + rows * columns)
    if (factor === 'B') t.true(values.every((value) => value === 0))
    else {
      t.true(values.every((value) => Math.abs(value) <= 1 / Math.sqrt(rows)))
      t.true(values.some((value) => Math.abs(value) > 0.5 / Math.sqrt(rows)))
    }
  }
})

test('equal seeds give equal bits, other seeds others', (t) => {
  t.deepEqual(initialAdapter(TINY_LAYOUT, Uint8Array.of(7, 8)), initialAdapter(TINY_LAYOUT, Uint8Array.of(7, 8)))
  t.notDeepEqual(initialAdapter(TINY_LAYOUT, 1), initialAdapter(TINY_LAYOUT, 2))
})

test('the bits for a seed are pinned: every peer of a network starts from them', (t) => {
  const bytes = new Uint8Array(initialAdapter(TINY_LAYOUT, 1).buffer)
  t.is(createHash('sha256').update(bytes).digest('hex'), '059d828d56a8f5146b8f3a0329383de0d366c2a1f33d1d461ee1133c562a1e54')
})
