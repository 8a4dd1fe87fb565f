export type NodeErrorCode
  = | 'API_ADDRESS_UNUSABLE'
    | 'API_KEY_UNREADABLE'
    | 'BASE_MISMATCH'
    | 'CHECKPOINT_UNKNOWN'
    | 'CREDENTIAL_UNREADABLE'
    | 'DEMO_PEER_FAILED'
    | 'DEMO_TIMED_OUT'
    | 'DOMAIN_WITHOUT_DESIGNS'
    | 'EVALUATION_CHANGED'
    | 'EVALUATION_DAMAGED'
    | 'EVALUATION_EXISTS'
    | 'EVALUATION_FAILED'
    | 'EVALUATION_UNWRITABLE'
    | 'MODEL_DATA_MISSING'
    | 'NETWORK_FILE_EXISTS'
    | 'NETWORK_FILE_UNWRITABLE'
    | 'NOTHING_PASSED'
    | 'POLICY_METRIC_UNKNOWN'
    | 'SETTINGS_EXIST'
    | 'SETTINGS_FOUNDER'
    | 'SETTINGS_NO_DESIGNS'
    | 'SUITE_EMPTY'
    | 'SUITE_INVALID'
    | 'SUITE_MISSING'
    | 'SUITE_UNKNOWN'
    | 'USAGE_INVALID'

/** What stands in the way of a node or of a command. */
export class NodeError extends Error {
  override readonly name = 'NodeError'

  constructor(readonly code: NodeErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
  }
}
