import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import test from 'ava'

import { AdapterError, exportPeft, importPeft, initialAdapter, readSafetensors, seededRandom, writeSafetensors } from '../../../src/adapter/index.js'
import { TINY, TINY_LAYOUT } from '../shapes.js'

async function folder(t: { teardown: (run: () => Promise<void>) => void }): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'meshwright-peft-'))
  t.teardown(() => rm(directory, { recursive: true }))
  return directory
}

function trained(): Float32Array {
  const random = seededRandom(1)
  return Float32Array.from({ length: TINY_LAYOUT.length }, () => random.fraction() - 0.5)
}

const config = 'adapter_config.json'
const weights = 'adapter_model.safetensors'

async function change(directory: string, changes: Record<string, unknown>): Promise<void> {
  const path = join(directory, config)
  const json = JSON.parse(await readFile(path, 'utf8')) as Record<string, unknown>
  await writeFile(path, JSON.stringify({ ...json, ...changes }))
}

test('an exported adapter comes back bit for bit, with its settings', async (t) => {
  const directory = join(await folder(t), 'new', 'folder')
  const adapter = trained()
  await exportPeft(directory, TINY_LAYOUT, adapter, 'models/embedded')
  const imported = await importPeft(directory, TINY)
  t.deepEqual(imported.adapter, adapter)
  t.deepEqual(imported.layout, TINY_LAYOUT)
})

test('the file has the names, shapes and order of values that PEFT reads', async (t) => {
  const directory = await folder(t)
  const adapter = initialAdapter(TINY_LAYOUT, 1)
  await exportPeft(directory, TINY_LAYOUT, adapter, 'base')
  const tensors = readSafetensors(await readFile(join(directory, weights)))
  const a = tensors.find(({ name }) => name === 'base_model.model.model.layers.1.mlp.down_proj.lora_A.weight')
  const b = tensors.find(({ name }) => name === 'base_model.model.model.layers.1.mlp.down_proj.lora_B.weight')
  t.deepEqual(a?.shape, [2, 20])
  t.deepEqual(b?.shape, [12, 2])
  const { offset } = TINY_LAYOUT.tensors.find(({ name }) => name === 'model.layers.1.mlp.down_proj.lora_A')!
  t.is(a?.values[20 + 7], adapter[offset + 7 * 2 + 1])
  const json: unknown = JSON.parse(await readFile(join(directory, config), 'utf8'))
  t.like(json, { peft_type: 'LORA', r: 2, lora_alpha: 4, target_modules: ['q_proj', 'k_proj', 'down_proj'], base_model_name_or_path: 'base' })
})

test('a rank-stabilised adapter keeps its scale', async (t) => {
  const directory = await folder(t)
  await exportPeft(directory, TINY_LAYOUT, trained(), 'base')
  await change(directory, { use_rslora: true })
  const { settings } = (await importPeft(directory, TINY)).layout
  t.true(Math.abs(settings.alpha / settings.rank - 4 / Math.sqrt(2)) < 1e-12)
})

for (const [changes, code] of [
  [{ use_dora: true }, 'PEFT_FEATURE_UNSUPPORTED'],
  [{ bias: 'all' }, 'PEFT_FEATURE_UNSUPPORTED'],
  [{ peft_type: 'IA3' }, 'PEFT_FEATURE_UNSUPPORTED'],
  [{ rank_pattern: { q_proj: 4 } }, 'PEFT_FEATURE_UNSUPPORTED'],
  [{ modules_to_save: ['lm_head'] }, 'PEFT_FEATURE_UNSUPPORTED'],
  [{ layers_to_transform: [0] }, 'PEFT_FEATURE_UNSUPPORTED'],
  [{ target_modules: ['q_proj', 'embed_tokens'] }, 'PEFT_TARGET_UNKNOWN'],
  [{ target_modules: ['q_proj', 'k_proj'] }, 'PEFT_TENSOR_UNKNOWN'],
  [{ target_modules: ['q_proj', 'k_proj', 'v_proj', 'down_proj'] }, 'PEFT_TENSOR_MISSING'],
  [{ r: 3 }, 'PEFT_TENSOR_SHAPE'],
  [{ r: 'two' }, 'PEFT_CONFIG_INVALID'],
  [{ lora_alpha: -1 }, 'PEFT_CONFIG_INVALID'],
] as const) {
  test(`a configuration with ${JSON.stringify(changes)} is refused as ${code}`, async (t) => {
    const directory = await folder(t)
    await exportPeft(directory, TINY_LAYOUT, trained(), 'base')
    await change(directory, changes)
    await t.throwsAsync(importPeft(directory, TINY), { instanceOf: AdapterError, code })
  })
}

test('files that are missing, too large or no JSON are refused', async (t) => {
  const directory = await folder(t)
  await t.throwsAsync(importPeft(directory, TINY), { instanceOf: AdapterError, code: 'PEFT_FILE_MISSING' })
  await writeFile(join(directory, config), '{')
  await t.throwsAsync(importPeft(directory, TINY), { instanceOf: AdapterError, code: 'PEFT_CONFIG_INVALID' })
  await writeFile(join(directory, config), '[]')
  await t.throwsAsync(importPeft(directory, TINY), { instanceOf: AdapterError, code: 'PEFT_CONFIG_INVALID' })
  await exportPeft(directory, TINY_LAYOUT, trained(), 'base')
  await writeFile(join(directory, weights), new Uint8Array(1 << 20))
  await t.throwsAsync(importPeft(directory, TINY), { instanceOf: AdapterError, code: 'PEFT_FILE_TOO_LARGE' })
})

test('an adapter of another length or with a NaN goes neither out nor in', async (t) => {
  const directory = await folder(t)
  const adapter = trained()
  await t.throwsAsync(exportPeft(directory, TINY_LAYOUT, adapter.subarray(1), 'base'), { instanceOf: AdapterError, code: 'ADAPTER_LENGTH' })
  await exportPeft(directory, TINY_LAYOUT, adapter, 'base')
  const tensors = readSafetensors(await readFile(join(directory, weights)))
  tensors[0]!.values[0] = NaN
  await writeFile(join(directory, weights), writeSafetensors(tensors))
  const error = await t.throwsAsync(importPeft(directory, TINY), { instanceOf: AdapterError, code: 'ADAPTER_NOT_FINITE' })
  t.regex(error.message, /model\.layers\.0\.self_attn\.q_proj\.lora_A/)
})

test('a folder that cannot be written is refused with a code', async (t) => {
  const directory = await folder(t)
  await writeFile(join(directory, 'file'), '')
  await t.throwsAsync(exportPeft(join(directory, 'file', 'below'), TINY_LAYOUT, trained(), 'base'), { instanceOf: AdapterError, code: 'PEFT_FILE_UNWRITABLE' })
})
