import type { AdapterSettings } from '../../src/model/index.js'

/** What the writing thread is asked: designs for many specifications at once, greedily. */
export interface WriterJob {
  readonly checkpoint: string
  readonly threads: number
  readonly prompts: readonly (readonly number[])[]
  readonly maximumTokens: number
  /** Not 0 once the writing is to end; shared memory, since a thread must not be ended within a run of ONNX Runtime. */
  readonly stop: Int32Array
  /** The base alone where absent. */
  readonly adapter?: { readonly settings: AdapterSettings, readonly values: Float32Array }
}

export type WriterMessage
  = | { readonly type: 'written', readonly index: number, readonly text: string }
    | { readonly type: 'failed', readonly code: string, readonly message: string }
    | { readonly type: 'done' }
