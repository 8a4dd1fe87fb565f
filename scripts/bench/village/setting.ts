import type { Policy } from '../../../src/config/index.js'

/** What takes the place of a model. */
export interface Toy {
  /** Values of an adapter. */
  readonly values: number
  /** How long a peer's training takes, milliseconds. */
  readonly trainingMs: number
}

export interface Setting {
  /** What differs from the default policy. */
  readonly policy: Partial<Policy>
  readonly toy: Toy
}
