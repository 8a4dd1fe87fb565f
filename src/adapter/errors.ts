export type AdapterErrorCode
  = | 'ADAPTER_LENGTH'
    | 'ADAPTER_NOT_FINITE'
    | 'ADAPTER_MIX_EMPTY'
    | 'ADAPTER_MIX_WEIGHT'
    | 'ADAPTER_SEED'
    | 'PEFT_FILE_MISSING'
    | 'PEFT_FILE_TOO_LARGE'
    | 'PEFT_FILE_UNWRITABLE'
    | 'PEFT_CONFIG_INVALID'
    | 'PEFT_FEATURE_UNSUPPORTED'
    | 'PEFT_TARGET_UNKNOWN'
    | 'PEFT_TENSOR_MISSING'
    | 'PEFT_TENSOR_UNKNOWN'
    | 'PEFT_TENSOR_SHAPE'
    | 'SAFETENSORS_INVALID'
    | 'SAFETENSORS_DTYPE'

/** An adapter that does not fit its layout, or a PEFT folder that cannot be read or written as one. */
export class AdapterError extends Error {
  override readonly name = 'AdapterError'

  constructor(readonly code: AdapterErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
  }
}
