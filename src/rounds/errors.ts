export type RoundsErrorCode
  = | 'MESSAGE_REFUSED'
    | 'RECORD_MALFORMED'
    | 'RECORD_NOT_RECOMPUTED'
    | 'COMMIT_REFUSED'
    | 'CHAIN_REFUSED'
    | 'CHAIN_UNFINISHED'
    | 'CHECKPOINT_REFUSED'
    | 'PEER_UNPLACED'
    | 'EVIDENCE_REFUSED'

/** Something that another peer sent and the protocol does not allow, or a peer that cannot take part. */
export class RoundsError extends Error {
  override readonly name = 'RoundsError'

  constructor(readonly code: RoundsErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
  }
}

/** What to show of any thrown value. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
