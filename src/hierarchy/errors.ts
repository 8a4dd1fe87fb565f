export type HierarchyErrorCode
  = | 'ROSTER_EMPTY'
    | 'ROSTER_DUPLICATE'
    | 'CLUSTER_SIZE'

/** A roster from which no clusters can be formed. */
export class HierarchyError extends Error {
  override readonly name = 'HierarchyError'

  constructor(readonly code: HierarchyErrorCode, message: string) {
    super(message)
  }
}
