import type { AdapterTensor } from '../../model/index.js'

export const CONFIG_FILE = 'adapter_config.json'
export const WEIGHTS_FILE = 'adapter_model.safetensors'

/** PEFT's key of a factor: the wrapped model's path, without the adapter's own name. */
export function peftKey(tensor: AdapterTensor): string {
  return `base_model.model.${tensor.name}.weight`
}

/** PEFT keeps A as [rank, inputs] and B as [outputs, rank]: the transposes of ours. */
export function transpose(values: Float32Array, rows: number, columns: number): Float32Array {
  const result = new Float32Array(values.length)
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) result[column * rows + row] = values[row * columns + column]!
  }
  return result
}
