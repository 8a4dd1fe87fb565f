import { writeFile } from 'node:fs/promises'
import path from 'node:path'

import { importPeft } from '../../../src/adapter/peft/import.js'
import { parsePeftConfig } from '../../../src/adapter/peft/configuration.js'
import { CONFIG_FILE, peftKey, WEIGHTS_FILE } from '../../../src/adapter/peft/names.js'
import { readSafetensors, writeSafetensors } from '../../../src/adapter/peft/safetensors.js'
import { adapterLayout } from '../../../src/model/index.js'

import { TINY_SHAPE } from '../examples/tiny-model.js'
import { foreignValue } from '../mutate-values.js'
import { foreignSafetensors } from '../safetensors-file.js'
import { Scratch } from '../scratch.js'
import { must, surface } from '../surface.js'
import type { Surface } from '../surface.js'

const LAYOUT = adapterLayout(TINY_SHAPE, { rank: 2, alpha: 4, targets: ['q_proj', 'down_proj'] })
const FILE = writeSafetensors(LAYOUT.tensors.map((tensor) => {
  const [rows, columns] = tensor.shape
  return { name: peftKey(tensor), shape: [columns, rows], values: new Float32Array(rows * columns).fill(0.5) }
}), { format: 'pt' })
const CONFIG = { peft_type: 'LORA', r: 2, lora_alpha: 4, target_modules: ['q_proj', 'down_proj'], bias: 'none', use_rslora: false, rank_pattern: {}, modules_to_save: null }

const weights = surface({
  name: 'adapter-safetensors',
  from: 'a user',
  make: (draw) => foreignSafetensors(FILE, draw),
  feed: (bytes) => {
    const tensors = readSafetensors(bytes)
    must(tensors.every(({ shape, values }) => shape.reduce((product, size) => product * size, 1) === values.length), 'a tensor has another number of values than its shape')
    must(tensors.reduce((sum, { values }) => sum + values.length, 0) * 2 <= bytes.length, 'more values than bytes')
  },
})

const configuration = surface({
  name: 'adapter-config',
  from: 'a user',
  make: (draw) => foreignValue(CONFIG, draw),
  feed: (value) => {
    const settings = parsePeftConfig(value)
    const { length } = adapterLayout(TINY_SHAPE, settings)
    must(Number.isSafeInteger(length) && length > 0 && length < 1e6, `an adapter of ${length} values on a model of 8 hidden ones`)
    must(Number.isFinite(settings.alpha) && settings.alpha > 0, `a scale of ${settings.alpha}`)
  },
})

const scratch = new Scratch('adapter')

const folder = surface({
  name: 'adapter-folder',
  from: 'a user',
  make: (draw) => {
    const json = JSON.stringify(draw.chance(0.5) ? CONFIG : foreignValue(CONFIG, draw)) as string | undefined ?? ''
    return { json: draw.chance(0.05) ? json.slice(1) : json, bytes: foreignSafetensors(FILE, draw) }
  },
  feed: async ({ json, bytes }) => {
    await writeFile(path.join(scratch.folder, CONFIG_FILE), json)
    await writeFile(path.join(scratch.folder, WEIGHTS_FILE), bytes)
    const { layout, adapter } = await importPeft(scratch.folder, TINY_SHAPE)
    must(adapter.length === layout.length && adapter.every(Number.isFinite), 'an adapter that is not whole or not finite')
  },
  end: scratch.remove,
})

export const adapterSurfaces: readonly Surface[] = [weights, configuration, folder]
