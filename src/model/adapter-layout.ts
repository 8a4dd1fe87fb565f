import type { LlamaConfig } from './config.js'
import { ModelError } from './errors.js'

/** The linear layers of a decoder block that an adapter may change. */
export const TARGETS = ['q_proj', 'k_proj', 'v_proj', 'o_proj', 'gate_proj', 'up_proj', 'down_proj'] as const

export type Target = typeof TARGETS[number]

export interface AdapterSettings {
  readonly rank: number
  /** The adapter's product A·B is scaled by alpha / rank. */
  readonly alpha: number
  readonly targets: readonly Target[]
}

export interface AdapterTensor {
  /** As PEFT names it, for example `model.layers.0.self_attn.q_proj.lora_A`. */
  readonly name: string
  readonly layer: number
  readonly target: Target
  readonly factor: 'A' | 'B'
  /** A is [inputs, rank] and B is [rank, outputs], row-major: the layer's output grows by alpha / rank · x·A·B. */
  readonly shape: readonly [number, number]
  /** Where the tensor starts in the flat adapter, in values. */
  readonly offset: number
}

/** Where each LoRA factor lies in an adapter, which is one flat Float32Array of `length` values. */
export interface AdapterLayout {
  readonly settings: AdapterSettings
  readonly length: number
  readonly tensors: readonly AdapterTensor[]
}

/** Inputs and outputs of a target, in values. */
export function targetSize(config: LlamaConfig, target: Target): readonly [inputs: number, outputs: number] {
  const { hiddenSize, intermediateSize } = config
  const queries = config.heads * config.headSize
  const keys = config.keyValueHeads * config.headSize
  switch (target) {
    case 'q_proj': return [hiddenSize, queries]
    case 'k_proj': case 'v_proj': return [hiddenSize, keys]
    case 'o_proj': return [queries, hiddenSize]
    case 'gate_proj': case 'up_proj': return [hiddenSize, intermediateSize]
    case 'down_proj': return [intermediateSize, hiddenSize]
  }
}

/** The Hugging Face name of a target's module, without `.weight`. */
export function targetModule(layer: number, target: Target): string {
  const block = target === 'gate_proj' || target === 'up_proj' || target === 'down_proj' ? 'mlp' : 'self_attn'
  return `model.layers.${layer}.${block}.${target}`
}

/**
 * The layout of an adapter: layer by layer, targets in the order of TARGETS whatever the order of the settings, A before B.
 *
 * @throws ModelError MODEL_ADAPTER_SETTINGS
 */
export function adapterLayout(config: LlamaConfig, settings: AdapterSettings): AdapterLayout {
  const { rank, alpha } = settings
  if (!Number.isSafeInteger(rank) || rank < 1 || rank > config.hiddenSize) {
    throw new ModelError('MODEL_ADAPTER_SETTINGS', `the adapter's rank is ${rank}: it must be a whole number from 1 to the model's hidden size, ${config.hiddenSize}`)
  }
  if (!Number.isFinite(alpha) || alpha <= 0) {
    throw new ModelError('MODEL_ADAPTER_SETTINGS', `the adapter's alpha is ${alpha}: it must be positive`)
  }
  const unknown = settings.targets.find((target) => !TARGETS.includes(target))
  const targets = TARGETS.filter((target) => settings.targets.includes(target))
  if (unknown !== undefined || targets.length === 0 || targets.length !== settings.targets.length) {
    throw new ModelError('MODEL_ADAPTER_SETTINGS', `the adapter's targets are [${settings.targets.join(', ')}]: name one or more of ${TARGETS.join(', ')}, each once`)
  }
  const tensors: AdapterTensor[] = []
  let offset = 0
  for (let layer = 0; layer < config.layers; layer++) {
    for (const target of targets) {
      const [inputs, outputs] = targetSize(config, target)
      for (const [factor, shape] of [['A', [inputs, rank]], ['B', [rank, outputs]]] as const) {
        tensors.push({ name: `${targetModule(layer, target)}.lora_${factor}`, layer, target, factor, shape, offset })
        offset += shape[0] * shape[1]
      }
    }
  }
  return { settings: { rank, alpha, targets }, length: offset, tensors }
}
