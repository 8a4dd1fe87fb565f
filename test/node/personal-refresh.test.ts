import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'

import test from 'ava'

import type { AllEvents } from '../../node/daemon/events.js'
import { readBase } from '../../node/daemon/base-model.js'
import { KeptAdapters } from '../../node/daemon/kept-adapters.js'
import { PersonalFollower } from '../../node/daemon/personal-follower.js'
import { Personaliser } from '../../node/daemon/personaliser.js'
import { trainedFurther } from '../../node/daemon/personal.js'
import { leadersOf, refreshPersonal } from '../../node/daemon/refresh-personal.js'
import type { Refreshed, RefreshOptions } from '../../node/daemon/refresh-personal.js'
import { SpareTime } from '../../node/daemon/spare-time.js'
import { openWorkshop } from '../../node/daemon/workshop.js'
import { deferred } from '../../node/deferred.js'
import { evaluate } from '../../node/serving/evaluate.js'
import { generateSchema } from '../../node/serving/request.js'
import type { GenerateAnswer } from '../../node/serving/request.js'
import { GenerationService } from '../../node/serving/service.js'
import { modelFolderOf } from '../../node/settings/model-data.js'
import { initialAdapter } from '../../src/adapter/index.js'
import { createAuditor } from '../../src/audit/index.js'
import { DEFAULT_POLICY } from '../../src/config/index.js'
import type { CorpusReport, Example } from '../../src/corpus/index.js'
import { adapterLayout, openModelWorker } from '../../src/model/index.js'
import { openChecker } from '../../src/quality/index.js'
import { openStore } from '../../src/store/index.js'
import { silentLogger, TypedEvents } from '../../src/telemetry/index.js'
import { folderFor } from './house.js'

const base = await readBase(modelFolderOf())
const layout = adapterLayout(base.config, { rank: 4, alpha: 8, targets: ['q_proj', 'v_proj'] })
const initial = initialAdapter(layout, 7)
const worker = await openModelWorker(base.folder, layout, { threads: 1 })
const checker = openChecker({ workers: 1, timeoutMs: 20_000 })
const lines = gunzipSync(await readFile(join(base.folder, 'held-out.jsonl.gz'))).toString('utf8').split('\n').filter((line) => line !== '')
const examples: Example[] = lines.filter((_, at) => at % 60 === 0).slice(0, 20).map((line, at) => (
  { ...JSON.parse(line) as Pick<Example, 'domain' | 'specification' | 'design'>, id: `design ${String(at).padStart(2, '0')}`, source: 'test', grade: 1 }))
const validation = examples.slice(0, 4)
const training = examples.slice(4)
const policy = { ...DEFAULT_POLICY, learning: { ...DEFAULT_POLICY.learning, replayShare: 0 } }
const workshop = openWorkshop({ base, layout, policy, worker, designs: training, replay: [], seed: 3, log: silentLogger })
const auditorOn = (on: typeof worker) => createAuditor({ worker: on, tokenizer: base.tokenizer, rows: 1, rowLength: 512, relevance: false })

/** A shared adapter as some rounds leave it. */
const networkAfter = async (steps: number): Promise<Float32Array> => (await workshop.learner({ draw: 9 }).train({ adapter: initial, campaignRound: 0, steps })).adapter

const optionsOf = (given: Pick<RefreshOptions, 'network' | 'round'> & Partial<RefreshOptions>): RefreshOptions => ({
  workshop, worker, validation, auditor: auditorOn(worker), steps: 2, known: new WeakMap(), signal: new AbortController().signal, ...given,
})

const all = async (options: RefreshOptions): Promise<Refreshed[]> => {
  const found = []
  for await (const one of refreshPersonal(options)) found.push(one)
  return found
}

test.after.always(async () => {
  await worker.close()
  await checker.close()
})

test.serial('after a round the best of all candidates is served, also of what was served before', async (t) => {
  const [first, second] = [await networkAfter(2), await networkAfter(4)]
  const { adapter: before } = await trainedFurther(workshop, { name: 'network', adapter: first }, { steps: 8, signal: new AbortController().signal, onProgress: undefined })
  const [alone] = await all(optionsOf({ network: first, round: 1 }))
  const [after] = await all(optionsOf({ network: second, round: 2, before, beforeFrom: first, local: initial }))
  for (const { chosen, scores } of [alone!, after!]) {
    const lossOf = (name: string): number => scores.find((one) => one.name === name)!.score.loss
    t.is(lossOf(chosen.name), Math.min(...scores.map(({ score }) => score.loss)))
  }
  const names = after!.scores.map(({ name }) => name)
  t.true(['network', 'local', 'mixture 0.50', 'as it was', 'carried over', 'network, trained further'].every((name) => names.includes(name)), names.join())
  t.true(after!.scores.every(({ score }) => score.passed === undefined))
})

