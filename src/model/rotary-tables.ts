import type { LlamaConfig } from './config.js'

/**
 * Cosine and sine of each position's angles, each [positions, headSize / 2], row-major.
 *
 * @see Llama 3's scaling: the function `_compute_llama3_parameters` of Hugging Face transformers
 */
export function rotaryTables(config: LlamaConfig, positions: number): { cosine: Float32Array, sine: Float32Array } {
  const frequencies = rotaryFrequencies(config)
  const half = frequencies.length
  const cosine = new Float32Array(positions * half)
  const sine = new Float32Array(positions * half)
  for (let position = 0; position < positions; position++) {
    for (let i = 0; i < half; i++) {
      const angle = position * frequencies[i]!
      cosine[position * half + i] = Math.cos(angle)
      sine[position * half + i] = Math.sin(angle)
    }
  }
  return { cosine, sine }
}

function rotaryFrequencies({ headSize, ropeTheta, ropeScaling }: LlamaConfig): Float64Array {
  return Float64Array.from({ length: headSize / 2 }, (_, i) => {
    const frequency = ropeTheta ** (-2 * i / headSize)
    switch (ropeScaling.kind) {
      case 'none': return frequency
      case 'linear': return frequency / ropeScaling.factor
      case 'llama3': {
        const { factor, lowFrequencyFactor, highFrequencyFactor, originalPositions } = ropeScaling
        const turns = originalPositions * frequency / (2 * Math.PI)
        if (turns > highFrequencyFactor) return frequency
        if (turns < lowFrequencyFactor) return frequency / factor
        const kept = (turns - lowFrequencyFactor) / (highFrequencyFactor - lowFrequencyFactor)
        return (1 - kept) * frequency / factor + kept * frequency
      }
    }
  })
}
