import type { AdapterSettings, Quantization } from '../../model/index.js'
import type { DecodeSummary } from '../decoding/decode.js'
import type { SamplingOptions } from '../sampling/options.js'

/** How the thread is started. */
export interface GeneratorSetup {
  readonly checkpoint: string
  readonly quantization: Quantization
  readonly threads: number
  readonly maximumLength: number
}

/** An adapter as it crosses to the thread. */
export interface NamedAdapter {
  readonly settings: AdapterSettings
  readonly values: Float32Array
}

export interface GenerationJob {
  readonly prompt: readonly number[]
  readonly maximumTokens: number
  /** Texts that end the output and are not part of it. */
  readonly stop: readonly string[]
  readonly sampling: SamplingOptions
  /** Name of a loaded adapter; the base alone when absent. */
  readonly adapter?: string
  readonly draft: 'none' | 'lookup' | 'personal'
}

export type Request
  = | { readonly type: 'load', readonly id: number, readonly name: string, readonly adapter: NamedAdapter }
    | { readonly type: 'unload', readonly id: number, readonly name: string }
    | { readonly type: 'corpus', readonly id: number, readonly documents: readonly (readonly number[])[] }
    | { readonly type: 'generate', readonly id: number, readonly job: GenerationJob }
    | { readonly type: 'cancel', readonly id: number }
    /** Ends the thread. */
    | { readonly type: 'close' }

/** Part of an output as it appears. */
export interface GenerationPart {
  readonly text: string
  /** Tokens in this part, and how many of them a draft had proposed. */
  readonly tokens: number
  readonly accepted: number
}

export interface GenerationResult extends Omit<DecodeSummary, 'finish'> {
  readonly text: string
  readonly finish: 'end' | 'length' | 'stop'
}

export type Response
  = | { readonly type: 'part', readonly id: number, readonly part: GenerationPart }
    | { readonly type: 'done', readonly id: number, readonly result?: GenerationResult }
    | { readonly type: 'failed', readonly id: number, readonly code: string, readonly message: string }
