export type InferenceErrorCode
  = | 'INFERENCE_SAMPLING_INVALID'
    | 'INFERENCE_PROMPT_TOO_LONG'
    | 'INFERENCE_PROMPT_EMPTY'
    | 'INFERENCE_LOGITS_NOT_FINITE'
    | 'INFERENCE_ABORTED'
    | 'INFERENCE_WORKER_ENDED'
    | 'INFERENCE_ADAPTER_UNKNOWN'
    | 'INFERENCE_TESTBENCH_INVALID'
    | 'INFERENCE_TESTBENCH_NOT_RUN'

/** A request that cannot be served, or a model that returned what no model should. */
export class InferenceError extends Error {
  override readonly name = 'InferenceError'

  constructor(readonly code: InferenceErrorCode, message: string) {
    super(message)
  }
}
