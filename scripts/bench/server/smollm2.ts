import { existsSync } from 'node:fs'
import { cp, mkdir, writeFile } from 'node:fs/promises'
import path from 'node:path'

import { writeSafetensors } from '../../../src/adapter/index.js'
import { findPackageRoot } from '../../../src/config/index.js'
import { randomModel } from '../../../src/model/index.js'
import type { LlamaConfig } from '../../../src/model/index.js'
import { repeatableRandom } from '../bench-model.js'

const SHAPE: LlamaConfig = {
  hiddenSize: 576, layers: 30, heads: 9, keyValueHeads: 3, headSize: 64, intermediateSize: 1536, vocabularySize: 49_152,
  ropeTheta: 100_000, ropeScaling: { kind: 'none' }, normEpsilon: 1e-5, maximumPositions: 2048, tiedEmbeddings: true, beginId: undefined, endIds: [],
}

/**
 * SmolLM2-135M-Instruct where `npm run test:interop` has made its folder, else a model of its shape with random weights and the embedded base's tokenizer: times do not
 * depend on what the weights are.
 *
 * @param folder - where to write the latter
 */
export async function smollm2(folder: string): Promise<{ readonly name: string, readonly folder: string }> {
  const real = path.join(findPackageRoot(), 'build', 'interop', 'smollm2', 'model')
  if (existsSync(path.join(real, 'config.json'))) return { name: 'SmolLM2-135M-Instruct', folder: real }
  await mkdir(folder, { recursive: true })
  for (const file of ['tokenizer.json', 'tokenizer_config.json']) await cp(path.join(findPackageRoot(), 'models', 'embedded', file), path.join(folder, file))
  await writeFile(path.join(folder, 'config.json'), JSON.stringify({
    architectures: ['LlamaForCausalLM'], model_type: 'llama', hidden_act: 'silu',
    hidden_size: SHAPE.hiddenSize, num_hidden_layers: SHAPE.layers, num_attention_heads: SHAPE.heads, num_key_value_heads: SHAPE.keyValueHeads,
    intermediate_size: SHAPE.intermediateSize, vocab_size: SHAPE.vocabularySize, rope_theta: SHAPE.ropeTheta, rms_norm_eps: SHAPE.normEpsilon,
    max_position_embeddings: SHAPE.maximumPositions, tie_word_embeddings: true,
  }))
  const { weights } = randomModel(SHAPE, repeatableRandom(1))
  await writeFile(path.join(folder, 'model.safetensors'), writeSafetensors([...weights].map(([name, values]) => ({
    name, values, shape: name.includes('norm') ? [values.length] : [values.length / widthOf(name), widthOf(name)],
  }))))
  return { name: 'random weights of SmolLM2-135M\'s shape', folder }
}

function widthOf(name: string): number {
  return name.includes('down_proj') ? SHAPE.intermediateSize : SHAPE.hiddenSize
}
