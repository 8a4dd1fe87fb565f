import { mergeAdapters } from '../../src/adapter/index.js'
import type { Auditor } from '../../src/audit/index.js'
import { choosePersonal } from '../../src/inference/index.js'
import type { Measures, PersonalCandidate, PersonalChoice } from '../../src/inference/index.js'
import type { Example } from '../../src/corpus/index.js'

import type { AdapterMetrics } from './adapter-metrics.js'
import { ownProbe, writingScore } from './own-probes.js'
import type { Workshop } from './workshop.js'

/** Learning rate of further training: a quarter of the campaign's, as in the trials. */
const FURTHER_RATE = 5e-4
/** Shares of the network's adapter in its mixtures with the local one. */
const MIXTURES = [0.25, 0.5, 0.75]

type ValidationScore = PersonalChoice['scores'][number]['score']

export interface PersonaliseOptions {
  readonly workshop: Pick<Workshop, 'layout' | 'learner'>
  readonly auditor: Auditor
  /** Own designs that nothing was trained on. */
  readonly validation: readonly Example[]
  /** Which of these designs an adapter writes so that they pass; dear, and undefined where it cannot be told. */
  readonly verify?: (adapter: Float32Array, onProgress: (checked: number, asked: number) => void) => Promise<readonly boolean[] | undefined>
  /** The user's own metrics, where there are any. */
  readonly metrics?: Pick<AdapterMetrics, 'weigh'>
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
  readonly signal: AbortSignal
  readonly onProgress?: (progress: PersonalProgress) => void
}

export interface PersonalProgress {
  readonly candidate: string
  readonly doing: 'training' | 'scoring' | 'writing'
  /** Steps trained, or designs written and checked, of `steps`; 0 of 0 while a candidate is only scored. */
  readonly step: number
  readonly steps: number
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
    const mixtures = MIXTURES.map((share) => ({
      name: `mixture ${share.toFixed(2)}`,
      adapter: mergeAdapters(workshop.layout, [{ adapter: network, weight: share }, { adapter: alone, weight: 1 - share }]),
    }))
    candidates.push(...mixtures)
  }
  if (furtherSteps > 0) {
    const { chosen } = await choosePersonal(candidates, { validate: measures.validate })
    // What the network has learnt of everybody's designs is where most can be added, also where something else is ahead before that.
    for (const { name, adapter } of new Set([chosen, candidates[0]!])) {
      signal.throwIfAborted()
      const further = `${name}, trained further`
      const learner = workshop.learner({ rate: FURTHER_RATE, rounds: 1, onProgress: ({ step, steps }) => onProgress?.({ candidate: further, doing: 'training', step, steps }) })
      candidates.push({ name: further, adapter: (await learner.train({ adapter, campaignRound: 0, steps: furtherSteps, signal })).adapter })
    }
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

/** Each adapter is measured once. */
function measuresOf({ auditor, validation, verify, metrics, signal, onProgress }: PersonaliseOptions, nameOf: (adapter: Float32Array) => string): Measures {
  const probes = validation.map((example) => ({ ...ownProbe(example), family: '' }))
  const known = new Map<Float32Array, { readonly score: ValidationScore, readonly writing: number }>()
  const validate = async (adapter: Float32Array): Promise<ValidationScore> => {
    const before = known.get(adapter)
    if (before) return before.score
    signal.throwIfAborted()
    onProgress?.({ candidate: nameOf(adapter), doing: 'scoring', step: 0, steps: 0 })
    const { exact, loss } = await auditor.score(adapter, probes, signal)
    const score = { exact: mean(exact), loss: mean(loss) }
    known.set(adapter, { score, writing: writingScore({ exact, loss }) })
    return score
  }
  if (probes.length === 0) return { validate }
  return {
    validate,
    ...verify
      ? {
          verify: (adapter) => {
            signal.throwIfAborted()
            return verify(adapter, (step, steps) => onProgress?.({ candidate: nameOf(adapter), doing: 'writing', step, steps }))
          },
        }
      : {},
    ...metrics
      ? {
          weigh: (finalists) => metrics.weigh(
            'the finalists for the personal model',
            finalists.map(({ adapter }) => adapter),
            finalists.map(({ adapter, score }) => score.passed ?? known.get(adapter)!.writing),
            signal,
          ),
        }
      : {},
  }
}

function mean(values: ArrayLike<number>): number {
  let sum = 0
  for (let i = 0; i < values.length; i++) sum += values[i]!
  return values.length === 0 ? 0 : sum / values.length
}
