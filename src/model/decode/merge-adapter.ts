import { targetSize, type AdapterLayout } from '../adapter-layout.js'
import type { BaseModel } from '../checkpoint.js'
import { ModelError } from '../errors.js'
import { linearWeight } from '../weight-names.js'

/**
 * The base with an adapter added to its weights: W + alpha / rank · (A·B)ᵀ. The base is not changed; what the adapter leaves alone is shared.
 *
 * @throws ModelError MODEL_ADAPTER_LENGTH
 */
export function mergeAdapter(base: BaseModel, layout: AdapterLayout, adapter: Float32Array): BaseModel {
  if (adapter.length !== layout.length) {
    throw new ModelError('MODEL_ADAPTER_LENGTH', `the adapter has ${adapter.length} values, and its layout ${layout.length}: was it trained with other settings or another base?`)
  }
  const { rank, alpha } = layout.settings
  const scale = alpha / rank
  const weights = new Map(base.weights)
  for (const { layer, target, factor, offset } of layout.tensors) {
    if (factor === 'B') continue
    const [inputs, outputs] = targetSize(base.config, target)
    // B follows its A.
    const a = adapter.subarray(offset, offset + inputs * rank)
    const b = adapter.subarray(offset + inputs * rank, offset + (inputs + outputs) * rank)
    const name = linearWeight(layer, target)
    weights.set(name, addProduct(base.weights.get(name)!, a, b, { inputs, outputs, rank, scale }))
  }
  return { ...base, weights }
}

function addProduct(weight: Float32Array, a: Float32Array, b: Float32Array, { inputs, outputs, rank, scale }: { inputs: number, outputs: number, rank: number, scale: number }): Float32Array {
  const columns = transposed(a, inputs, rank)
  const merged = weight.slice()
  for (let output = 0; output < outputs; output++) {
    const row = merged.subarray(output * inputs, (output + 1) * inputs)
    for (let r = 0; r < rank; r++) {
      const factor = scale * b[r * outputs + output]!
      const column = columns.subarray(r * inputs, (r + 1) * inputs)
      if (factor !== 0) for (let i = 0; i < inputs; i++) row[i]! += factor * column[i]!
    }
  }
  return merged
}

/** [rows, columns] as [columns, rows] */
export function transposed(matrix: Float32Array, rows: number, columns: number): Float32Array {
  const result = new Float32Array(matrix.length)
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) result[column * rows + row] = matrix[row * columns + column]!
  }
  return result
}
