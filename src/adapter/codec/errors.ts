export type DeltaCodecErrorCode
  = | 'DELTA_NOT_FINITE'
    | 'DELTA_RESIDUAL_LENGTH'
    | 'DELTA_VERSION_UNKNOWN'
    | 'DELTA_LENGTH_MISMATCH'
    | 'DELTA_NOT_CANONICAL'

/** A delta that cannot be encoded, or bytes that are no delta of the expected adapter. */
export class DeltaCodecError extends Error {
  override readonly name = 'DeltaCodecError'

  constructor(readonly code: DeltaCodecErrorCode, message: string) {
    super(message)
  }
}
