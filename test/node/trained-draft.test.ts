import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'

import test from 'ava'

import { readBase } from '../../node/daemon/base-model.js'
import { DraftMaker } from '../../node/daemon/draft-maker.js'
import { SpareTime } from '../../node/daemon/spare-time.js'
import { KeptDraft } from '../../node/serving/kept-draft.js'
import { modelFolderOf } from '../../node/settings/model-data.js'
import { GREEDY, openGenerator } from '../../src/inference/index.js'
import type { GenerationJob, GenerationResult, Precedent } from '../../src/inference/index.js'
import { recurrentLayout } from '../../src/model/index.js'
import { openStore } from '../../src/store/index.js'
import { silentLogger } from '../../src/telemetry/index.js'
import type { Logger } from '../../src/telemetry/index.js'
import { encodeExample } from '../../src/training/index.js'
import type { Pair } from '../../src/training/index.js'
import { folderFor } from './house.js'

const base = await readBase(modelFolderOf())
const lines = gunzipSync(await readFile(join(base.folder, 'held-out.jsonl.gz'))).toString('utf8').split('\n').filter((line) => line !== '')
const precedents: Precedent[] = lines.filter((_, at) => at % 80 === 0).slice(0, 12).map((line) => {
  const { prompt, completion } = encodeExample(base.tokenizer, JSON.parse(line) as Pair)
  return { prompt: [...prompt], design: [...completion] }
})
const nobody = { get: () => undefined }

test('a draft is distilled in spare time, goes on learning, is kept on disk, and changes no text', async (t) => {
  const folder = folderFor(t)
  const store = await openStore(folder)
  const kept = await KeptDraft.open(store, base, silentLogger)
  t.is(kept.draft, undefined)
  const maker = new DraftMaker({ base, settings: { rank: 4, alpha: 8, targets: ['q_proj'] }, threads: 1, adapters: nobody, precedents, kept, seed: 5, log: silentLogger })
  const spareTime = new SpareTime(new AbortController().signal)
  await spareTime.use((time) => maker.make(time))
  const first = kept.draft!
  t.truthy(first)
  await spareTime.use((time) => maker.make(time))
  t.not(kept.draft, first, 'it goes on learning')
  t.deepEqual(kept.draft!.shape.vocabulary, first.shape.vocabulary, 'from where it was')

  const again = await KeptDraft.open(store, base, silentLogger)
  t.is(again.draft!.values.length, first.values.length)
  await store.close()

  const generator = await openGenerator({ checkpoint: base.folder, quantization: 'q8', threads: 1, maximumLength: base.config.maximumPositions })
  t.teardown(() => generator.close())
  const job = (draft: GenerationJob['draft'], at: number): GenerationJob => ({ prompt: precedents[at]!.prompt, maximumTokens: 96, stop: [], sampling: GREEDY, draft })
  const plain: GenerationResult[] = []
  for (const at of precedents.keys()) plain.push(await generator.generate(job('none', at)))
  await generator.useDraft('', again.draft)
  for (const at of precedents.keys()) t.is((await generator.generate(job('personal', at))).text, plain[at]!.text)
  // Taken away while texts are written, it is asked for those to their end, and not for the next.
  const running = generator.generate(job('personal', 0))
  await generator.useDraft('', undefined)
  t.is((await running).text, plain[0]!.text)
  t.is((await generator.generate(job('personal', 1))).text, plain[1]!.text)
})

test('a training of the node ends the distilling at once, and what was stays', async (t) => {
  const store = await openStore(folderFor(t))
  t.teardown(() => store.close())
  const kept = await KeptDraft.open(store, base, silentLogger)
  const warnings: string[] = []
  const log: Logger = { ...silentLogger, warn: (message: string) => { warnings.push(message) } }
  const maker = new DraftMaker({ base, settings: { rank: 4, alpha: 8, targets: ['q_proj'] }, threads: 1, adapters: nobody, precedents, kept, seed: 5, log })
  const spareTime = new SpareTime(new AbortController().signal)
  const made = spareTime.use((time) => maker.make(time).then(() => 'made'))
  await spareTime.training(() => Promise.resolve())
  t.is(await made, undefined)
  t.is(kept.draft, undefined)
  t.deepEqual(warnings, [])
})

test('a draft that cannot be read, or is of another base, is made again', async (t) => {
  const store = await openStore(folderFor(t))
  t.teardown(() => store.close())
  const warnings: string[] = []
  const log: Logger = { ...silentLogger, warn: (message: string) => { warnings.push(message) } }
  await store.writeState('trained-draft', 1, Uint8Array.of(1, 2, 3))
  t.is((await KeptDraft.open(store, base, log)).draft, undefined)
  t.is(warnings.length, 1)
  const shape = { vocabulary: Int32Array.of(3, 5), stateSize: 8, innerSize: 8 }
  const other = { contentId: 'ab'.repeat(32), config: base.config }
  const values = new Float32Array(recurrentLayout(shape, base.config.hiddenSize).length)
  await (await KeptDraft.open(store, other, silentLogger)).keep({ shape, values })
  t.deepEqual((await KeptDraft.open(store, other, silentLogger)).draft, { shape, values })
  t.is((await KeptDraft.open(store, base, log)).draft, undefined)
})
