import test from 'ava'

import { adapterLayout, ModelError, TARGETS } from '../../src/model/index.js'
import { SMALL_CONFIG } from './fixtures.js'

test('the factors of an adapter follow each other without gaps', (t) => {
  const { tensors, length } = adapterLayout(SMALL_CONFIG, { rank: 3, alpha: 6, targets: TARGETS })
  t.is(tensors.length, 2 * 7 * 2)
  const end = tensors.reduce((at, { offset, shape: [rows, columns] }) => {
    t.is(offset, at)
    return at + rows * columns
  }, 0)
  t.is(end, length)
})

test('A goes from the inputs to the rank and B from there to the outputs', (t) => {
  const { tensors } = adapterLayout(SMALL_CONFIG, { rank: 3, alpha: 6, targets: ['k_proj', 'down_proj'] })
  t.deepEqual(tensors.slice(0, 4).map(({ name, shape }) => [name, shape]), [
    ['model.layers.0.self_attn.k_proj.lora_A', [24, 3]],
    ['model.layers.0.self_attn.k_proj.lora_B', [3, 16]],
    ['model.layers.0.mlp.down_proj.lora_A', [40, 3]],
    ['model.layers.0.mlp.down_proj.lora_B', [3, 24]],
  ])
})

test('the order of the targets in the settings does not matter', (t) => {
  const layout = (targets: Parameters<typeof adapterLayout>[1]['targets']) => adapterLayout(SMALL_CONFIG, { rank: 3, alpha: 6, targets })
  t.deepEqual(layout(['up_proj', 'q_proj']), layout(['q_proj', 'up_proj']))
})

for (const [what, settings] of [
  ['a rank of 0', { rank: 0, alpha: 1, targets: TARGETS }],
  ['a rank that is not whole', { rank: 1.5, alpha: 1, targets: TARGETS }],
  ['a rank above the hidden size', { rank: 25, alpha: 1, targets: TARGETS }],
  ['an alpha of 0', { rank: 2, alpha: 0, targets: TARGETS }],
  ['an alpha that is no number', { rank: 2, alpha: NaN, targets: TARGETS }],
  ['no target', { rank: 2, alpha: 1, targets: [] }],
  ['a target twice', { rank: 2, alpha: 1, targets: ['q_proj', 'q_proj'] as const }],
] as const) {
  test(`an adapter with ${what} is refused`, (t) => {
    t.throws(() => adapterLayout(SMALL_CONFIG, settings), { instanceOf: ModelError, code: 'MODEL_ADAPTER_SETTINGS' })
  })
}
