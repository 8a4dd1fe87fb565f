export type TransportErrorCode
  = | 'ABORTED'
    | 'ADDRESS_INVALID'
    | 'CONTENT_TOO_LARGE'
    | 'CONTENT_UNAVAILABLE'
    | 'LISTEN_ADDRESS_IN_USE'
    | 'LISTEN_FAILED'
    | 'MESSAGE_MALFORMED'
    | 'MESSAGE_TOO_LARGE'
    | 'NETWORK_KEY_LENGTH'
    | 'NETWORK_MISMATCH'
    | 'PEER_ALREADY_JOINED'
    | 'PEER_UNREACHABLE'
    | 'TRANSPORT_STOPPED'

/** A message or content that cannot be moved, or a network that cannot be joined. */
export class TransportError extends Error {
  override readonly name = 'TransportError'

  constructor(readonly code: TransportErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
  }
}
