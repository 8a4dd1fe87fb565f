import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'

import { adapterLayout } from '../../model/index.js'
import type { AdapterLayout, LlamaConfig } from '../../model/index.js'
import { checkAdapter } from '../check.js'
import { AdapterError } from '../errors.js'
import type { AdapterWithLayout } from '../mix.js'
import { parsePeftConfig } from './configuration.js'
import { CONFIG_FILE, peftKey, transpose, WEIGHTS_FILE } from './names.js'
import { readSafetensors } from './safetensors.js'
import type { NamedTensor } from './safetensors.js'

const MAXIMUM_CONFIG_BYTES = 1 << 20
/** What a safetensors header may take beside the values, a tensor. */
const HEADER_BYTES_PER_TENSOR = 1024

/**
 * Reads a LoRA adapter that PEFT wrote for a model of this shape.
 *
 * @param directory - holds adapter_config.json and adapter_model.safetensors (F32, F16 or BF16)
 * @param config - shape of the base model
 * @throws AdapterError PEFT_FILE_MISSING, PEFT_FILE_TOO_LARGE, PEFT_CONFIG_INVALID, PEFT_FEATURE_UNSUPPORTED, PEFT_TARGET_UNKNOWN, PEFT_TENSOR_MISSING,
 *   PEFT_TENSOR_UNKNOWN, PEFT_TENSOR_SHAPE, SAFETENSORS_INVALID, SAFETENSORS_DTYPE, ADAPTER_NOT_FINITE
 * @throws ModelError MODEL_ADAPTER_SETTINGS when the rank exceeds the model's hidden size
 */
export async function importPeft(directory: string, config: LlamaConfig): Promise<AdapterWithLayout> {
  const layout = adapterLayout(config, parsePeftConfig(await readJson(join(directory, CONFIG_FILE))))
  const weights = await readBounded(join(directory, WEIGHTS_FILE), layout.length * 4 + (layout.tensors.length + 1) * HEADER_BYTES_PER_TENSOR)
  const adapter = fromPeftTensors(layout, readSafetensors(weights))
  checkAdapter(layout, adapter)
  return { layout, adapter }
}

function fromPeftTensors(layout: AdapterLayout, tensors: readonly NamedTensor[]): Float32Array {
  const byName = new Map(tensors.map((tensor) => [tensor.name, tensor]))
  const adapter = new Float32Array(layout.length)
  for (const tensor of layout.tensors) {
    const key = peftKey(tensor)
    const found = byName.get(key)
    if (found === undefined) {
      throw new AdapterError('PEFT_TENSOR_MISSING', `${WEIGHTS_FILE} lacks ${key}: it belongs to another base, or was not saved whole`)
    }
    byName.delete(key)
    const [rows, columns] = tensor.shape
    if (found.shape.length !== 2 || found.shape[0] !== columns || found.shape[1] !== rows) {
      throw new AdapterError('PEFT_TENSOR_SHAPE', `${key} has the shape [${found.shape.join(', ')}], and this base needs [${columns}, ${rows}]: the adapter belongs to another base`)
    }
    adapter.set(transpose(found.values, columns, rows), tensor.offset)
  }
  const [unknown] = byName.keys()
  if (unknown !== undefined) {
    throw new AdapterError('PEFT_TENSOR_UNKNOWN', `${WEIGHTS_FILE} holds ${byName.size} tensors beyond those of its configuration, the first is ${unknown}: it belongs to another base`)
  }
  return adapter
}

async function readJson(path: string): Promise<unknown> {
  const bytes = await readBounded(path, MAXIMUM_CONFIG_BYTES)
  try {
    return JSON.parse(bytes.toString('utf8'))
  } catch (cause) {
    throw new AdapterError('PEFT_CONFIG_INVALID', `${path} is no JSON: fetch or write it again`, { cause })
  }
}

async function readBounded(path: string, maximumBytes: number): Promise<Buffer> {
  let length: number
  try {
    length = (await stat(path)).size
  } catch (cause) {
    throw new AdapterError('PEFT_FILE_MISSING', `${path} cannot be read (${String(cause)}): give the folder that PEFT's save_pretrained wrote`, { cause })
  }
  if (length > maximumBytes) {
    throw new AdapterError('PEFT_FILE_TOO_LARGE', `${path} has ${length} bytes, and at most ${maximumBytes} fit its configuration: it belongs to another base`)
  }
  return readFile(path)
}
