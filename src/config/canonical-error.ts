export type CanonicalErrorCode = 'VALUE_NOT_CANONICAL' | 'BYTES_NOT_CANONICAL'

/** A value without a canonical encoding, or bytes that are none. */
export class CanonicalError extends Error {
  override readonly name = 'CanonicalError'

  constructor(readonly code: CanonicalErrorCode, message: string) {
    super(message)
  }
}
