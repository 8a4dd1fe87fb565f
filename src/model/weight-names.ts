import { TARGETS, targetModule, targetSize, type Target } from './adapter-layout.js'
import type { LlamaConfig } from './config.js'

export const EMBEDDING = 'model.embed_tokens.weight'
export const FINAL_NORM = 'model.norm.weight'

export function outputWeight(config: LlamaConfig): string {
  return config.tiedEmbeddings ? EMBEDDING : 'lm_head.weight'
}

export function attentionNorm(layer: number): string {
  return `model.layers.${layer}.input_layernorm.weight`
}

export function feedForwardNorm(layer: number): string {
  return `model.layers.${layer}.post_attention_layernorm.weight`
}

export function linearWeight(layer: number, target: Target): string {
  return `${targetModule(layer, target)}.weight`
}

/** The names and shapes of all weights of a model; linear layers are [outputs, inputs]. */
export function weightShapes(config: LlamaConfig): ReadonlyMap<string, readonly number[]> {
  const { hiddenSize, vocabularySize } = config
  const shapes = new Map<string, readonly number[]>([
    [EMBEDDING, [vocabularySize, hiddenSize]],
    [FINAL_NORM, [hiddenSize]],
    [outputWeight(config), [vocabularySize, hiddenSize]],
  ])
  for (let layer = 0; layer < config.layers; layer++) {
    shapes.set(attentionNorm(layer), [hiddenSize])
    shapes.set(feedForwardNorm(layer), [hiddenSize])
    for (const target of TARGETS) {
      const [inputs, outputs] = targetSize(config, target)
      shapes.set(linearWeight(layer, target), [outputs, inputs])
    }
  }
  return shapes
}
