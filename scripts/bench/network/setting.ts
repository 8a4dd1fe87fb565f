import { DEFAULT_POLICY } from '../../../src/config/index.js'
import type { Policy } from '../../../src/config/index.js'
import type { Setting } from '../village/setting.js'

/** The one setting in which all figures are measured: what differs from the default policy. */
export const POLICY: Partial<Policy> = {
  heartbeatMs: 1200,
  // Records without a model's deltas are small: a proposal is there in far less. Where all of 48 processes start at once on two cores, later terms are patient.
  deadlines: { ...DEFAULT_POLICY.deadlines, propose: 2000, prevote: 500, precommit: 500, termGrowth: 3000 },
  admissionDelayMs: 0,
}

export const SETTING: Setting = {
  policy: POLICY,
  toy: {
    // A delta takes about a kilobyte.
    values: 4096,
    // About what a cluster needs for the rest of a round.
    trainingMs: 2000,
  },
}
