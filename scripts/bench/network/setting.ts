import { DEFAULT_POLICY } from '../../../src/config/index.js'
import type { Policy } from '../../../src/config/index.js'

/** The one setting in which all figures are measured: what differs from the default policy. */
export const POLICY: Partial<Policy> = {
  heartbeatMs: 1200,
  // Records without a model's deltas are small: a proposal is there in far less.
  deadlines: { ...DEFAULT_POLICY.deadlines, propose: 2000, prevote: 500, precommit: 500 },
  admissionDelayMs: 0,
}

/** Values of an adapter: with them a delta takes about a kilobyte. */
export const VALUES = 4096

/** How long a peer's training takes, milliseconds: about what a cluster needs for the rest of a round. */
export const TRAINING_MS = 2000
