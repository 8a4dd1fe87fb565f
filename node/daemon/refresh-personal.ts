import { choosePersonal } from '../../src/inference/index.js'
import type { PersonalCandidate, PersonalChoice } from '../../src/inference/index.js'

import { measuresOf } from './personal-measures.js'
import type { KnownScore, MeasureOptions } from './personal-measures.js'
import { mixturesOf, trainedFurther } from './personal.js'
import type { TrainingPlan, Workshop } from './workshop.js'

/** After so many rounds candidates are written with and checked again, though their order is the same. */
const COMPARED_EVERY = 10

/** What the last written and checked comparison found. */
export interface Comparison {
  readonly round: number
  /** The candidate of the lowest loss, and the baseline of the lowest loss. */
  readonly leaders: readonly string[]
  readonly chosen: string
}

export interface RefreshOptions extends MeasureOptions {
  readonly workshop: Pick<Workshop, 'layout' | 'learner'>
  /** What computes the steps. */
  readonly worker: NonNullable<TrainingPlan['worker']>
  readonly round: number
  /** The shared adapter after that round. */
  readonly network: Float32Array
  /** The peer's own weighing of that round's deltas, where it has one. */
  readonly own?: Float32Array
  /** What the peer would have without the network, as it was trained last. */
  readonly local?: Float32Array
  /** The personal model so far. */
  readonly before?: Float32Array
  /** The shared adapter from which that was made, where it is known. */
  readonly beforeFrom?: Float32Array
  readonly compared?: Comparison
  /** Steps of further training, 0 for none. */
  readonly steps: number
  readonly known: WeakMap<Float32Array, KnownScore>
}

export interface Refreshed extends PersonalChoice {
  readonly compared: Comparison | undefined
}

/**
 * Chooses the personal model anew after a round, cheaply enough for every round: candidates are ordered by their loss on validation designs, and written with and
 * checked only where others lead than at the last comparison, or that was many rounds ago.
 *
 * @returns one after the other what is to be served: first by what is known soonest, then by the comparison, where there is one
 */
export async function* refreshPersonal(options: RefreshOptions): AsyncGenerator<Refreshed, void> {
  const { workshop, worker, round, validation, verify, metrics, compared, steps, known, signal, onProgress } = options
  const candidates = candidatesOf(options)
  const measures = measuresOf(options, (adapter) => candidates.find((candidate) => candidate.adapter === adapter)?.name ?? '', known)
  const { validate } = measures
  if (steps > 0 && validation.length > 0) {
    const { chosen } = await choosePersonal(candidates, { validate })
    for (const start of new Set([chosen, candidates[0]!])) candidates.push(await trainedFurther(workshop, start, { worker, steps, signal, onProgress, draw: round }))
  }
  const byLoss = await choosePersonal(candidates, { validate })
  const leaders = leadersOf(byLoss)
  const holds = compared !== undefined && round - compared.round < COMPARED_EVERY && String(leaders) === String(compared.leaders)
  const standing = holds ? candidates.find(({ name }) => name === compared.chosen) : undefined
  yield { ...byLoss, chosen: standing ?? byLoss.chosen, compared }
  if (standing !== undefined || validation.length === 0 || (verify === undefined && metrics === undefined)) return
  const choice = await choosePersonal(candidates, measures)
  const isCompared = choice.scores.some(({ score }) => score.passed !== undefined || score.own !== undefined)
  if (isCompared) yield { ...choice, compared: { round, leaders, chosen: choice.chosen.name } }
}

/** Who leads by loss. Places behind these change with chance, and seldom decide. */
export function leadersOf({ scores }: Pick<PersonalChoice, 'scores'>): string[] {
  const ordered = scores.toSorted((x, y) => x.score.loss - y.score.loss)
  return [ordered[0], ordered.find(({ name }) => name === 'network' || name === 'local')].flatMap((leader) => leader ? [leader.name] : [])
}

/** What can be had without training, each adapter once. */
function candidatesOf({ workshop: { layout }, network, own, local, before, beforeFrom }: RefreshOptions): PersonalCandidate[] {
  const candidates: PersonalCandidate[] = [{ name: 'network', adapter: network, isBaseline: true }]
  if (own) candidates.push({ name: 'own aggregate', adapter: own })
  if (local) candidates.push({ name: 'local', adapter: local, isBaseline: true }, ...mixturesOf(layout, network, local))
  if (before && before !== local) {
    candidates.push({ name: 'as it was', adapter: before })
    // What further training has changed, on top of what the network has learnt since.
    if (beforeFrom && before !== beforeFrom) candidates.push({ name: 'carried over', adapter: network.map((value, i) => value + before[i]! - beforeFrom[i]!) })
  }
  return candidates
}
