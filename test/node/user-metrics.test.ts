import { writeFileSync } from 'node:fs'
import { join } from 'node:path'

import type { ExecutionContext } from 'ava'
import test from 'ava'

import { readBase } from '../../node/daemon/base-model.js'
import { AdapterMetrics } from '../../node/daemon/adapter-metrics.js'
import { ownMetricOf } from '../../node/daemon/own-metric.js'
import { measurable } from '../../node/daemon/own-probes.js'
import { UserMetrics } from '../../node/daemon/user-metrics.js'
import { generateSchema } from '../../node/serving/request.js'
import { GenerationService } from '../../node/serving/service.js'
import { writeMany } from '../../node/serving/write-many.js'
import { modelFolderOf } from '../../node/settings/model-data.js'
import { decodeDelta, encodeDelta } from '../../src/adapter/index.js'
import { createAuditor } from '../../src/audit/index.js'
import { DEFAULT_POLICY } from '../../src/config/index.js'
import type { Example } from '../../src/corpus/index.js'
import { adapterLayout, openModelWorker } from '../../src/model/index.js'
import { openChecker } from '../../src/quality/index.js'
import { weighOwn } from '../../src/rounds/learning/own.js'
import { foundingState } from '../../src/rounds/records/state.js'
import { createLogger, createRandom } from '../../src/telemetry/index.js'
import { encodePrompt } from '../../src/training/index.js'
import { folderFor, pairOf, tinyModel } from './house.js'

const checker = openChecker({ workers: 1 })
test.after.always(() => checker.close())

interface Opened {
  readonly metrics: UserMetrics
  readonly warnings: string[]
}

/** Metrics of these modules, each in its own process. */
async function metricsOf(t: ExecutionContext, modules: Readonly<Record<string, string>>, { timeoutMs = 60_000, weight = 1 }: { readonly timeoutMs?: number, readonly weight?: number } = {}): Promise<Opened> {
  const folder = folderFor(t)
  const settings = Object.entries(modules).map(([name, text]) => {
    const module = join(folder, `${name}.mjs`)
    writeFileSync(module, text)
    return { name, module, weight }
  })
  const warnings: string[] = []
  const log = createLogger({ level: 'warn', json: true, write: (line) => warnings.push(line) })
  const metrics = await UserMetrics.open(settings, { checker, log, timeoutMs })
  t.teardown(() => metrics.close())
  return { metrics, warnings }
}

const designs = (...texts: readonly string[]) => texts.map((design) => ({ domain: 'verilog' as const, specification: 'anything', design }))
const { signal } = new AbortController()

test('groups of designs have the weighted mean of the metrics that scored them all', async (t) => {
  const { metrics, warnings } = await metricsOf(t, {
    long: 'export const score = ({ design }) => design.length / 8',
    picky: 'export const score = ({ design }) => { if (design === "no") throw new Error("not that one"); return 1 }',
  }, { weight: 3 })
  const rating = await metrics.rate('both', [designs('x'.repeat(2), 'x'.repeat(4)), designs('x'.repeat(8), 'no')], signal)
  // The second of the last group has no score under one metric: the first speaks for the group.
  t.deepEqual(rating, { weight: 6, values: [(0.375 + 1) / 2, ((1 + 0.25) / 2 + 1) / 2] })
  t.is(warnings.length, 1)
  const none = await metrics.rate('one is not scored', [designs('xx'), designs('no')], signal)
  t.deepEqual(none, { weight: 3, values: [0.25, 0.25] })
  t.like(metrics.status()[1], { name: 'picky', scored: 4, failures: { METRIC_THREW: 2 }, lastFailure: { outcome: 'METRIC_THREW', reason: 'not that one' } })
})

test('a metric that hangs is asked once a rating and warned of once, and the others decide', async (t) => {
  const { metrics, warnings } = await metricsOf(t, {
    stuck: 'export const score = () => { for (;;); }',
    fine: 'export const score = () => 0.75',
  }, { timeoutMs: 2000 })
  t.deepEqual(await metrics.rate('deltas', [designs('a', 'b'), designs('c', 'd')], signal), { weight: 1, values: [0.75, 0.75] })
  t.is(warnings.length, 1)
  t.regex(warnings[0]!, /stuck: METRIC_TIMEOUT .*does not count/)
  t.deepEqual(metrics.status()[0]!.failures, { METRIC_TIMEOUT: 1 })
})

for (const [what, body, outcome] of [
  ['throws', 'throw new Error("no idea")', 'METRIC_THREW'],
  ['returns nonsense', 'return "good"', 'METRIC_INVALID_VALUE'],
  ['ends its process', 'process.exit(1)', 'METRIC_CRASHED'],
] as const) {
  test(`where the only metric ${what}, what is known otherwise decides`, async (t) => {
    const { metrics } = await metricsOf(t, { bad: `export const score = () => { ${body} }` })
    const adapters = new AdapterMetrics({ metrics, validation: examples, write: (_, specifications) => Promise.resolve(specifications.map(() => 'a design')), log: createLogger({ level: 'error' }) })
    t.deepEqual(await adapters.weigh('deltas', [Float32Array.of(1), Float32Array.of(2)], [0.25, 0.5], signal), [0.25, 0.5])
    t.is(metrics.status()[0]!.lastFailure!.outcome, outcome)
  })
}

