/**
 * bench:trueput: how much faster drafts make a peer's own model, and how many verified designs a second its whole stack makes beside the base.
 *
 *   node dist/scripts/bench/trueput.js [--json]                 all figures; trains the models first where build/learning has none
 *   node dist/scripts/bench/trueput.js --parts speculation      some of: speculation, worst, verilog, quantum, core
 *   node dist/scripts/bench/trueput.js --specifications 40      a small run
 *   node dist/scripts/bench/trueput.js --keep                   write docs/benchmarks/trueput.json
 */
import path from 'node:path'
import { performance } from 'node:perf_hooks'

import { findPackageRoot } from '../../src/config/index.js'
import { openGenerator, Strategy, trueput } from '../../src/inference/index.js'
import type { Generator, Served, Trueput } from '../../src/inference/index.js'
import { adapterLayout, loadCheckpoint, TARGETS } from '../../src/model/index.js'
import type { Tokenizer } from '../../src/model/index.js'
import { openChecker } from '../../src/quality/index.js'
import type { Checker } from '../../src/quality/index.js'
import { createRandom } from '../../src/telemetry/index.js'
import { encodePrompt } from '../../src/training/index.js'
import { calledWith } from '../command/command.js'
import { flag, someOf, text, whole } from '../command/kinds.js'
import { RECIPE } from './learning/engine.js'
import { heldOutOf, peersOf } from './learning/peers.js'
import type { Pair, PeerData } from './learning/peers.js'
import { readSplit } from './learning/split.js'
import { benchmarkReport, keepReport, mean, say, withKeptParts } from './report.js'
import { compareOnCore } from './trueput/core.js'
import { modelsOf } from './trueput/models.js'
import { precedentOf } from './trueput/precedent.js'
import { compareDrafts, countsOf, fastest, hot, threadsToTry, writeEachWay } from './trueput/speculation.js'
import type { Generators } from './trueput/speculation.js'
import { answer } from './trueput/stacks.js'
import type { Stack } from './trueput/stacks.js'

const PARTS = ['speculation', 'worst', 'verilog', 'quantum', 'core'] as const
/** The peer whose models are served. */
const PEER = 0
const SEED = 1
const PROMPTS = 120
const RANDOM_PROMPTS = 50
const RANDOM_PROMPT_TOKENS = 64
const RANDOM_TOKENS = 256
const LONGEST_DESIGN_TOKENS = 448
/** Of the specifications, those that each stack with one part left out answers. */
const LEFT_OUT_SHARE = 0.3

const options = calledWith({
  call: 'npm run bench:trueput --',
  about: 'How much faster drafts make a peer\'s own model, and how many verified designs a second its whole stack makes beside the base.',
  options: {
    parts: someOf(PARTS, 'what is measured'),
    specifications: whole('specifications that each stack answers', 200, 1),
    prompts: whole('prompts that drafts are measured with', PROMPTS, 1),
    threads: whole('threads of the model', 2, 1),
    folder: text('folder', 'where the models of bench:learning lie; they are trained where there are none', 'build/learning'),
    model: text('folder', 'the base model', path.join(findPackageRoot(), 'models', 'embedded')),
    keep: flag('write docs/benchmarks/trueput.json; parts that are not measured stay as they are there'),
    json: flag('print the report as a line of JSON'),
  },
  examples: ['--parts speculation', '--specifications 40'],
})
const { specifications, threads } = options
const parts: ReadonlySet<(typeof PARTS)[number]> = new Set(options.parts)

const checkers: Checker[] = []
const newChecker = (): Checker => {
  const checker = openChecker({ workers: 1, timeoutMs: 10_000 })
  checkers.push(checker)
  return checker
}

const results: Record<string, number> = {}
const details: Record<string, unknown> = { threads }
if (parts.has('core')) await measureCore()
if ([...parts].some((part) => part !== 'core')) await measureHouse()
for (const checker of checkers) await checker.close()

for (const [name, value] of Object.entries(results)) say(`${name.padEnd(40)} ${value.toFixed(3)}`)
const report = benchmarkReport('trueput', results, details)
if (options.keep) await keepReport(parts.size === PARTS.length ? report : await withKeptParts(report, [...parts]))
if (options.json) console.log(JSON.stringify(report))

