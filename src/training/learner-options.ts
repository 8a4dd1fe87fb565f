import type { AdapterLayout, ModelWorker } from '../model/index.js'
import type { BatchShape } from './batch-source.js'
import { TrainingError } from './errors.js'
import type { EncodedExample } from './example.js'
import type { AdamOptions } from './optimiser.js'
import type { Schedule } from './schedule.js'

export interface Progress {
  readonly campaignRound: number
  /** Steps done, from 1, of `steps`. */
  readonly step: number
  readonly steps: number
  /** Mean loss a completion token, in nats. Not finite where the step was skipped. */
  readonly loss: number
  /** Before clipping. */
  readonly gradientNorm: number
  readonly rate: number
  /** Tokens of the step, prompts included and padding not. */
  readonly tokens: number
  /** Whether the step was left out because its loss or gradient was not finite. */
  readonly skipped: boolean
}

export interface LearnerOptions {
  readonly worker: ModelWorker
  readonly layout: AdapterLayout
  /** The peer's own examples. Those that fit no row are dropped and counted. */
  readonly examples: readonly EncodedExample[]
  /** Public examples to mix in. */
  readonly replay: readonly EncodedExample[]
  /** Share of public examples, in [0, 1). Default 0.25: with none, a few hundred steps wipe out what the base knows. */
  readonly replayShare?: number
  /** One micro-batch. Default 4 rows of 128 tokens. */
  readonly batch?: BatchShape
  /** Micro-batches whose gradients make one step. Default 1. */
  readonly microBatches?: number
  /** Default DEFAULT_SCHEDULE. */
  readonly schedule?: Partial<Schedule>
  /** Default DEFAULT_ADAM_OPTIONS. */
  readonly optimiser?: Partial<AdamOptions>
  /** Largest norm of a step's gradient; longer ones are scaled down. Default 1. */
  readonly clipNorm?: number
  /** Share of a LoRA layer's inputs that are dropped, in [0, 1). Default 0. */
  readonly dropout?: number
  /** Steps in a row that may be skipped because their loss or gradient is not finite. Default 2; one more ends the round. */
  readonly maximumSkipped?: number
  /** Decides the order of examples and what is dropped. A 32-bit integer, other for every peer. */
  readonly seed: number
  readonly onProgress?: (progress: Progress) => void
}

/** @throws TrainingError TRAINING_OPTIONS */
export function checkLearnerOptions({ replayShare = 0, batch, microBatches = 1, clipNorm = 1, maximumSkipped = 0, dropout = 0, seed }: LearnerOptions): void {
  check('replayShare', replayShare, 'from 0 to below 1', replayShare >= 0 && replayShare < 1)
  check('dropout', dropout, 'from 0 to below 1', dropout >= 0 && dropout < 1)
  check('clipNorm', clipNorm, 'above 0', clipNorm > 0)
  check('microBatches', microBatches, 'a whole number from 1', Number.isSafeInteger(microBatches) && microBatches >= 1)
  check('maximumSkipped', maximumSkipped, 'a whole number from 0', Number.isSafeInteger(maximumSkipped) && maximumSkipped >= 0)
  check('seed', seed, 'a whole number below 2^32', Number.isSafeInteger(seed) && Math.abs(seed) < 2 ** 32)
  if (batch === undefined) return
  check('batch.rows', batch.rows, 'a whole number from 1', Number.isSafeInteger(batch.rows) && batch.rows >= 1)
  check('batch.rowLength', batch.rowLength, 'a whole number from 2', Number.isSafeInteger(batch.rowLength) && batch.rowLength >= 2)
}

function check(name: string, value: number, wanted: string, valid: boolean): void {
  if (!valid) throw new TrainingError('TRAINING_OPTIONS', `${name} is ${value}: it must be ${wanted}`)
}
