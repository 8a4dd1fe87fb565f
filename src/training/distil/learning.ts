import { buildDistillingGraph, createSession, embeddedTokens, floats, floatsOf, integers, recurrentLayout, recurrentTensors, runSession, type BaseModel, type RecurrentDraft } from '../../model/index.js'
import { TrainingError } from '../errors.js'
import { adamStep, DEFAULT_ADAM_OPTIONS, freshMoments, vectorNorm, type AdamOptions } from '../optimiser.js'
import { Sampler } from '../sampler.js'
import { learningRate, type Schedule } from '../schedule.js'
import type { Examples } from './examples.js'
import { STEPS } from './places.js'

/** Places of one step of the optimiser. */
export const BATCH = 256

const CLIP_NORM = 1

const SCHEDULE: Omit<Schedule, 'warmupSteps'> = { rate: 1e-3, campaignRounds: 1, floorShare: 0.05 }

/** Of few steps, no more than this share is warm-up. */
const WARMUP = { steps: 50, share: 0.1 }

/** Learning is one long run, and the usual memory serves it best. */
const ADAM: AdamOptions = { ...DEFAULT_ADAM_OPTIONS, secondDecay: 0.999 }

export interface LearnOptions {
  readonly threads: number
  readonly epochs: number
  readonly seed: number
  /** Is called before each step; what it throws ends the learning. */
  readonly step: (done: number, all: number) => void
}

/**
 * Teaches a draft, whose values are changed in place.
 *
 * @param hidden - what the model says at each place, [places, hiddenSize]
 * @throws TrainingError TRAINING_DIVERGED; ModelError MODEL_SESSION_FAILED
 */
export async function learn(base: BaseModel, draft: RecurrentDraft, hidden: Float32Array, examples: Examples, { threads, epochs, seed, step: onStep }: LearnOptions): Promise<void> {
  const { hiddenSize } = base.config
  const count = hidden.length / hiddenSize
  const rows = Math.min(BATCH, count)
  const steps = epochs * Math.floor(count / rows)
  const schedule = { ...SCHEDULE, warmupSteps: Math.min(WARMUP.steps, Math.ceil(WARMUP.share * steps)) }
  const layout = recurrentLayout(draft.shape, hiddenSize)
  const tensors = recurrentTensors(draft, base.config)
  const session = await createSession(buildDistillingGraph(base.config, draft.shape, { rows, steps: STEPS }).model, { threads })
  try {
    const sampler = new Sampler(count, seed)
    let moments = freshMoments(layout.length)
    for (let step = 0; step < steps; step++) {
      onStep(step, steps)
      const places = Int32Array.from({ length: rows }, () => sampler.next())
      const outputs = await runSession(session, {
        ...batchFeeds(base, hidden, examples, places),
        ...Object.fromEntries(layout.tensors.map(({ name, shape }) => [name, floats(tensors[name], shape)])),
      })
      const gradient = floatsOf(outputs, 'gradient')
      const norm = vectorNorm(gradient)
      if (!Number.isFinite(norm)) throw new TrainingError('TRAINING_DIVERGED', `the gradient of step ${step + 1} of ${steps} is not finite: nothing of the draft is kept; look for damaged texts or weights`)
      const rate = learningRate(schedule, { campaignRound: 0, step, steps, age: step })
      moments = adamStep(draft.values, gradient, moments, rate, ADAM, Math.min(1, CLIP_NORM / norm))
    }
    if (!Number.isFinite(vectorNorm(draft.values))) throw new TrainingError('TRAINING_DIVERGED', `the draft is not finite after ${steps} steps: nothing of it is kept; look for damaged texts or weights`)
    onStep(steps, steps)
  } finally {
    await session.release()
  }
}

/** The graph's inputs for some places; see `buildDistillingGraph`. */
function batchFeeds(base: BaseModel, hidden: Float32Array, { tokens, labels, weights }: Examples, places: Int32Array): Record<string, ReturnType<typeof floats>> {
  const { hiddenSize } = base.config
  const rows = places.length
  const ofStep = <Values extends Int32Array | Float32Array>(all: Values, into: Values, step: number): Values => {
    places.forEach((place, row) => { into[step * rows + row] = all[place * STEPS + step]! })
    return into
  }
  const from = new Float32Array(rows * hiddenSize)
  places.forEach((place, row) => from.set(hidden.subarray(place * hiddenSize, (place + 1) * hiddenSize), row * hiddenSize))
  const given = new Int32Array(rows * STEPS)
  const wanted = new Int32Array(rows * STEPS)
  const counting = new Float32Array(rows * STEPS)
  for (let step = 0; step < STEPS; step++) {
    ofStep(tokens, given, step)
    ofStep(labels, wanted, step)
    ofStep(weights, counting, step)
  }
  const feeds: Record<string, ReturnType<typeof floats>> = {
    hidden: floats(from, [rows, hiddenSize]),
    labels: integers(wanted, [rows * STEPS]),
    weights: floats(counting.map((weight) => weight / rows), [rows * STEPS, 1]),
  }
  for (let step = 0; step < STEPS; step++) {
    feeds[`embedded.${step}`] = floats(embeddedTokens(base, given.subarray(step * rows, (step + 1) * rows)), [rows, hiddenSize])
  }
  return feeds
}
