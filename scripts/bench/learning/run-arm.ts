import { performance } from 'node:perf_hooks'

import { initialAdapter } from '../../../src/adapter/index.js'
import type { Checker } from '../../../src/quality/index.js'
import { encodePrompt } from '../../../src/training/index.js'
import { readBase } from '../../../node/daemon/base-model.js'
import { personalise } from '../../../node/daemon/personal.js'
import type { Personal } from '../../../node/daemon/personal.js'
import { VERIFIED_DESIGNS } from '../../../node/daemon/personaliser.js'
import { evaluate } from '../../../node/serving/evaluate.js'
import { writeMany } from '../../../node/serving/write-many.js'
import type { Arm } from './arms.js'
import { learnerOn, RECIPE } from './engine.js'
import type { Engine } from './engine.js'
import type { ArmModels } from './kept-models.js'
import { runNetwork } from './network-run.js'
import type { Pair, PeerData } from './peers.js'
import { heldOut, peersOf } from './peers.js'
import type { FamilySplit } from './figures.js'

/** Held-out specifications a family, and of a peer's own. */
export const ASKED = { family: 64, own: 200 } as const
const LONGEST_DESIGN_TOKENS = 448
/** Steps of further training of candidates for the personal model. */
const FURTHER_STEPS = 50

/** A specification, the reference that decides, and what a model wrote. */
export interface Answer {
  readonly family: string
  readonly domain: Pair['domain']
  readonly reference: string
  readonly design: string
}

/** What an arm leaves to be judged: answers by model, in the order of the arm's models. */
export interface ArmAnswers extends Omit<ArmModels, 'adapters'> {
  readonly models: readonly (readonly Answer[])[]
}

export interface ArmOptions {
  readonly engine: Engine
  readonly split: FamilySplit
  readonly threads: number
  /** Opened for personal arms alone: their choice asks it. */
  readonly checker: () => Checker
  readonly say: (text: string) => void
}

/**
 * An arm's models.
 *
 * @param network - the model that a personal arm begins with
 */
export async function trainArm(arm: Arm, { engine, split, threads, checker, say }: ArmOptions, network: () => Promise<Float32Array>): Promise<Omit<ArmModels, 'machine' | 'commit'>> {
  const begun = performance.now()
  const done = (rest: Pick<ArmModels, 'adapters' | 'chosen' | 'baseline' | 'scores' | 'rounds' | 'bytes'>): Omit<ArmModels, 'machine' | 'commit'> =>
    ({ arm, seconds: (performance.now() - begun) / 1000, ...rest })

  if (arm.kind === 'base') return done({ adapters: [] })
  const data = peersOf(arm.regime, arm.seed, split.evaluation, arm.damaged)
  if (arm.kind === 'centralised') return done({ adapters: [await trainAlone(engine, data, arm.seed, data.length)] })
  if (arm.kind === 'local') return done({ adapters: [await trainAlone(engine, [data[arm.peer!]!], arm.seed * 100 + arm.peer!)] })
  if (arm.kind === 'personal') {
    const shared = await network()
    const { chosen, baseline, scores, local } = await personalOf({ engine, threads, checker }, data[arm.peer!]!, shared, arm.seed * 100 + arm.peer!)
    return done({ adapters: [shared, local!, chosen.adapter], chosen: chosen.name, baseline: baseline!.name, scores })
  }
  const members = arm.kind === 'excluded' ? data.filter(({ damaged }) => !damaged) : data
  const run = await runNetwork(engine, members, {
    seed: arm.seed,
    weighted: arm.kind === 'network',
    onRound: (round, contributions) => say(`round ${round}: ${contributions.map(({ outcome, weight, score }) => `${outcome} ${weight.toFixed(3)}${score === undefined ? '' : ` at ${score.toFixed(3)}`}`).join(', ')}`),
  })
  return done({ adapters: [run.adapter], rounds: run.rounds, bytes: run.bytes })
}

