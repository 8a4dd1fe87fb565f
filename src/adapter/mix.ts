import { adapterLayout } from '../model/index.js'
import type { AdapterLayout, LlamaConfig } from '../model/index.js'
import { checkAdapter } from './check.js'
import { AdapterError } from './errors.js'

/** An adapter and what it counts in a mix; weights are used as they are and need not sum to 1. */
export interface MixPart {
  readonly adapter: Float32Array
  readonly weight: number
}

/** An adapter that has a layout of its own. */
export interface AdapterWithLayout {
  readonly layout: AdapterLayout
  readonly adapter: Float32Array
}

/**
 * The weighted sum of adapters factor by factor: sum(w·A) and sum(w·B). It keeps the rank. The mixed product is not the mix of the products, but
 * close to it for adapters that come from one shared adapter by a few hundred steps.
 *
 * @param parts - adapters of the layout; weights are finite, of any sign
 * @returns f32, `layout.length` values
 * @throws AdapterError ADAPTER_MIX_EMPTY, ADAPTER_MIX_WEIGHT, ADAPTER_LENGTH, ADAPTER_NOT_FINITE
 */
export function mergeAdapters(layout: AdapterLayout, parts: readonly MixPart[]): Float32Array {
  checkParts(layout, parts)
  const sum = new Float64Array(layout.length)
  for (const { adapter, weight } of parts) {
    for (let i = 0; i < sum.length; i++) sum[i]! += weight * adapter[i]!
  }
  const merged = Float32Array.from(sum)
  checkAdapter(layout, merged)
  return merged
}

/**
 * The exact weighted sum of what adapters do: sum(w·A·B). The factors are stacked side by side, so the rank is the sum of the ranks, and alpha
 * grows with it to keep the scale alpha / rank.
 *
 * @param config - shape of the base model
 * @param parts - adapters of `layout`; weights are finite, of any sign
 * @throws AdapterError ADAPTER_MIX_EMPTY, ADAPTER_MIX_WEIGHT, ADAPTER_LENGTH, ADAPTER_NOT_FINITE
 * @throws ModelError MODEL_ADAPTER_SETTINGS when the stacked rank exceeds the model's hidden size
 */
export function mergeProducts(config: LlamaConfig, layout: AdapterLayout, parts: readonly MixPart[]): AdapterWithLayout {
  checkParts(layout, parts)
  const { rank, alpha, targets } = layout.settings
  const stacked = adapterLayout(config, { rank: rank * parts.length, alpha: alpha * parts.length, targets })
  const adapter = new Float32Array(stacked.length)
  layout.tensors.forEach((tensor, at) => {
    const { offset: target, shape: [rows, columns] } = stacked.tensors[at]!
    parts.forEach((part, index) => {
      if (tensor.factor === 'A') copyColumns(part.adapter, tensor.offset, adapter, target + index * rank, rows, rank, columns)
      else {
        const source = part.adapter.subarray(tensor.offset, tensor.offset + rank * columns)
        adapter.set(source.map((value) => value * part.weight), target + index * rank * columns)
      }
    })
  })
  checkAdapter(stacked, adapter)
  return { layout: stacked, adapter }
}

function copyColumns(source: Float32Array, from: number, target: Float32Array, to: number, rows: number, width: number, stride: number): void {
  for (let row = 0; row < rows; row++) {
    target.set(source.subarray(from + row * width, from + (row + 1) * width), to + row * stride)
  }
}

function checkParts(layout: AdapterLayout, parts: readonly MixPart[]): void {
  if (parts.length === 0) throw new AdapterError('ADAPTER_MIX_EMPTY', 'a mix needs at least one adapter, and got none')
  for (const { adapter, weight } of parts) {
    if (!Number.isFinite(weight)) throw new AdapterError('ADAPTER_MIX_WEIGHT', `a weight of the mix is ${weight}: it must be a finite number`)
    checkAdapter(layout, adapter)
  }
}
