import type { Policy } from '../../src/config/index.js'
import type { Precedent } from '../../src/inference/index.js'
import type { AdapterLayout, ModelWorker } from '../../src/model/index.js'
import { createLearner, encodeExample, packedLength } from '../../src/training/index.js'
import type { EncodedExample, Learner, Pair, Progress } from '../../src/training/index.js'
import type { Logger } from '../../src/telemetry/index.js'

import type { BaseInfo } from './base-model.js'

export interface WorkshopOptions {
  readonly base: BaseInfo
  readonly layout: AdapterLayout
  readonly policy: Policy
  readonly worker: ModelWorker
  /** Own designs to train on. */
  readonly designs: readonly Pair[]
  /** Public ones to mix in. */
  readonly replay: readonly Pair[]
  /** Decides the order of examples; other for every peer. */
  readonly seed: number
  readonly log: Logger
}

/** How one training differs from the network's. */
export interface TrainingPlan {
  /** The highest learning rate; default the policy's. */
  readonly rate?: number
  /** Rounds over which it falls; default the policy's campaign. */
  readonly rounds?: number
  readonly onProgress?: (progress: Progress) => void
  /** Which examples come first; default those that come first in rounds. */
  readonly draw?: number
  /** What computes the steps; default the workshop's own. */
  readonly worker?: ModelWorker
}

/** What a node trains with: its encoded designs, public ones beside them, and the model's thread. Learners made here take the policy's recipe. */
export interface Workshop {
  readonly worker: ModelWorker
  readonly layout: AdapterLayout
  /** The own designs as token ids, for the draft. */
  readonly precedents: readonly Precedent[]
  /** How many own designs fit a row. */
  readonly usable: number
  learner(plan?: TrainingPlan): Learner
}

/** @throws TrainingError TRAINING_NO_EXAMPLES, TRAINING_NO_REPLAY when a learner is made */
export function openWorkshop({ base, layout, policy, worker, designs, replay, seed, log }: WorkshopOptions): Workshop {
  const { rate, warmup, replayShare, weightDecay, clipNorm, rows, rowLength } = policy.learning
  const own = encodeAll(designs, base, log)
  const shared = encodeAll(replay, base, log)
  const fits = (example: EncodedExample): boolean => packedLength(example) <= rowLength
  const usable = own.filter(fits).length
  if (usable < own.length) log.info('designs longer than a training row are left out of training', { longer: own.length - usable, tokens: rowLength })
  return {
    worker,
    layout,
    usable,
    precedents: own.map(({ prompt, completion }) => ({ prompt: [...prompt], design: [...completion] })),
    learner: (plan = {}) => createLearner({
      layout, replayShare, clipNorm,
      seed: (seed + (plan.draw ?? 0)) | 0,
      worker: plan.worker ?? worker,
      examples: own,
      replay: shared.filter(fits),
      batch: { rows, rowLength },
      optimiser: { weightDecay },
      schedule: {
        rate: plan.rate ?? rate,
        campaignRounds: plan.rounds ?? policy.campaignRounds,
        warmupSteps: plan.rounds === undefined ? warmup * policy.roundSteps.target : 3,
      },
      ...plan.onProgress ? { onProgress: plan.onProgress } : {},
    }),
  }
}

/** A pair that cannot be encoded, such as one with an end token in its text, is left out. */
function encodeAll(pairs: readonly Pair[], { tokenizer }: BaseInfo, log: Logger): EncodedExample[] {
  return pairs.flatMap((pair) => {
    try {
      return [encodeExample(tokenizer, pair)]
    } catch (error) {
      log.warn('a design cannot be trained on and is left out', { error })
      return []
    }
  })
}
