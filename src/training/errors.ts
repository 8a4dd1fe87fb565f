export type TrainingErrorCode
  = | 'TRAINING_OPTIONS'
    | 'TRAINING_NO_END_TOKEN'
    | 'TRAINING_EXAMPLE_EMPTY'
    | 'TRAINING_EXAMPLE_TOKENS'
    | 'TRAINING_EXAMPLE_LENGTH'
    | 'TRAINING_NO_EXAMPLES'
    | 'TRAINING_NO_REPLAY'
    | 'TRAINING_ADAPTER'
    | 'TRAINING_DIVERGED'
    | 'TRAINING_ABORTED'
    | 'TRAINING_STATE_INVALID'
    | 'TRAINING_MEMORY'

/** Examples, settings or a state that nothing can be trained with, or a training that went wrong. */
export class TrainingError extends Error {
  override readonly name = 'TrainingError'

  constructor(readonly code: TrainingErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
  }
}