test('an adapter that cannot write does not keep the others from being weighed', async (t) => {
  const { metrics } = await metricsOf(t, { fine: 'export const score = () => 1' })
  const warnings: string[] = []
  const adapters = new AdapterMetrics({ metrics, validation: examples, write: () => Promise.reject(new Error('disk full')), log: createLogger({ level: 'warn', write: (line) => warnings.push(line) }) })
  t.deepEqual(await adapters.weigh('deltas', [Float32Array.of(1)], [0.25], signal), [0.25])
  t.regex(warnings.join(), /disk full/)
})

test('a rating ends at once when the node stops, however long its metric would take', async (t) => {
  const { metrics } = await metricsOf(t, { stuck: 'export const score = () => new Promise(() => undefined)' }, { timeoutMs: 10_000_000 })
  const stop = new AbortController()
  const rating = metrics.rate('deltas', [designs('a')], stop.signal)
  stop.abort(new Error('the node stops'))
  await t.throwsAsync(rating, { message: 'the node stops' })
})

const examples = Array.from({ length: 6 }, (_, at): Example => ({ id: `example ${at}`, domain: 'verilog', source: '', grade: 1, ...pairOf(at) }))

test('a metric that prefers what one peer\'s delta makes the model write turns the own weights its way', async (t) => {
  const base = await readBase(tinyModel(folderFor(t)))
  const layout = adapterLayout(base.config, { rank: 2, alpha: 4, targets: ['q_proj', 'v_proj', 'down_proj'] })
  const worker = await openModelWorker(base.folder, layout, { threads: 1 })
  t.teardown(() => worker.close())
  const auditor = createAuditor({ worker, tokenizer: base.tokenizer, rows: 1, rowLength: 256 })
  const validation = measurable(examples, base.tokenizer, 256)
  const write = (values: Float32Array, specifications: readonly string[]) => writeMany({
    checkpoint: base.folder, threads: 1, maximumTokens: 24, adapter: { settings: layout.settings, values },
    prompts: specifications.map((specification) => [...encodePrompt(base.tokenizer, specification)]),
  })

  const deltas = [1, 2].map((seed) => {
    const random = createRandom(seed)
    const { bytes } = encodeDelta(Float32Array.from({ length: layout.length }, () => random() - 0.5), new Float32Array(layout.length))
    return { peer: `peer ${seed}`, content: String(seed).repeat(64), bytes }
  })
  const before = foundingState(new Float32Array(layout.length))
  const weightsWith = async (metrics?: AdapterMetrics): Promise<ReadonlyMap<string, number>> => {
    const ownMetric = ownMetricOf({ auditor, validation, log: createLogger({ level: 'error' }), ...metrics ? { metrics } : {} })
    return (await weighOwn({ ownMetric, length: layout.length, policy: DEFAULT_POLICY, signal }, before, deltas))!.weights
  }
  const written = await Promise.all(deltas.map(({ bytes }) => write(decodeDelta(bytes, layout.length), validation.map(({ specification }) => specification))))
  t.notDeepEqual(written[0], written[1])

  const alone = await weightsWith()
  for (const favourite of [0, 1]) {
    const { metrics } = await metricsOf(t, { taste: `const liked = new Set(${JSON.stringify(written[favourite])})\nexport const score = ({ design }) => liked.has(design) ? 0.55 : 0.5` })
    const weights = await weightsWith(new AdapterMetrics({ metrics, write, validation, log: createLogger({ level: 'error' }) }))
    const [name, otherName] = [deltas[favourite]!.peer, deltas[1 - favourite]!.peer]
    t.true(weights.get(name)! > alone.get(name)! && weights.get(otherName)! < alone.get(otherName)!, `${String([...weights])} against ${String([...alone])}`)
    t.is(metrics.status()[0]!.scored, 8)
  }
})

test('the user\'s metrics choose among designs that pass, and the answer says what they make of it', async (t) => {
  const base = await readBase(modelFolderOf())
  const request = generateSchema.parse({
    specification: 'Write an 8-bit adder named add8 with inputs a and b (8 bits each), carry input cin, output sum (8 bits) and carry output cout.',
    verify: true, samples: 5, temperature: 0.8, maximumTokens: 160, seed: 1, draft: 'none',
  })
  const answers = []
  for (const value of ['1 / design.length', '1 - 1 / design.length']) {
    const { metrics } = await metricsOf(t, { size: `export const score = ({ design }) => ${value}` })
    const service = new GenerationService({
      base, metrics, settings: { rank: 2, alpha: 4, targets: ['q_proj'] }, threads: 1, domain: 'verilog', checker: () => checker, adapters: () => ({}), precedents: [],
    })
    answers.push(await service.generate(request, { signal }))
    await service.close()
  }
  const [short, long] = answers
  t.true(short!.verdict!.outcome === 'pass' && long!.verdict!.outcome === 'pass')
  t.is(short!.candidates, long!.candidates)
  t.true(short!.design.length < long!.design.length)
  t.is(short!.score, 1 / short!.design.length)
  t.is(long!.score, 1 - 1 / long!.design.length)
})
