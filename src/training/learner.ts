import { accumulateSteps } from './accumulate.js'
import { BatchSource } from './batch-source.js'
import { TrainingError } from './errors.js'
import { packedLength } from './example.js'
import type { EncodedExample } from './example.js'
import { checkLearnerOptions } from './learner-options.js'
import type { LearnerOptions, Progress } from './learner-options.js'
import { adamStep, DEFAULT_ADAM_OPTIONS, freshMoments, vectorNorm } from './optimiser.js'
import type { Moments } from './optimiser.js'
import { DEFAULT_SCHEDULE, learningRate } from './schedule.js'
import { decodeState, encodeState } from './state.js'
import type { OptimiserState } from './state.js'

export interface TrainInput {
  /** Where the round starts: the attested shared adapter. It is not changed. */
  readonly adapter: Float32Array
  /** From 0; decides the learning rate. */
  readonly campaignRound: number
  /** Inner steps, 1 or more. */
  readonly steps: number
  readonly signal?: AbortSignal
}

export interface TrainResult {
  readonly adapter: Float32Array
  /** Tokens trained on, prompts included and padding not: what a manifest declares. */
  readonly tokens: number
  /** Tokens whose prediction was learnt. */
  readonly completionTokens: number
  /** Mean loss a completion token, in nats, of the first and the last step that counted. */
  readonly lossFirst: number
  readonly lossLast: number
  /** Steps left out because their loss or gradient was not finite. */
  readonly skipped: number
}

/** Trains an adapter for a round at a time and keeps its optimiser's moments between rounds. */
export interface Learner {
  /** Examples that fit no row. */
  readonly dropped: { readonly own: number, readonly replay: number }
  /**
   * One round of inner steps. A round that fails or is aborted leaves the learner as it was before.
   *
   * @throws TrainingError TRAINING_ABORTED, TRAINING_DIVERGED, TRAINING_ADAPTER, TRAINING_OPTIONS (also while another round is under way)
   * @throws ModelError as the worker does
   */
  train(input: TrainInput): Promise<TrainResult>
  /** Moments and place among the examples, for `restore` after a restart. */
  state(): OptimiserState
  /** @throws TrainingError TRAINING_STATE_INVALID */
  restore(state: OptimiserState): void
  /** Forgets the moments, at the start of a campaign. */
  resetMoments(): void
}

/**
 * @throws TrainingError TRAINING_OPTIONS, TRAINING_NO_EXAMPLES, TRAINING_NO_REPLAY
 */
export function createLearner(options: LearnerOptions): Learner {
  checkLearnerOptions(options)
  const { worker, layout, seed, onProgress, replayShare = 0.25, batch = { rows: 4, rowLength: 128 }, microBatches = 1, clipNorm = 1, dropout = 0, maximumSkipped = 2 } = options
  const schedule = { ...DEFAULT_SCHEDULE, ...options.schedule }
  const adam = { ...DEFAULT_ADAM_OPTIONS, ...options.optimiser }
  const own = fitting(options.examples, batch.rowLength)
  const replay = fitting(options.replay, batch.rowLength)
  if (own.length === 0) {
    throw new TrainingError('TRAINING_NO_EXAMPLES', `none of ${options.examples.length} own examples fits a row of ${batch.rowLength} tokens: add sources, or use longer rows`)
  }
  if (replay.length === 0 && replayShare > 0) {
    throw new TrainingError('TRAINING_NO_REPLAY', `none of ${options.replay.length} public examples fits a row of ${batch.rowLength} tokens, and ${replayShare} of each batch should be public: name a public corpus, or set replayShare to 0 and let the model forget`)
  }
  const source = new BatchSource(own, replay, replayShare, batch, seed)
  let moments = freshMoments(layout.length)
  let busy = false

  async function run({ adapter: start, campaignRound, steps, signal }: TrainInput): Promise<TrainResult> {
    const adapter = start.slice()
    const losses: number[] = []
    let tokens = 0
    let completionTokens = 0
    let skippedInARow = 0
    const stopIfAborted = (): void => {
      if (signal?.aborted === true) throw new TrainingError('TRAINING_ABORTED', `the round was stopped after ${losses.length} of ${steps} steps: nothing of it is kept`, { cause: signal.reason })
    }
    for (let step = 0; step < steps; step++) {
      const result = await accumulateSteps(worker, source, adapter, microBatches, { dropout, seed: seed + campaignRound * 65_537 + step * microBatches | 0 }, stopIfAborted)
      const gradientNorm = vectorNorm(result.gradient)
      const rate = learningRate(schedule, { campaignRound, step, steps, age: moments.steps })
      const skipped = !Number.isFinite(result.loss) || !Number.isFinite(gradientNorm)
      if (skipped) {
        if (++skippedInARow > maximumSkipped) throw diverged(`${skippedInARow} steps in a row had a loss or a gradient that is not finite, the last at step ${step + 1} with the loss ${result.loss}`)
      } else {
        skippedInARow = 0
        moments = adamStep(adapter, result.gradient, moments, rate, adam, Math.min(1, clipNorm / gradientNorm))
        losses.push(result.loss)
        tokens += result.tokens
        completionTokens += result.completionTokens
      }
      const progress: Progress = { campaignRound, step: step + 1, steps, loss: result.loss, gradientNorm, rate, tokens: result.tokens, skipped }
      onProgress?.(progress)
    }
    stopIfAborted()
    const [lossFirst] = losses
    if (lossFirst === undefined) throw diverged(`none of ${steps} steps had a finite loss and gradient`)
    if (!Number.isFinite(vectorNorm(adapter))) throw diverged(`the adapter is not finite after ${steps} steps`)
    return { adapter, tokens, completionTokens, lossFirst, lossLast: losses.at(-1)!, skipped: steps - losses.length }
  }

  return {
    dropped: { own: options.examples.length - own.length, replay: options.replay.length - replay.length },
    train: async (input) => {
      checkInput(input, layout.length, busy)
      const before = { source: source.state(), moments: copyOf(moments) }
      busy = true
      try {
        return await run(input)
      } catch (error) {
        moments = before.moments
        source.restore(before.source)
        throw error
      } finally {
        busy = false
      }
    },
    state: () => encodeState(moments, source.state()),
    restore: (state) => {
      const decoded = decodeState(state, layout.length)
      moments = decoded.moments
      source.restore(decoded.source)
    },
    resetMoments: () => { moments = freshMoments(layout.length) },
  }
}

function fitting(examples: readonly EncodedExample[], rowLength: number): EncodedExample[] {
  return examples.filter((example) => packedLength(example) <= rowLength)
}

function copyOf({ first, second, steps }: Moments): Moments {
  return { first: first.slice(), second: second.slice(), steps }
}

function checkInput({ adapter, campaignRound, steps }: TrainInput, length: number, busy: boolean): void {
  if (busy) throw new TrainingError('TRAINING_OPTIONS', 'a round is under way already: wait for it, or abort it')
  if (adapter.length !== length) {
    throw new TrainingError('TRAINING_ADAPTER', `the adapter has ${adapter.length} values, and its layout has ${length}: was it trained with another rank or base?`)
  }
  if (!Number.isSafeInteger(steps) || steps < 1 || !Number.isSafeInteger(campaignRound) || campaignRound < 0) {
    throw new TrainingError('TRAINING_OPTIONS', `a round of ${steps} steps at campaign round ${campaignRound} cannot be: steps from 1 and rounds from 0, both whole`)
  }
}

function diverged(what: string): TrainingError {
  return new TrainingError('TRAINING_DIVERGED', `${what}: nothing of the round is kept; lower the learning rate, or look for damaged examples`)
}
