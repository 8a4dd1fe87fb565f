import type { Value } from '../../graph/index.js'

/** Names of the sizes that change from call to call. */
export const NEW = 'new'
export const ROWS = 'rows'
export const OPEN = 'open'
export const PAST = 'past'
export const ALL = 'all'

/** A layer's new tokens; queries and keys are turned, and queries scaled, already. */
export interface Projected {
  /** [new, rows, heads · headSize]; in the last layer of the wanted tokens only */
  readonly queries: Value
  /** [new, rows, keyValueHeads · headSize] */
  readonly keys: Value
  readonly values: Value
}

/** Emits a layer's attention to past and new tokens. @returns as `queries` */
export type Attention = (layer: number, projected: Projected) => Value
