import type { BaseModel } from './checkpoint.js'
import type { LlamaConfig } from './config.js'
import { weightShapes } from './weight-names.js'

/**
 * A model with random weights of the usual sizes: for benchmarks and tests, and as the start of a training from nothing.
 *
 * @param random - uniform numbers in [0, 1)
 */
export function randomModel(config: LlamaConfig, random: () => number): BaseModel {
  const weights = new Map<string, Float32Array>()
  for (const [name, shape] of weightShapes(config)) {
    const values = new Float32Array(shape.reduce((product, size) => product * size, 1))
    const spread = 1 / Math.sqrt(config.hiddenSize)
    for (let i = 0; i < values.length; i++) values[i] = shape.length === 1 ? 1 : spread * gaussian(random)
    weights.set(name, values)
  }
  return { config, weights }
}

/** A normally distributed number (Box and Muller). */
function gaussian(random: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random())
}
