import { cp, mkdtemp, readFile, rename, rm, truncate, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'

import test, { type ExecutionContext } from 'ava'

import { loadBaseModel, loadCheckpoint, ModelError, type ModelErrorCode } from '../../src/model/index.js'
import { fixtureFolder } from './fixtures.js'

/** A copy of a fixture to damage. */
async function copyOf(t: ExecutionContext, name: Parameters<typeof fixtureFolder>[0]): Promise<string> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'meshwright-model-'))
  t.teardown(() => rm(folder, { recursive: true }))
  await cp(fixtureFolder(name), folder, { recursive: true })
  return folder
}

async function editJson(file: string, edit: (json: Record<string, unknown>) => void): Promise<void> {
  const json = JSON.parse(await readFile(file, 'utf8')) as Record<string, unknown>
  edit(json)
  await writeFile(file, JSON.stringify(json))
}

/** Writes a safetensors file with another header in front of the same data. */
async function editHeader(file: string, edit: (header: Record<string, { dtype: string, shape: number[], data_offsets: number[] }>) => void): Promise<void> {
  const bytes = await readFile(file)
  const length = Number(bytes.readBigUInt64LE(0))
  const header = JSON.parse(bytes.subarray(8, 8 + length).toString()) as Record<string, { dtype: string, shape: number[], data_offsets: number[] }>
  edit(header)
  const text = Buffer.from(JSON.stringify(header))
  const prefix = Buffer.alloc(8)
  prefix.writeBigUInt64LE(BigInt(text.length))
  await writeFile(file, Buffer.concat([prefix, text, bytes.subarray(8 + length)]))
}

const NORM = 'model.norm.weight'

interface Damage {
  readonly fixture?: Parameters<typeof fixtureFolder>[0]
  readonly damage: (folder: string) => Promise<unknown>
  readonly code: ModelErrorCode
  readonly message?: RegExp
}

const config = (change: Record<string, unknown>) => (folder: string): Promise<void> =>
  editJson(path.join(folder, 'config.json'), (json) => Object.assign(json, change))
const remove = (file: string) => (folder: string): Promise<void> => rm(path.join(folder, file))
const weights = (folder: string): string => path.join(folder, 'model.safetensors')

const damages: Readonly<Record<string, Damage>> = {
  'without config.json': { damage: remove('config.json'), code: 'MODEL_FILE_MISSING', message: /config\.json/ },
  'without weights': { damage: remove('model.safetensors'), code: 'MODEL_FILE_MISSING', message: /model\.safetensors/ },
  'without tokenizer.json': { damage: remove('tokenizer.json'), code: 'MODEL_FILE_MISSING', message: /tokenizer\.json/ },
  'without one of its shards': { fixture: 'grouped-untied-sharded-bf16', damage: remove('model-00002-of-00003.safetensors'), code: 'MODEL_FILE_MISSING', message: /model-00002-of-00003/ },
  'whose config.json is cut off': { damage: (folder) => truncate(path.join(folder, 'config.json'), 100), code: 'MODEL_FILE_INVALID', message: /config\.json/ },
  'whose meshwright.json says something else': { damage: (folder) => writeFile(path.join(folder, 'meshwright.json'), '{ "calmRows": "yes" }'), code: 'MODEL_FILE_INVALID', message: /meshwright\.json/ },
  'whose weights are cut off': { damage: (folder) => truncate(weights(folder), 100_000), code: 'MODEL_FILE_INVALID', message: /model\.safetensors/ },
  'whose weights end within the header': { damage: (folder) => truncate(weights(folder), 50), code: 'MODEL_FILE_INVALID' },
  'whose weights are empty': { damage: (folder) => truncate(weights(folder), 0), code: 'MODEL_FILE_INVALID' },
  'whose weights go on after their end': { damage: async (folder) => writeFile(weights(folder), Buffer.concat([await readFile(weights(folder)), Buffer.alloc(4)])), code: 'MODEL_FILE_INVALID' },
  'of another architecture': { damage: config({ model_type: 'mistral', architectures: ['MistralForCausalLM'] }), code: 'MODEL_ARCHITECTURE_UNKNOWN', message: /MistralForCausalLM/ },
  'of no architecture': { damage: config({ model_type: undefined }), code: 'MODEL_ARCHITECTURE_UNKNOWN' },
  'with attention biases': { damage: config({ attention_bias: true }), code: 'MODEL_FEATURE_UNSUPPORTED' },
  'with another activation': { damage: config({ hidden_act: 'gelu' }), code: 'MODEL_FEATURE_UNSUPPORTED', message: /gelu/ },
  'with a rotary scaling that is not known': { damage: config({ rope_parameters: { rope_type: 'yarn', factor: 2 } }), code: 'MODEL_FEATURE_UNSUPPORTED', message: /yarn/ },
  'with a rotary scaling without its factor': { damage: config({ rope_parameters: { rope_type: 'linear' } }), code: 'MODEL_CONFIG_INVALID' },
  'with a number of layers that is no number': { damage: config({ num_hidden_layers: 'two' }), code: 'MODEL_CONFIG_INVALID', message: /num_hidden_layers/ },
  'with more layers than any model has': { damage: config({ num_hidden_layers: 1e6 }), code: 'MODEL_CONFIG_INVALID', message: /num_hidden_layers/ },
  'whose heads cannot share keys': { damage: config({ num_key_value_heads: 3 }), code: 'MODEL_CONFIG_INVALID' },
  'whose heads are odd': { damage: config({ head_dim: 7 }), code: 'MODEL_CONFIG_INVALID' },
  'with a layer more than its weights': { damage: config({ num_hidden_layers: 3 }), code: 'MODEL_TENSOR_MISSING', message: /model\.layers\.2/ },
  'whose weights have other sizes than it says': { damage: config({ intermediate_size: 65 }), code: 'MODEL_TENSOR_SHAPE', message: /64/ },
  'whose tensor lies about its shape': {
    damage: (folder) => editHeader(weights(folder), (header) => { header[NORM]!.shape = [33] }),
    code: 'MODEL_FILE_INVALID',
    message: /model\.norm\.weight/,
  },
  'with a tensor of 64-bit floats': {
    damage: (folder) => editHeader(weights(folder), (header) => { header[NORM]!.dtype = 'F64' }),
    code: 'MODEL_DTYPE_UNSUPPORTED',
    message: /F64/,
  },
  'with a bias among its weights': {
    damage: (folder) => editHeader(weights(folder), (header) => {
      header['model.layers.0.self_attn.q_proj.bias'] = header[NORM]!
      Reflect.deleteProperty(header, NORM)
    }),
    code: 'MODEL_FEATURE_UNSUPPORTED',
    message: /q_proj\.bias/,
  },
  'with a weight that is not a number': {
    damage: async (folder) => {
      const bytes = await readFile(weights(folder))
      bytes.fill(0xff, bytes.length - 4)
      await writeFile(weights(folder), bytes)
    },
    code: 'MODEL_FILE_INVALID',
    message: /NaN/,
  },
  'whose index names a file outside its folder': {
    fixture: 'grouped-untied-sharded-bf16',
    damage: (folder) => editJson(path.join(folder, 'model.safetensors.index.json'), (json) => { json.weight_map = { [NORM]: '../other.safetensors' } }),
    code: 'MODEL_FILE_INVALID',
    message: /do not trust/,
  },
  'whose tokenizer knows more tokens': { damage: config({ vocab_size: 200 }), code: 'MODEL_TOKENIZER_MISMATCH', message: /200/ },
  'whose tokenizer.json is no tokenizer': { damage: (folder) => writeFile(path.join(folder, 'tokenizer.json'), '{}'), code: 'MODEL_TOKENIZER_INVALID' },
  'whose tokenizer is of an unknown kind': {
    damage: (folder) => editJson(path.join(folder, 'tokenizer.json'), (json) => { json.model = { type: 'Magic', vocab: {} } }),
    code: 'MODEL_TOKENIZER_INVALID',
  },
  'whose chat template is broken': { damage: (folder) => writeFile(path.join(folder, 'chat_template.jinja'), '{% if %}'), code: 'MODEL_CHAT_TEMPLATE' },
}