/** A peer of a network that the embedded base learns in. */
async function measureHouse(): Promise<void> {
  const split = await readSplit(options.model)
  const { network, personal, chosen } = await modelsOf(PEER, { model: options.model, folder: options.folder, split, threads, checker: newChecker })
  const { tokenizer, config } = await loadCheckpoint(options.model)
  const { settings } = adapterLayout(config, { rank: RECIPE.rank, alpha: RECIPE.alpha, targets: TARGETS })
  const own = peersOf('overlap', SEED, split.evaluation, 0)[PEER]!
  const generators = new Map<number, Generator>()
  for (const one of threadsToTry(threads)) {
    const generator = await openGenerator({ checkpoint: options.model, quantization: 'q8', threads: one, maximumLength: config.maximumPositions })
    generators.set(one, generator)
    await generator.useCorpus(own.training.map((pair) => precedentOf(tokenizer, pair)))
    await generator.load('network', { settings, values: network })
    await generator.load('personal', { settings, values: personal })
  }
  Object.assign(details, { peer: PEER, chosen, families: own.families })
  const house = { generators, generator: generators.get(threads)!, tokenizer }
  if (parts.has('speculation')) await measureSpeculation(house, own)
  if (parts.has('worst')) await measureWorst(house, config.vocabularySize)
  if (parts.has('verilog')) await measureTrueput('verilog', split.evaluation.filter((name) => !split.quantum.includes(name)), house)
  if (parts.has('quantum')) await measureTrueput('quantum', split.quantum, house)
  for (const generator of generators.values()) await generator.close()
}

/** Greedy designs of the peer's own held-out kinds, plain and with drafts, in turns; each with the threads that it is fastest with. */
async function measureSpeculation({ generators, tokenizer }: House, own: PeerData): Promise<void> {
  const pairs = own.drawHeldOut(options.prompts, `${SEED} speculation`)
  const prompts = pairs.map(({ specification }) => [...encodePrompt(tokenizer, specification)])
  const { speedup, lookupSpeedup, acceptanceGain, acceptanceLength, counts, ways } = await compareDrafts(generators, prompts, {
    adapter: 'personal', maximumTokens: () => LONGEST_DESIGN_TOKENS, onProgress: (done) => { if (done % 20 === 0) say(`speculation: ${done} of ${prompts.length}`) },
  })
  Object.assign(results, { spec_speedup: speedup, spec_speedup_lookup: lookupSpeedup, personal_acceptance_gain: acceptanceGain, acceptance_length: acceptanceLength })
  details['speculation'] = { prompts: prompts.length, ...counts, ways }
}

async function measureCore(): Promise<void> {
  const { speedup, lookupSpeedup, acceptanceGain, acceptanceLength, acceptanceLengthOnTruth, details: core } = await compareOnCore(newChecker(), options.prompts, threads)
  Object.assign(results, {
    spec_speedup_135m: speedup, spec_speedup_135m_lookup: lookupSpeedup, personal_acceptance_gain_135m: acceptanceGain,
    acceptance_length_135m: acceptanceLength, acceptance_length_135m_true_text: acceptanceLengthOnTruth,
  })
  details['core'] = core
}

async function measureWorst({ generators }: House, vocabulary: number): Promise<void> {
  const random = createRandom(SEED)
  const prompts = Array.from({ length: RANDOM_PROMPTS }, () => Array.from({ length: RANDOM_PROMPT_TOKENS }, () => Math.floor(random() * vocabulary)))
  const ways = await writeEachWay(generators, prompts, ['none', 'personal'], { adapter: 'personal', maximumTokens: () => RANDOM_TOKENS, sampling: hot(SEED) })
  const [none, whole] = [fastest(ways, 'none'), fastest(ways, 'personal')]
  results['spec_worst'] = none.seconds / whole.seconds
  details['worst'] = { prompts: prompts.length, none: countsOf(none), personal: countsOf(whole), ways: ways.map(countsOf) }
}

/** A model that runs, with its adapters and a house's drafts. */
interface House {
  readonly generator: Generator
  /** The same, with one thread and with as many as were asked for. */
  readonly generators: Generators
  readonly tokenizer: Tokenizer
}

interface Judged {
  readonly family: string
  readonly passed: boolean
  readonly served: Served
  readonly designs: number
}

