import type { PackedBatch } from './packed-batch.js'

export interface StepOptions {
  /** The share of a LoRA layer's input values that are dropped, in [0, 1). Default 0. */
  readonly dropout?: number
  /** Seed of the dropped values, a 32-bit integer. Default 0. */
  readonly seed?: number
}

export interface StepResult {
  /** sum(weight · -log p(label)) / sum(weight) */
  readonly loss: number
  /** Its derivative by every value of the adapter; as long as the layout. */
  readonly gradient: Float32Array
  /** Positions that are no padding. */
  readonly tokens: number
}

/** Tokens that might have stood in a text instead: what does the model think of them, given what stands before? */
export interface Alternatives {
  /** Positions in the batch whose prediction is asked for. */
  readonly positions: Int32Array
  /** For each of them, a token. */
  readonly ids: Int32Array
}

export interface ScoreResult {
  /** log p(label) at every position of the batch, natural logarithm. */
  readonly logProbability: Float32Array
  /** The most likely token at every position; the lowest id where several are equal. */
  readonly best: Int32Array
  /** log p of each alternative at its position; empty where none were asked for. */
  readonly alternatives: Float32Array
}

/** A thread that holds a base model and computes losses, gradients and scores of adapters on it. Calls are answered in order. */
export interface ModelWorker {
  /**
   * Loss and gradient of an adapter on a batch. Neither input is changed.
   *
   * @throws ModelError MODEL_BATCH_INVALID, MODEL_ADAPTER_LENGTH, MODEL_SESSION_FAILED, MODEL_WORKER_CRASHED, MODEL_CLOSED
   */
  step(batch: PackedBatch, adapter: Float32Array, options?: StepOptions): Promise<StepResult>
  /** Scores without gradients; the weights of the batch are ignored. Errors as for `step`. */
  score(batch: PackedBatch, adapter: Float32Array, alternatives?: Alternatives): Promise<ScoreResult>
  /** Ends the thread; calls under way are refused with MODEL_CLOSED. */
  close(): Promise<void>
}

export interface ModelWorkerOptions {
  /** Threads that share one matrix product. */
  readonly threads: number
  /** Whether idle threads wait in a busy loop: faster alone on a machine, far slower beside others. Default false. */
  readonly spinning?: boolean
}
