export type ModelErrorCode
  = | 'MODEL_FILE_MISSING'
    | 'MODEL_FILE_INVALID'
    | 'MODEL_CONFIG_INVALID'
    | 'MODEL_ARCHITECTURE_UNKNOWN'
    | 'MODEL_FEATURE_UNSUPPORTED'
    | 'MODEL_DTYPE_UNSUPPORTED'
    | 'MODEL_TENSOR_MISSING'
    | 'MODEL_TENSOR_SHAPE'
    | 'MODEL_TOKENIZER_INVALID'
    | 'MODEL_TOKENIZER_MISMATCH'
    | 'MODEL_CHAT_TEMPLATE'
    | 'MODEL_ADAPTER_SETTINGS'
    | 'MODEL_ADAPTER_LENGTH'
    | 'MODEL_BATCH_INVALID'
    | 'MODEL_SEQUENCE_TOO_LONG'
    | 'MODEL_TOKEN_UNKNOWN'
    | 'MODEL_SESSION_FAILED'
    | 'MODEL_WORKER_CRASHED'
    | 'MODEL_CLOSED'

/** A model folder that cannot be used as asked, input that does not fit the model, or a session that failed. */
export class ModelError extends Error {
  override readonly name = 'ModelError'

  constructor(readonly code: ModelErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
  }
}
