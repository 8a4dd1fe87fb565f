import { DEFAULT_POLICY } from '../../../src/config/index.js'
import type { Setting } from '../village/setting.js'

/** Rounds are short, since each phase ends when all that is expected is there; the deadlines are such that a machine of two cores can keep them for sixteen peers. */
const DEADLINES = { ...DEFAULT_POLICY.deadlines, train: 6000, close: 2000, reveal: 4000, audit: 4000, propose: 4000, prevote: 1500, precommit: 1500, termGrowth: 1000, grace: 10_000 }

export const SETTING: Setting = {
  policy: { heartbeatMs: 1500, deadlines: DEADLINES, admissionDelayMs: 0 },
  toy: { values: 1024, trainingMs: 1000 },
}

/** By then a round has a record, where its first proposer is there; milliseconds. */
export const ROUND_DEADLINE_MS = DEADLINES.train + DEADLINES.close + DEADLINES.reveal + DEADLINES.audit + DEADLINES.propose + DEADLINES.prevote + DEADLINES.precommit

/** A cluster with a connected quorum that lets so many of these pass without a record is wedged. */
export const DEADLINES_TO_WEDGE = 3

/** About what a round takes where nothing happens; milliseconds. */
export const ROUND_MS = 3000

/** A village that is not on one chain again by then never will be; seconds. */
export const HEALING_SECONDS = 240
