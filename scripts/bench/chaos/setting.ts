import { DEFAULT_POLICY } from '../../../src/config/index.js'
import type { Setting } from '../village/setting.js'

/** Short rounds, so that a schedule holds several, with deadlines that a machine of two cores can keep for sixteen peers. */
const DEADLINES = { ...DEFAULT_POLICY.deadlines, train: 3000, close: 1000, reveal: 2000, audit: 2000, propose: 1500, prevote: 500, precommit: 500, termGrowth: 250, grace: 4000 }

export const SETTING: Setting = {
  policy: { heartbeatMs: 800, deadlines: DEADLINES, admissionDelayMs: 0 },
  toy: { values: 1024, trainingMs: 700 },
}

/** By then a round has a record, where its first proposer is there; milliseconds. */
export const ROUND_DEADLINE_MS = DEADLINES.train + DEADLINES.close + DEADLINES.reveal + DEADLINES.audit + DEADLINES.propose + DEADLINES.prevote + DEADLINES.precommit

/** A cluster with a connected quorum that lets so many of these pass without a record is wedged. */
export const DEADLINES_TO_WEDGE = 3

/** About what a round takes where nothing happens; milliseconds. */
export const ROUND_MS = 2500

/** A village that is not on one chain again by then never will be; seconds. */
export const HEALING_SECONDS = 180
