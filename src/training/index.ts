/**
 * Training: what a peer does with its own examples in a round.
 *
 * `encodeExample` turns a specification and a design into tokens, `packBatch` and its kin into rows, `createLearner` takes inner steps on an adapter with
 * AdamW, whose moments live on between rounds, `gradePairs` shows a peer which of its pairs do not belong together, and
 * `distilDraft` makes a small model that drafts for a large one.
 */
export type { BatchShape } from './batch-source.js'
export { distilDraft } from './distil/distil-draft.js'
export type { DistilOptions, DistilProgress, DistilText } from './distil/options.js'
export { TrainingError } from './errors.js'
export type { TrainingErrorCode } from './errors.js'
export { encodeExample, encodePrompt, packedLength } from './example.js'
export type { EncodedExample, Pair } from './example.js'
export { completionLosses, gradePairs, mismatchedPairs } from './grade-pairs.js'
export type { PairGrade, PairGrades } from './grade-pairs.js'
export { createLearner } from './learner.js'
export type { Learner, TrainInput, TrainResult } from './learner.js'
export type { LearnerOptions, Progress } from './learner-options.js'
export { planBatch } from './memory.js'
export type { BatchPlan, MemoryQuestion } from './memory.js'
export { adamStep, DEFAULT_ADAM_OPTIONS, freshMoments } from './optimiser.js'
export type { AdamOptions, Moments } from './optimiser.js'
export { packBatch, packBatches, packRows } from './packing.js'
export type { Packing, Placement } from './packing.js'
export { DEFAULT_SCHEDULE, learningRate } from './schedule.js'
export type { Moment, Schedule } from './schedule.js'
export type { OptimiserState } from './state.js'
