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

/** 8-bit steps on each side of zero. */
export const ROW_STEPS = 127

/** What stands for zero where signed steps are held without a sign. */
export const UNSIGNED_ZERO = 128

export interface QuantizedRows {
  /** [inputs, outputs], so that a column holds what makes one output: whole steps, or these and `UNSIGNED_ZERO`. */
  readonly steps: Int8Array | Uint8Array
  /** What a step of each output is worth, [outputs]. */
  readonly scales: Float32Array
}

/**
 * Quantises a matrix row by row around zero: value = scale · step, with `ROW_STEPS` steps on each side.
 *
 * @param weight - [outputs, inputs], row-major
 * @param isSigned - whether the steps are held as they are
 */
export function quantizeRows(weight: Float32Array, outputs: number, inputs: number, isSigned: boolean): QuantizedRows {
  const steps = isSigned ? new Int8Array(weight.length) : new Uint8Array(weight.length)
  const scales = new Float32Array(outputs)
  const zero = isSigned ? 0 : UNSIGNED_ZERO
  for (let output = 0; output < outputs; output++) {
    const row = weight.subarray(output * inputs, (output + 1) * inputs)
    let magnitude = 0
    for (const value of row) magnitude = Math.max(magnitude, Math.abs(value))
    scales[output] = magnitude / ROW_STEPS
    const perValue = magnitude === 0 ? 0 : ROW_STEPS / magnitude
    for (let input = 0; input < inputs; input++) steps[input * outputs + output] = zero + Math.round(row[input]! * perValue)
  }
  return { steps, scales }
}
