import { readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import test from 'ava'
import type { ExecutionContext } from 'ava'

import { readBase } from '../../node/daemon/base-model.js'
import { GenerationEngine } from '../../node/serving/generation-engine.js'
import { KeptHistory } from '../../node/serving/kept-history.js'
import { generateSchema } from '../../node/serving/request.js'
import { GenerationService } from '../../node/serving/service.js'
import { modelFolderOf } from '../../node/settings/model-data.js'
import { GREEDY, HISTORY_TOKENS } from '../../src/inference/index.js'
import { openChecker } from '../../src/quality/index.js'
import { openStore } from '../../src/store/index.js'
import type { Store } from '../../src/store/index.js'
import { createLogger } from '../../src/telemetry/index.js'
import { folderFor } from './house.js'

const design = (of: number, length: number): number[] => Array.from({ length }, (_, i) => (of * 31 + i) % 1000)

/** A history in a folder, with what it warned of. */
async function historyIn(folder: string, { model = 'a', vocabularySize = 1000 } = {}): Promise<{ readonly history: KeptHistory, readonly store: Store, readonly warnings: string[], readonly close: () => Promise<void> }> {
  const warnings: string[] = []
  const store = await openStore(folder)
  const history = await KeptHistory.open({ store, model, vocabularySize, log: createLogger({ level: 'warn', write: (line) => warnings.push(line) }) })
  const close = async (): Promise<void> => {
    await history.close()
    await store.close()
  }
  return { history, store, warnings, close }
}

test('what was written is known after a restart, once each, and not to another model', async (t) => {
  const folder = folderFor(t)
  const first = await historyIn(folder)
  const texts = [{ prompt: [1, 2], design: design(1, 30), isVerified: true }, { prompt: [3], design: design(2, 20), isVerified: false }]
  for (const text of texts) {
    t.deepEqual(first.history.add(text), text)
    t.is(first.history.add(text), undefined)
  }
  t.is(first.history.add({ prompt: [1], design: [], isVerified: false }), undefined)
  await first.close()
  const again = await historyIn(folder)
  t.deepEqual(again.history.texts, texts)
  t.is(again.history.add(texts[0]!), undefined)
  await again.close()
  const other = await historyIn(folder, { model: 'b' })
  t.deepEqual(other.history.texts, [])
  t.deepEqual(other.warnings, [])
  await other.close()
})

test('history is limited in memory and on disk, and unverified texts push no verified ones out', async (t) => {
  const folder = folderFor(t)
  const { history, close } = await historyIn(folder)
  history.add({ prompt: [1], design: design(0, 100), isVerified: true })
  const length = 1000
  const count = 12 * HISTORY_TOKENS.finished / length
  for (let i = 0; i < count; i++) history.add({ prompt: design(i, 50), design: [i % 1000, Math.floor(i / 1000), ...design(i, length - 2)], isVerified: false })
  const sizeOf = (of: typeof history): number => of.texts.filter(({ isVerified }) => !isVerified).reduce((sum, text) => sum + text.design.length, 0)
  t.true(sizeOf(history) <= HISTORY_TOKENS.finished && sizeOf(history) > HISTORY_TOKENS.finished - length - 1)
  const kept = history.texts
  await close()
  t.true(readFileSync(join(folder, 'logs', 'drafts-finished.log')).length <= 16 * HISTORY_TOKENS.finished)
  const again = await historyIn(folder)
  t.true(again.history.texts.some(({ isVerified }) => isVerified))
  t.deepEqual(again.history.texts.at(-1), kept.at(-1))
  await again.close()
})

test('damaged entries, and those of other versions, are left out with a warning', async (t) => {
  const folder = folderFor(t)
  const first = await historyIn(folder)
  first.history.add({ prompt: [1], design: design(1, 30), isVerified: false })
  await first.history.close()
  await first.store.appendLog('drafts-finished', { version: 2, model: 'a', texts: [] })
  await first.store.appendLog('drafts-finished', 'nonsense')
  await first.store.appendLog('drafts-finished', { version: 1, model: 'a', texts: [{ prompt: new Uint8Array(4), design: Uint8Array.of(255, 255, 255, 127) }] })
  await first.store.close()
  const again = await historyIn(folder)
  t.is(again.history.texts.length, 1)
  t.is(again.warnings.length, 1)
  t.regex(again.warnings[0]!, /leftOut=3/)
  await again.close()

  const [log] = readdirSync(join(folder, 'logs')).filter((name) => name.startsWith('drafts-finished'))
  const file = join(folder, 'logs', log!)
  writeFileSync(file, Buffer.concat([Buffer.alloc(40, 7), readFileSync(file)]))
  const damaged = await historyIn(folder)
  t.deepEqual(damaged.history.texts, [])
  await damaged.close()
})

/** The embedded model in a service with a history of its own. */
async function serviceIn(t: ExecutionContext, folder: string): Promise<{ readonly service: GenerationService, readonly history: KeptHistory, readonly close: () => Promise<void> }> {
  const base = await readBase(modelFolderOf())
  const { history, close } = await historyIn(folder, { model: base.contentId, vocabularySize: base.config.vocabularySize })
  const checker = openChecker({ workers: 1, timeoutMs: 20_000 })
  const service = new GenerationService({
    base, history, settings: { rank: 2, alpha: 4, targets: ['q_proj'] }, threads: 1, domain: 'verilog', precedents: [],
    checker: () => checker, metrics: { areUsed: false, rate: () => Promise.resolve(undefined) }, adapters: () => ({}),
  })
  let closing: Promise<void> | undefined
  const closeAll = async (): Promise<void> => {
    await service.close()
    await checker.close()
    await close()
  }
  const closeOnce = (): Promise<void> => closing ??= closeAll()
  t.teardown(closeOnce)
  return { service, history, close: closeOnce }
}

test('commands and the API feed the history, which survives the node and changes no text', async (t) => {
  const folder = folderFor(t)
  const signal = new AbortController().signal
  const request = (specification: string, more: object = {}) => generateSchema.parse({ specification, maximumTokens: 200, ...more })
  const inverter = 'Write module inv8, an 8-bit inverter with input [7:0] a and output [7:0] y.'
  const adder = 'Write an 8-bit adder named add8 with inputs a and b (8 bits each), carry input cin, output sum (8 bits) and carry output cout.'
  const first = await serviceIn(t, folder)
  const plain = await first.service.generate(request(inverter, { draft: 'none' }), { signal })
  t.deepEqual(first.history.texts.map(({ isVerified }) => isVerified), [false])
  // What is cut off is no text to learn from.
  await first.service.generate(request(adder, { maximumTokens: 5 }), { signal })
  t.is(first.history.texts.length, 1)
  const verified = await first.service.generate(request(adder, { verify: true, samples: 1 }), { signal })
  t.is(verified.verdict!.outcome, 'pass')
  t.deepEqual(first.history.texts.map(({ isVerified }) => isVerified), [true, false])
  const engine = new GenerationEngine({ service: first.service })
  const prompt = engine.encode('module mux2(')
  await engine.write({ adapter: 'base', prompt, maximumTokens: 400, stop: ['\n'], draft: 'personal', sampling: GREEDY, client: 'one' }, { signal })
  t.is(first.history.texts.length, 3)
  await first.close()

  const second = await serviceIn(t, folder)
  t.is(second.history.texts.length, 3)
  for (const [specification, before] of [[inverter, plain], [adder, verified]] as const) {
    const again = await second.service.generate(request(specification), { signal })
    t.is(again.design, before.design)
  }
  t.is(second.history.texts.length, 4)
  await second.close()
})
