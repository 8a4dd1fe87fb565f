import { performance } from 'node:perf_hooks'

import { initialAdapter } from '../../../src/adapter/index.js'
import { encodePrompt } from '../../../src/training/index.js'
import { personalise } from '../../../node/daemon/personal.js'
import type { Personal } from '../../../node/daemon/personal.js'
import { writeMany } from '../../../node/serving/write-many.js'
import type { Arm } from './arms.js'
import { learnerOn, RECIPE } from './engine.js'
import type { Engine } from './engine.js'
import type { NetworkRun } from './network-run.js'
import { runNetwork } from './network-run.js'
import type { Pair, PeerData } from './peers.js'
import { heldOut, ownHeldOut, peersOf } from './peers.js'
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
export interface ArmAnswers {
  readonly arm: Arm
  readonly machine: string
  readonly commit: string
  readonly seconds: number
  readonly models: readonly (readonly Answer[])[]
  readonly personal?: readonly { readonly peer: number, readonly chosen: string, readonly network: readonly Answer[], readonly local: readonly Answer[], readonly personal: readonly Answer[] }[]
  readonly rounds?: NetworkRun['rounds']
  readonly bytes?: NetworkRun['bytes']
}

export interface ArmOptions {
  readonly engine: Engine
  readonly split: FamilySplit
  readonly threads: number
  /** Whether the network arm without damage also makes each peer's personal model. */
  readonly personal: boolean
  readonly say: (text: string) => void
}

/** Trains and asks; the answers are judged later, where the checkers are. */
export async function runArm(arm: Arm, options: ArmOptions): Promise<Omit<ArmAnswers, 'machine' | 'commit'>> {
  const begun = performance.now()
  const { engine, split, say } = options
  const data = peersOf(arm.regime, arm.seed, split.evaluation, arm.damaged)
  // Retention is a figure of the base and of the honest network alone.
  const retention = arm.kind === 'base' || (arm.kind === 'network' && arm.damaged === 0) ? split.retention : []
  const asked = [...split.evaluation, ...retention].flatMap((family) => heldOut(family, ASKED.family, arm.seed))
  const ask = (adapter: Float32Array | undefined, pairs: readonly Pair[] = asked): Promise<Answer[]> => answersOf(options, adapter, pairs)
  const done = (rest: Pick<ArmAnswers, 'models' | 'personal' | 'rounds' | 'bytes'>): Omit<ArmAnswers, 'machine' | 'commit'> =>
    ({ arm, seconds: (performance.now() - begun) / 1000, ...rest })

  if (arm.kind === 'base') return done({ models: [await ask(undefined)] })
  if (arm.kind === 'centralised') return done({ models: [await ask(await trainAlone(engine, data, arm.seed, data.length))] })
  if (arm.kind === 'local') {
    const models: Answer[][] = []
    for (const [peer, one] of data.entries()) models.push(await ask(await trainAlone(engine, [one], arm.seed * 100 + peer)))
    return done({ models })
  }
  const members = arm.kind === 'excluded' ? data.filter(({ damaged }) => !damaged) : data
  const run = await runNetwork(engine, members, {
    seed: arm.seed,
    weighted: arm.kind === 'network',
    onRound: (round, contributions) => say(`round ${round}: ${contributions.map(({ outcome, weight, score }) => `${outcome} ${weight.toFixed(3)}${score === undefined ? '' : ` at ${score.toFixed(3)}`}`).join(', ')}`),
  })
  say(`trained in ${((performance.now() - begun) / 1000).toFixed(0)} s`)
  const models = [await ask(run.adapter)]
  if (!options.personal || arm.kind !== 'network' || arm.damaged > 0) return done({ models, rounds: run.rounds, bytes: run.bytes })

  const personal: NonNullable<ArmAnswers['personal']>[number][] = []
  for (const [peer, one] of data.entries()) {
    const { chosen, local } = await personalOf(engine, one, run.adapter, arm.seed * 100 + peer)
    const own = ownHeldOut(one, ASKED.own, `${arm.seed}`)
    personal.push({ peer, chosen: chosen.name, network: await ask(run.adapter, own), local: await ask(local, own), personal: await ask(chosen.adapter, own) })
    say(`peer ${peer}: ${chosen.name}`)
  }
  return done({ models, personal, rounds: run.rounds, bytes: run.bytes })
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
async function personalOf(engine: Engine, data: PeerData, network: Float32Array, seed: number): Promise<Personal> {
  return personalise({
    workshop: { layout: engine.layout, learner: ({ rounds = RECIPE.rounds, rate } = {}) => learnerOn(engine, [data], seed, rounds, rate) },
    auditor: engine.auditor,
    validation: data.validation.map((pair, at) => ({ ...pair, id: `${seed}-${at}`, source: '', grade: 1 })),
    network,
    initial: initialAdapter(engine.layout, seed),
    local: { rounds: RECIPE.rounds, steps: RECIPE.steps },
    furtherSteps: FURTHER_STEPS,
    signal: new AbortController().signal,
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
