export type QualityErrorCode
  = | 'CHECKER_CLOSED'
    | 'CHECKER_ABORTED'
    | 'CHECKER_REQUEST_INVALID'
    | 'CHECKER_WORKER_FAILED'
    | 'CHECKER_UNREACHABLE'
    | 'CHECKER_BUSY'
    | 'CHECKER_SOCKET_TAKEN'
    | 'METRIC_UNKNOWN'
    | 'METRIC_MODULE_UNREADABLE'
    | 'METRIC_HASH_MISMATCH'
    | 'METRIC_CLOSED'

/** A check or metric that could not be run at all. What a check finds in a design is a verdict, never an error. */
export class QualityError extends Error {
  override readonly name = 'QualityError'

  constructor(readonly code: QualityErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
  }
}
