export type RecurrentDraftErrorCode
  = | 'RECURRENT_DRAFT_SHAPE'
    | 'RECURRENT_DRAFT_NOT_FINITE'
    | 'RECURRENT_DRAFT_FILE_INVALID'
    | 'RECURRENT_DRAFT_FILE_VERSION'

/** A recurrent draft that is none, does not fit its base, or whose bytes cannot be used. */
export class RecurrentDraftError extends Error {
  override readonly name = 'RecurrentDraftError'

  constructor(readonly code: RecurrentDraftErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
  }
}
