import * as z from 'zod'

import { decodeCanonical, encodeCanonical } from '../config/index.js'
import type { BatchSourceState } from './batch-source.js'
import { TrainingError } from './errors.js'
import type { Moments } from './optimiser.js'

/** What a learner remembers between rounds, as bytes that can be kept on disk and belong to one adapter layout. */
export type OptimiserState = Uint8Array

const STATE_VERSION = 1

const count = z.int().min(0)
const samplerSchema = z.object({ epoch: count, drawn: count })
const stateSchema = z.object({
  version: z.literal(STATE_VERSION),
  steps: count,
  first: z.instanceof(Uint8Array),
  second: z.instanceof(Uint8Array),
  source: z.object({ examples: z.string(), own: samplerSchema, replay: samplerSchema, drawn: count, drawnReplay: count, waiting: z.array(count) }),
})

export function encodeState({ first, second, steps }: Moments, source: BatchSourceState): OptimiserState {
  return encodeCanonical({ version: STATE_VERSION, steps, first: bytesOf(first), second: bytesOf(second), source })
}

/**
 * @param length - values of the adapter
 * @throws TrainingError TRAINING_STATE_INVALID
 */
export function decodeState(bytes: OptimiserState, length: number): { moments: Moments, source: BatchSourceState } {
  let value: unknown
  try {
    value = decodeCanonical(bytes)
  } catch (cause) {
    throw invalid('it is damaged', cause)
  }
  const parsed = stateSchema.safeParse(value)
  if (!parsed.success) throw invalid(`it is of another version or incomplete at ${parsed.error.issues[0]?.path.join('.') ?? 'its root'}`)
  const { first, second, steps, source } = parsed.data
  for (const moments of [first, second]) {
    if (moments.length !== length * 4) throw invalid(`its moments have ${moments.length / 4} values, and the adapter has ${length}`)
  }
  const moments = { first: valuesOf(first), second: valuesOf(second), steps }
  if (!moments.first.every(Number.isFinite) || !moments.second.every((value) => value >= 0 && Number.isFinite(value))) {
    throw invalid('its moments are not finite')
  }
  return { moments, source }
}

function bytesOf(values: Float32Array): Uint8Array {
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength)
}

function valuesOf(bytes: Uint8Array): Float32Array {
  // A copy, since the bytes may start anywhere in a larger buffer, and slice() of a Buffer copies nothing.
  return new Float32Array(new Uint8Array(bytes).buffer)
}

function invalid(what: string, cause?: unknown): TrainingError {
  return new TrainingError('TRAINING_STATE_INVALID', `the optimiser's state cannot be used: ${what}; go on with fresh moments`, { cause })
}
