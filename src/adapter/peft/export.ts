import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'

import type { AdapterLayout } from '../../model/index.js'
import { writeAtomically } from '../../store/index.js'
import { checkAdapter } from '../check.js'
import { AdapterError } from '../errors.js'
import { CONFIG_FILE, peftKey, transpose, WEIGHTS_FILE } from './names.js'
import { writeSafetensors } from './safetensors.js'

/**
 * Writes an adapter as a folder that PEFT loads: `adapter_config.json` and `adapter_model.safetensors`. The weights come first, so that a folder with
 * a configuration is whole.
 *
 * @param directory - created where it is missing; files in it are replaced
 * @param baseName - what PEFT shows as the base model: a folder or a name on a model hub
 * @throws AdapterError ADAPTER_LENGTH, ADAPTER_NOT_FINITE, PEFT_FILE_UNWRITABLE
 */
export async function exportPeft(directory: string, layout: AdapterLayout, adapter: Float32Array, baseName: string): Promise<void> {
  checkAdapter(layout, adapter)
  const tensors = layout.tensors.map((tensor) => {
    const [rows, columns] = tensor.shape
    const values = transpose(adapter.subarray(tensor.offset, tensor.offset + rows * columns), rows, columns)
    return { name: peftKey(tensor), shape: [columns, rows], values }
  })
  try {
    await mkdir(directory, { recursive: true })
    await writeAtomically(join(directory, WEIGHTS_FILE), writeSafetensors(tensors, { format: 'pt' }))
    await writeAtomically(join(directory, CONFIG_FILE), Buffer.from(`${JSON.stringify(peftConfig(layout, baseName), null, 2)}\n`))
  } catch (cause) {
    throw new AdapterError('PEFT_FILE_UNWRITABLE', `${directory} cannot be written (${String(cause)}): choose a folder that you may write to, with ${Math.ceil(layout.length * 4 / 1e6)} MB free`, { cause })
  }
}

function peftConfig(layout: AdapterLayout, baseName: string): Record<string, unknown> {
  const { rank, alpha, targets } = layout.settings
  return {
    peft_type: 'LORA',
    task_type: 'CAUSAL_LM',
    base_model_name_or_path: baseName,
    r: rank,
    lora_alpha: alpha,
    target_modules: targets,
    lora_dropout: 0,
    bias: 'none',
    fan_in_fan_out: false,
    inference_mode: true,
    init_lora_weights: true,
    use_rslora: false,
    use_dora: false,
    modules_to_save: null,
    layers_to_transform: null,
    layers_pattern: null,
    rank_pattern: {},
    alpha_pattern: {},
    revision: null,
  }
}
