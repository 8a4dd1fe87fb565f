export type IdentityErrorCode
  = | 'IDENTITY_FILE_CORRUPTED'
    | 'IDENTITY_FILE_MISSING'
    | 'IDENTITY_FILE_UNREADABLE'
    | 'IDENTITY_FILE_UNWRITABLE'
    | 'IDENTITY_SEED_LENGTH'
    | 'NETWORK_KEY_CORRUPTED'
    | 'NETWORK_KEY_EPOCH_MISSING'
    | 'NETWORK_KEY_UNREADABLE'
    | 'PEER_ID_INVALID'
    | 'ENVELOPE_TOO_LARGE'
    | 'ENVELOPE_MALFORMED'
    | 'ENVELOPE_KIND'
    | 'ENVELOPE_SIGNATURE'
    | 'OWNER_UNKNOWN'
    | 'OWNERS_SIGNATURES_TOO_FEW'
    | 'PEER_NOT_ALLOWED'
    | 'PEER_REVOKED'
    | 'POLICY_CONFLICTING'
    | 'POLICY_OUTDATED'
    | 'CREDENTIAL_INVALID'
    | 'CREDENTIAL_MISSING'
    | 'CREDENTIAL_EXPIRED'

/** A key that cannot be had, or a claim of someone's authorship that does not hold. */
export class IdentityError extends Error {
  override readonly name = 'IdentityError'

  constructor(readonly code: IdentityErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
  }
}
