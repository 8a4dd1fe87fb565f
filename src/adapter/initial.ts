import type { AdapterLayout } from '../model/index.js'
import { seededRandom } from './random.js'
import type { Seed } from './random.js'

/**
 * The adapter that training starts from: A uniform in ±1/sqrt(inputs), as PEFT draws it (Kaiming uniform with a = sqrt(5)), and B zero, so that the
 * model is at first the base. Equal seeds give equal bits on every machine: only + - * / and sqrt are used.
 *
 * @returns f32, `layout.length` values
 * @throws AdapterError ADAPTER_SEED
 * @see Hu et al. 2021, "LoRA", section 4.1
 */
export function initialAdapter(layout: AdapterLayout, seed: Seed): Float32Array {
  const adapter = new Float32Array(layout.length)
  const random = seededRandom(seed)
  for (const { factor, shape: [rows, columns], offset } of layout.tensors) {
    if (factor === 'B') continue
    const bound = 1 / Math.sqrt(rows)
    for (let i = offset; i < offset + rows * columns; i++) adapter[i] = (2 * random.fraction() - 1) * bound
  }
  return adapter
}
