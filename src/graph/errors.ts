export type GraphErrorCode
  = | 'GRAPH_SHAPE_MISMATCH'
    | 'GRAPH_SHAPE_UNKNOWN'
    | 'GRAPH_NAME_TAKEN'
    | 'GRAPH_NO_GRADIENT'

/** A graph that cannot be built: a mistake in the code that builds it. */
export class GraphError extends Error {
  override readonly name = 'GraphError'

  constructor(readonly code: GraphErrorCode, message: string) {
    super(message)
  }
}