/** Asks an arm's models; the answers are judged later, where the checkers are. */
export async function askArm({ adapters, ...models }: ArmModels, options: ArmOptions): Promise<ArmAnswers> {
  const { arm } = models
  const asked = heldOutFor(arm, options.split)
  const answers: Answer[][] = []
  for (const adapter of arm.kind === 'base' ? [undefined] : adapters) answers.push(await answersOf(options, adapter, asked))
  return { ...models, models: answers }
}

function heldOutFor(arm: Arm, { evaluation, retention }: FamilySplit): Pair[] {
  if (arm.kind === 'personal') return peersOf(arm.regime, arm.seed, evaluation, arm.damaged)[arm.peer!]!.drawHeldOut(ASKED.own, `${arm.seed}`)
  // Retention is a figure of the base and of the honest network alone.
  const isRetained = arm.kind === 'base' || (arm.kind === 'network' && arm.damaged === 0)
  return [...evaluation, ...isRetained ? retention : []].flatMap((family) => heldOut(family, ASKED.family, arm.seed))
}

/** The steps of one peer in the network, or of `share` peers, on these peers' data together. */
async function trainAlone(engine: Engine, data: readonly PeerData[], seed: number, share = 1): Promise<Float32Array> {
  const learner = learnerOn(engine, data, seed, RECIPE.rounds)
  let adapter = initialAdapter(engine.layout, seed)
  for (let campaignRound = 0; campaignRound < RECIPE.rounds; campaignRound++) {
    adapter = (await learner.train({ adapter, campaignRound, steps: RECIPE.steps * share })).adapter
  }
  return adapter
}

/** What the product does, on this peer's data. */
async function personalOf({ engine, threads, checker }: Pick<ArmOptions, 'engine' | 'threads' | 'checker'>, data: PeerData, network: Float32Array, seed: number): Promise<Personal> {
  const { layout, checkpoint } = engine
  const specifications = data.validation.slice(0, VERIFIED_DESIGNS)
  const base = await readBase(checkpoint.directory)
  const signal = new AbortController().signal
  return personalise({
    workshop: { layout, learner: ({ rounds = RECIPE.rounds, rate } = {}) => learnerOn(engine, [data], seed, rounds, rate) },
    auditor: engine.auditor,
    validation: data.validation.map((pair, at) => ({ ...pair, id: `${seed}-${at}`, source: '', grade: 1 })),
    verify: async (adapter) => {
      const { outcomes } = await evaluate({ specifications, maximumTokens: LONGEST_DESIGN_TOKENS }, { base, adapter, settings: layout.settings, threads, checker: checker(), signal })
      return outcomes.map((outcome) => outcome === 'pass')
    },
    network,
    initial: initialAdapter(layout, seed),
    local: { rounds: RECIPE.rounds, steps: RECIPE.steps },
    furtherSteps: FURTHER_STEPS,
    signal,
  })
}

async function answersOf({ engine, threads }: ArmOptions, adapter: Float32Array | undefined, pairs: readonly Pair[]): Promise<Answer[]> {
  const { checkpoint, layout } = engine
  // A small model gains little from a second thread: several writers of one thread each are nearly that many times as fast.
  const texts: string[] = []
  await Promise.all(Array.from({ length: threads }, async (_, writer) => {
    const mine = [...pairs.keys()].filter((at) => at % threads === writer)
    const written = await writeMany({
      checkpoint: checkpoint.directory,
      threads: 1,
      prompts: mine.map((at) => [...encodePrompt(checkpoint.tokenizer, pairs[at]!.specification)]),
      maximumTokens: LONGEST_DESIGN_TOKENS,
      ...adapter ? { adapter: { settings: layout.settings, values: adapter } } : {},
    })
    mine.forEach((at, i) => { texts[at] = written[i]! })
  }))
  return pairs.map(({ family, domain, design }, at) => ({ family, domain, reference: design, design: texts[at]! }))
}