/** The whole stack beside the base, and the whole stack without each of its parts. */
async function measureTrueput(name: string, names: readonly string[], house: House): Promise<void> {
  const pairs = heldOutOf(PEER, names, specifications, SEED)
  const few = pairs.slice(0, Math.ceil(LEFT_OUT_SHARE * pairs.length))
  const strategy = (): Strategy => new Strategy(createRandom(SEED))
  const whole: Omit<Stack, 'strategy'> = { name: 'personal', adapter: 'personal', draft: 'personal', temperature: 0 }
  const base: Stack = { name: 'base', draft: 'none', temperature: 0.8, strategy: undefined, earlyStop: false }
  const learnt = strategy()
  const stacks: { readonly stack: Stack, readonly pairs: readonly Pair[] }[] = [
    { stack: base, pairs },
    { stack: { ...whole, strategy: learnt }, pairs },
    { stack: { name: 'without the adapter', draft: 'personal', temperature: 0, strategy: strategy() }, pairs: few },
    { stack: { ...whole, name: 'with the network\'s adapter', adapter: 'network', strategy: strategy() }, pairs: few },
    { stack: { ...whole, name: 'without drafts', draft: 'none', strategy: strategy() }, pairs: few },
    { stack: { ...whole, name: 'without a strategy', strategy: undefined }, pairs: few },
    { stack: { ...whole, name: 'with early stop', earlyStop: true, strategy: strategy() }, pairs: few },
  ]
  const judged = new Map(stacks.map(({ stack }) => [stack.name, [] as Judged[]]))
  const judges = new Map(stacks.map(({ stack }) => [stack.name, { own: newChecker(), reference: newChecker() }]))
  for (const [at, pair] of pairs.entries()) {
    for (const { stack, pairs: asked } of stacks.map((_, i) => stacks[(i + at) % stacks.length]!)) {
      if (at < asked.length) judged.get(stack.name)!.push(await judge(house, stack, pair, at, judges.get(stack.name)!))
    }
    if ((at + 1) % 20 === 0) say(`${name}: ${at + 1} of ${pairs.length}; base ${judged.get('base')!.filter(({ passed }) => passed).length}, personal ${judged.get('personal')!.filter(({ passed }) => passed).length} passed`)
  }
  const figures = new Map([...judged].map(([stack, all]) => [stack, trueput(all.map(({ served }) => served))]))
  const rate = (stack: string): number => figures.get(stack)!.verifiedPerSecond
  results[`trueput_${name}`] = rate('personal') / rate('base')
  results[`trueput_${name}_pass_base`] = meanOverFamilies(judged.get('base')!)
  results[`trueput_${name}_pass_personal`] = meanOverFamilies(judged.get('personal')!)
  results[`trueput_${name}_tokens_per_s_factor`] = figures.get('personal')!.tokensPerSecond / figures.get('base')!.tokensPerSecond
  results[`trueput_${name}_without_checking_time`] = unchecked(judged.get('personal')!) / unchecked(judged.get('base')!)
  const first = trueput(judged.get('personal')!.slice(0, few.length).map(({ served }) => served)).verifiedPerSecond
  for (const { stack } of stacks.slice(2)) results[`trueput_${name}_share_of_${stack.name.replace(/[^a-z]+/g, '_')}`] = first / rate(stack.name)
  const classes = [...new Set(Object.keys(learnt.state.tasks))]
  details[name] = { families: names, figures: Object.fromEntries(figures), strategy: Object.fromEntries(classes.map((one) => [one, learnt.explain(one)])), designs: mean(judged.get('personal')!.map(({ designs }) => designs)) }
  for (const [stack, figure] of figures) say(`${name}, ${stack}: ${line(figure)}`)
}

/** The reference decides afterwards, and its time counts on both sides. */
async function judge(house: House, stack: Stack, pair: Pair, seed: number, { own: ownChecker, reference }: { readonly own: Checker, readonly reference: Checker }): Promise<Judged> {
  const given = await answer({ ...house, checker: ownChecker }, stack, pair, seed)
  const begun = performance.now()
  const { outcome } = await reference.equivalence(pair.domain, pair.design, given.design)
  const deciding = performance.now() - begun
  const passed = outcome === 'pass'
  return {
    family: pair.family, passed, designs: given.designs,
    served: {
      passed, tokens: given.tokens, targetCalls: given.targetCalls,
      generationMilliseconds: given.milliseconds, checkMilliseconds: given.checkMilliseconds + deciding, wallMilliseconds: given.milliseconds + deciding,
    },
  }
}

function meanOverFamilies(judged: readonly Judged[]): number {
  const names = [...new Set(judged.map(({ family }) => family))]
  return mean(names.map((name) => {
    const of = judged.filter(({ family }) => family === name)
    return of.filter(({ passed }) => passed).length / of.length
  }))
}

/** Passes a second of generation alone. */
function unchecked(judged: readonly Judged[]): number {
  return 1000 * judged.filter(({ passed }) => passed).length / judged.reduce((sum, { served }) => sum + served.generationMilliseconds, 0)
}

function line({ specifications: asked, passed, verifiedPerSecond, tokensPerSecond, acceptanceLength, checkShare }: Trueput): string {
  return `${passed} of ${asked} passed, ${verifiedPerSecond.toFixed(3)} verified designs/s, ${tokensPerSecond.toFixed(0)} tokens/s, ${acceptanceLength.toFixed(2)} tokens a call, ${(100 * checkShare).toFixed(0)} % of the time checking`
}