test.serial('candidates are written with only where others lead than at the last comparison, or it was long ago', async (t) => {
  const network = await networkAfter(2)
  const asked: Float32Array[] = []
  const verify: NonNullable<RefreshOptions['verify']> = async (adapter) => {
    asked.push(adapter)
    const { outcomes } = await evaluate({ specifications: validation.slice(0, 2), maximumTokens: 200 }, {
      base, settings: layout.settings, adapter, threads: 1, checker, signal: new AbortController().signal,
    })
    return outcomes.map((outcome) => outcome === 'pass')
  }
  const found = await all(optionsOf({ network, round: 12, verify }))
  t.is(found.length, 2)
  t.is(found[0]!.compared, undefined)
  const { compared, chosen } = found[1]!
  t.deepEqual(compared, { round: 12, leaders: leadersOf(found[0]!), chosen: chosen.name })
  t.true(asked.length >= 2)

  const { length } = asked
  const standing = await all(optionsOf({ network, round: 21, verify, compared: { ...compared!, chosen: 'network' } }))
  t.deepEqual(standing.map((one) => one.chosen.name), ['network'])
  t.is(asked.length, length)
  for (const old of [{ ...compared!, round: 11 }, { ...compared!, leaders: ['local', 'local'] }]) {
    const again = await all(optionsOf({ network, round: 21, verify, compared: old }))
    t.is(again.at(-1)!.compared!.round, 21)
  }
  t.true(asked.length >= length + 4)
})

test.serial('where there is nothing to choose by, the network\'s model is served', async (t) => {
  const network = await networkAfter(1)
  const [found] = await all(optionsOf({ network, round: 1, validation: [], verify: () => Promise.resolve([]) }))
  t.is(found!.chosen.adapter, network)
})

test.serial('the newest record wins, a training comes first, and what was refreshed outlives the node', async (t) => {
  const folder = folderFor(t)
  const store = await openStore(folder)
  const events = new TypedEvents<AllEvents>()
  const over = new AbortController()
  const spareTime = new SpareTime(over.signal)
  const adapters = await KeptAdapters.open(store, layout.length, silentLogger)
  const parts = { workshop, auditor: auditorOn(worker), auditorOn, spareTime, maximumTokens: 8, initial, policy, events, log: silentLogger, signal: over.signal,
    evaluate: (task: Parameters<typeof evaluate>[0], how: { adapter: Float32Array | undefined, signal: AbortSignal }) => evaluate(task, { base, settings: layout.settings, threads: 1, checker, ...how }),
    designs: { training, validation, report: {} as CorpusReport } }
  const personaliser = new Personaliser({ ...parts, adapters, store })
  await personaliser.restore()
  const follower = new PersonalFollower({ personaliser, spareTime, log: silentLogger, signal: over.signal })
  const chosen: AllEvents['personal:chosen'][] = []
  events.on('personal:chosen', (news) => chosen.push(news))

  // Two records while the node trains: the first is never looked at.
  const [first, second] = [await networkAfter(1), await networkAfter(3)]
  const trained = deferred<undefined>()
  const busy = spareTime.training(() => trained.promise)
  for (const [at, network] of [first, second].entries()) {
    adapters.set('network', network)
    personaliser.useRound(at + 1)
    follower.networkMoved()
  }
  t.is(personaliser.news, undefined)
  trained.resolve(undefined)
  await busy
  // A training in the middle of it ends it; it begins anew.
  await events.next('personal:progress', { matches: ({ doing }) => doing === 'training' })
  t.deepEqual(chosen, [])
  await spareTime.training(() => Promise.resolve())
  t.is(adapters.get('personal'), undefined)
  await events.next('personal:chosen')
  t.true(chosen.every(({ round }) => round === 2))
  // In a hurry nothing is trained.
  t.false(chosen[0]!.scores.some(({ name }) => name.endsWith('trained further')))
  t.true(adapters.get('personal') !== undefined)
  over.abort(new Error('the node stops'))
  await follower.stop()
  await store.close()

  const again = await openStore(folder)
  t.teardown(() => again.close())
  const kept = await KeptAdapters.open(again, layout.length, silentLogger)
  t.deepEqual(kept.get('personal'), adapters.get('personal'))
  const restored = new Personaliser({ ...parts, adapters: kept, store: again })
  await restored.restore()
  t.deepEqual(restored.news, chosen.at(-1))
})

test.serial('what is served changes with the next request, and a text that is being written goes on with what it began with', async (t) => {
  const served = { personal: initial }
  const service = new GenerationService({
    base, settings: layout.settings, threads: 1, domain: 'verilog', precedents: [], checker: () => checker,
    metrics: { areUsed: false, rate: () => Promise.resolve(undefined) }, adapters: () => served,
  })
  t.teardown(() => service.close())
  const request = generateSchema.parse({ specification: examples[0]!.specification, maximumTokens: 60, adapter: 'personal' })
  const { signal } = new AbortController()
  const another = initial.map((value, at) => value + 0.5 * Math.sin(at * at))
  const before = await service.generate(request, { signal })
  let next: Promise<GenerateAnswer> | undefined
  const during = await service.generate(request, {
    signal,
    onEvent: () => {
      if (next) return
      served.personal = another
      next = service.generate(request, { signal })
    },
  })
  t.is(during.design, before.design)
  const after = await service.generate(request, { signal })
  t.not(after.design, before.design)
  t.is((await next!).design, after.design)
})
