export type StoreErrorCode
  = | 'BLOB_CORRUPTED'
    | 'LOG_ENTRY_TOO_LARGE'
    | 'STATE_CORRUPTED'
    | 'STATE_VERSION_UNKNOWN'
    | 'STORE_CLOSED'
    | 'STORE_FULL'
    | 'STORE_IN_USE'
    | 'STORE_IO'
    | 'STORE_NAME_INVALID'
    | 'STORE_UNWRITABLE'

/** State that cannot be kept or read. */
export class StoreError extends Error {
  override readonly name = 'StoreError'

  constructor(readonly code: StoreErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
  }
}

/** The system's code of a failed file operation, such as ENOSPC. */
export function systemCode(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : String(error)
}

/** Says which of the few things that a person can mend stood in the way of a file operation. */
export function storeError(error: unknown, path: string): StoreError {
  if (error instanceof StoreError) return error
  const code = systemCode(error)
  switch (code) {
    case 'ENOSPC':
    case 'EDQUOT':
    case 'EFBIG':
      return new StoreError('STORE_FULL', `${path} cannot be written, the disk or quota is full (${code}): free some space; what was there before is unchanged`, { cause: error })
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
    case 'ENOTDIR':
    case 'EEXIST':
      return new StoreError('STORE_UNWRITABLE', `${path} cannot be used (${code}): give this user the right to write there, or choose another data folder`, { cause: error })
    default:
      return new StoreError('STORE_IO', `${path} failed (${code}): check the disk`, { cause: error })
  }
}
