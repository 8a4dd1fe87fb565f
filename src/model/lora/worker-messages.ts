import type { AdapterLayout } from '../adapter-layout.js'
import type { BaseModel } from '../checkpoint.js'
import type { Alternatives, StepOptions } from '../model-worker.js'
import type { PackedBatch } from '../packed-batch.js'
import type { RuntimeOptions } from '../runtime.js'

/** What the thread is started with. A directory is read in the thread itself, so that no other holds its weights. */
export interface WorkerStart {
  readonly base: string | BaseModel
  readonly layout: AdapterLayout
  readonly options: RuntimeOptions
}

export type WorkerRequest
  = | { readonly kind: 'open' }
    | { readonly kind: 'step', readonly batch: PackedBatch, readonly adapter: Float32Array, readonly options: StepOptions }
    | { readonly kind: 'score', readonly batch: PackedBatch, readonly adapter: Float32Array, readonly alternatives: Alternatives | undefined }
