export type AuditErrorCode = 'AUDIT_POOL_UNREADABLE' | 'AUDIT_POOL_INVALID' | 'AUDIT_POOL_EMPTY' | 'AUDIT_PROBE_TOO_LONG'

/** A probe pool that cannot be used. */
export class AuditError extends Error {
  override readonly name = 'AuditError'

  constructor(readonly code: AuditErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
  }
}
