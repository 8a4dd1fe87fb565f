export type AggregationErrorCode
  = | 'AGGREGATION_OPTIONS'
    | 'AGGREGATION_INPUT'
    | 'AGGREGATION_DUPLICATE'
    | 'AGGREGATION_LENGTH'
    | 'AGGREGATION_NOT_FINITE'
    | 'AGGREGATION_NEGATIVE_ZERO'

/** Input from which no aggregate can be computed that every peer would agree on. */
export class AggregationError extends Error {
  override readonly name = 'AggregationError'

  constructor(readonly code: AggregationErrorCode, message: string) {
    super(message)
  }
}