for (const [what, { fixture = 'tied-f32', damage, code, message = /./ }] of Object.entries(damages)) {
  test(`a model ${what} is refused`, async (t) => {
    const folder = await copyOf(t, fixture)
    await t.notThrowsAsync(() => loadCheckpoint(folder))
    await damage(folder)
    await t.throwsAsync(async () => { await loadCheckpoint(folder) }, { instanceOf: ModelError, code, message })
  })
}

test('a folder that is not there is refused', async (t) => {
  await t.throwsAsync(() => loadCheckpoint('/nowhere/at/all'), { instanceOf: ModelError, code: 'MODEL_FILE_MISSING' })
})

test('the content id changes with any file that is read, and with nothing else', async (t) => {
  const folder = await copyOf(t, 'tied-f32')
  const { contentId } = await loadCheckpoint(folder)
  t.regex(contentId, /^[0-9a-f]{64}$/)
  await writeFile(path.join(folder, 'README.md'), 'a card')
  t.is((await loadCheckpoint(folder)).contentId, contentId)
  const moved = `${folder}-moved`
  await rename(folder, moved)
  t.is((await loadCheckpoint(moved)).contentId, contentId)
  await rename(moved, folder)

  const seen = new Set([contentId])
  for (const file of ['config.json', 'tokenizer.json', 'tokenizer_config.json', 'chat_template.jinja', 'generation_config.json']) {
    await writeFile(path.join(folder, file), `${await readFile(path.join(folder, file), 'utf8')}\n`)
    seen.add((await loadCheckpoint(folder)).contentId)
  }
  const bytes = await readFile(weights(folder))
  bytes[bytes.length - 1]! ^= 1
  await writeFile(weights(folder), bytes)
  seen.add((await loadCheckpoint(folder)).contentId)
  t.is(seen.size, 7)
})

test('weights of all kinds are read as f32 of the same shapes', async (t) => {
  for (const [name, count] of [['tied-f32', 20], ['linear-f16', 11], ['grouped-untied-sharded-bf16', 21]] as const) {
    const { weights: tensors, config: { hiddenSize, vocabularySize } } = await loadBaseModel(fixtureFolder(name))
    t.is(tensors.size, count)
    t.is(tensors.get('model.embed_tokens.weight')?.length, hiddenSize * vocabularySize)
    t.is(tensors.has('lm_head.weight'), name === 'grouped-untied-sharded-bf16')
  }
})

test('a config of transformers 4 says the same as one of transformers 5', async (t) => {
  const folder = await copyOf(t, 'linear-f16')
  const { config: five } = await loadBaseModel(folder)
  await config({ rope_parameters: undefined, rope_theta: 10_000, rope_scaling: { type: 'linear', factor: 2 }, torch_dtype: 'float16' })(folder)
  t.deepEqual((await loadBaseModel(folder)).config, five)
})
