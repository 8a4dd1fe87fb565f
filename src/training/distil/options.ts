import type { AdapterSettings, Quantization, RecurrentDraft } from '../../model/index.js'

/** A text that a draft may learn from: one of the house's, or one that the model has written. */
export interface DistilText {
  readonly tokens: readonly number[]
  /** What stands before is given, not learnt. */
  readonly from: number
}

export interface DistilProgress {
  /** Tokens read of all that are read, then steps taken of all. */
  readonly done: number
  readonly all: number
  readonly what: 'reading' | 'learning'
}

export interface DistilOptions {
  /** Folder of the base. */
  readonly checkpoint: string
  readonly adapter?: { readonly settings: AdapterSettings, readonly values: Float32Array }
  /** As the model is served: what it says in other precision is not what is drafted for. */
  readonly quantization: Quantization
  /** Threads that share one matrix product. */
  readonly threads: number
  /** Those that begin alike should stand together: what they share before `from` is then read once. */
  readonly texts: readonly DistilText[]
  /** How often each place is learnt from. Default 3. */
  readonly epochs?: number
  readonly seed: number
  /** What goes beyond so many tokens of a text, or beyond the model's positions, is left out. */
  readonly maximumLength: number
  /** Where its shape still fits, learning goes on from it. */
  readonly before?: RecurrentDraft
  /** Sizes of the draft. Default: a state of 384 values and 768 inner ones; larger ones were no better for a target with 576. */
  readonly stateSize?: number
  readonly innerSize?: number
  readonly signal?: AbortSignal
  readonly onProgress?: (progress: DistilProgress) => void
}

/** What the thread is started with. */
export interface DistilStart {
  readonly options: Omit<DistilOptions, 'signal' | 'onProgress'>
  /** int32 [1]: not zero once nobody waits for the draft any more. */
  readonly stopped: SharedArrayBuffer
}

/** What the thread says. */
export type DistilMessage
  = | { readonly kind: 'progress', readonly progress: DistilProgress }
    | { readonly kind: 'draft', readonly draft: RecurrentDraft }
    | { readonly kind: 'failed', readonly name: string, readonly code: string, readonly message: string }
