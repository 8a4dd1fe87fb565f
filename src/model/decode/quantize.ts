/** Values that share one scale. 32 is also the block of llama.cpp's q8_0, and the smallest that ONNX Runtime has fast kernels for. */
export const BLOCK_LENGTH = 32

export interface QuantizedMatrix {
  /** [outputs, blocks, BLOCK_LENGTH · bits / 8]; with 4 bits, the lower half of a byte is the earlier value. */
  readonly bytes: Uint8Array
  /** [outputs · blocks] */
  readonly scales: Float32Array
  readonly blocks: number
}

/**
 * Quantises a matrix row by row in blocks around zero, as ONNX Runtime's MatMulNBits reads it: value = scale · (stored - 2^(bits-1)).
 * Where a row does not fill its last block, that is filled with zeros.
 *
 * @param weight - [outputs, inputs], row-major
 */
export function quantizeMatrix(weight: Float32Array, outputs: number, inputs: number, bits: 4 | 8): QuantizedMatrix {
  const blocks = Math.ceil(inputs / BLOCK_LENGTH)
  const zero = 2 ** (bits - 1)
  const largest = zero - 1
  const bytes = new Uint8Array(outputs * blocks * BLOCK_LENGTH * bits / 8)
  const scales = new Float32Array(outputs * blocks)
  for (let output = 0; output < outputs; output++) {
    for (let block = 0; block < blocks; block++) {
      const start = output * inputs + block * BLOCK_LENGTH
      const length = Math.min(BLOCK_LENGTH, inputs - block * BLOCK_LENGTH)
      let magnitude = 0
      for (let i = start; i < start + length; i++) magnitude = Math.max(magnitude, Math.abs(weight[i]!))
      const at = output * blocks + block
      scales[at] = magnitude / largest
      const steps = magnitude === 0 ? 0 : largest / magnitude
      for (let i = 0; i < BLOCK_LENGTH; i++) {
        const stored = zero + (i < length ? Math.round(weight[start + i]! * steps) : 0)
        if (bits === 8) bytes[at * BLOCK_LENGTH + i] = stored
        else bytes[(at * BLOCK_LENGTH + i) >> 1]! |= stored << (4 * (i & 1))
      }
    }
  }
  return { bytes, scales, blocks }
}
