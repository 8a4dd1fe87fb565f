import { mergeAdapters } from '../../src/adapter/index.js'
import { choosePersonal } from '../../src/inference/index.js'
import type { PersonalCandidate, PersonalChoice } from '../../src/inference/index.js'
import type { AdapterLayout } from '../../src/model/index.js'

import { measuresOf } from './personal-measures.js'
import type { MeasureOptions, PersonalProgress } from './personal-measures.js'
import type { TrainingPlan, Workshop } from './workshop.js'

/** Learning rate of further training: a quarter of the campaign's, as in the trials. */
const FURTHER_RATE = 5e-4
/** Shares of the network's adapter in its mixtures with the local one. */
const MIXTURES = [0.25, 0.5, 0.75]

export interface PersonaliseOptions extends MeasureOptions {
  readonly workshop: Pick<Workshop, 'layout' | 'learner'>
  /** The shared adapter. */
  readonly network: Float32Array
  /** The peer's own weighing of the last round's deltas, where it has one. */
  readonly own?: Float32Array
  /** Where the network started. */
  readonly initial: Float32Array
  /** Rounds and steps that a peer alone trains for; none leaves the local candidate and its mixtures out. */
  readonly local: { readonly rounds: number, readonly steps: number } | undefined
  /** Steps of further training, 0 for none. */
  readonly furtherSteps: number
}

export interface Personal extends PersonalChoice {
  /** The local-only adapter, where one was trained. */
  readonly local: Float32Array | undefined
}

/**
 * Makes candidates for the model that only this peer uses, and chooses on its private validation designs: the network's adapter, the own aggregate,
 * what the peer would have without the network, mixtures of both, and the best of these and the network's trained further on own designs. None of it leaves.
 */
export async function personalise(options: PersonaliseOptions): Promise<Personal> {
  const { workshop, network, own, local, furtherSteps, signal, onProgress } = options
  const candidates: PersonalCandidate[] = [{ name: 'network', adapter: network, isBaseline: true }]
  const measures = measuresOf(options, (adapter) => candidates.find((candidate) => candidate.adapter === adapter)?.name ?? '')
  if (own) candidates.push({ name: 'own aggregate', adapter: own })

  const alone = local && await trainAlone(options, local)
  if (alone) {
    candidates.push({ name: 'local', adapter: alone, isBaseline: true })
    candidates.push(...mixturesOf(workshop.layout, network, alone))
  }
  if (furtherSteps > 0) {
    const { chosen } = await choosePersonal(candidates, { validate: measures.validate })
    // What the network has learnt of everybody's designs is where most can be added, also where something else is ahead before that.
    for (const start of new Set([chosen, candidates[0]!])) candidates.push(await trainedFurther(workshop, start, { steps: furtherSteps, signal, onProgress }))
  }
  return { ...await choosePersonal(candidates, measures), local: alone }
}

/** What the peer would have without the network: the same steps from the same start. */
async function trainAlone({ workshop, initial, signal, onProgress }: PersonaliseOptions, { rounds, steps }: { rounds: number, steps: number }): Promise<Float32Array> {
  const learner = workshop.learner({ onProgress: ({ campaignRound, step }) => onProgress?.({ candidate: 'local', doing: 'training', step: campaignRound * steps + step, steps: rounds * steps }) })
  let adapter = initial
  for (let campaignRound = 0; campaignRound < rounds; campaignRound++) {
    adapter = (await learner.train({ adapter, campaignRound, steps, signal })).adapter
  }
  return adapter
}

/** Between the network's adapter and the local one. */
export function mixturesOf(layout: AdapterLayout, network: Float32Array, local: Float32Array): PersonalCandidate[] {
  return MIXTURES.map((share) => ({
    name: `mixture ${share.toFixed(2)}`,
    adapter: mergeAdapters(layout, [{ adapter: network, weight: share }, { adapter: local, weight: 1 - share }]),
  }))
}

export interface FurtherOptions extends Pick<TrainingPlan, 'worker' | 'draw'> {
  readonly steps: number
  readonly signal: AbortSignal
  readonly onProgress: ((progress: PersonalProgress) => void) | undefined
}

/** A candidate after some steps on own designs. */
export async function trainedFurther(workshop: Pick<Workshop, 'learner'>, { name, adapter }: PersonalCandidate, { steps, signal, onProgress, ...plan }: FurtherOptions): Promise<PersonalCandidate> {
  signal.throwIfAborted()
  const further = `${name}, trained further`
  const learner = workshop.learner({ ...plan, rate: FURTHER_RATE, rounds: 1, onProgress: ({ step, steps: all }) => onProgress?.({ candidate: further, doing: 'training', step, steps: all }) })
  return { name: further, adapter: (await learner.train({ adapter, campaignRound: 0, steps, signal })).adapter }
}
