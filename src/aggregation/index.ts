/**
 * From the deltas of a round to the next shared adapter: which count and how much (`weigh`), their exact sum (`aggregate`), the outer step on it
 * (`outerStep`), and a peer's own weighing for its personal model (`ownAggregate`).
 *
 * All functions are pure, and the attested ones use integers, or f64 sums in a fixed order with + - * / and sqrt only: peers on different machines
 * agree to the last bit, and vectors in docs/reference pin the bits.
 */
export { aggregate } from './aggregate.js'
export type { WeightedDelta } from './aggregate.js'
export type { Candidate } from './candidate.js'
export { clipToMedian } from './clip.js'
export type { Clipping } from './clip.js'
export { FINE_ONE, MAXIMUM_STALENESS, ONE } from './constants.js'
export { AggregationError } from './errors.js'
export type { AggregationErrorCode } from './errors.js'
export type { Evidence, EvidenceByPeer } from './evidence.js'
export type { Finding, Judged, NotJudged } from './gate.js'
export { apportion, lowerMedian } from './integers.js'
export { checkOptions, DEFAULT_GATE_OPTIONS, DEFAULT_WEIGH_OPTIONS } from './options.js'
export type { GateOptions, WeighOptions } from './options.js'
export { DEFAULT_OUTER_OPTIONS, outerStep } from './outer-step.js'
export type { Checkpoint, OuterOptions } from './outer-step.js'
export { ownAggregate } from './own.js'
export type { OwnAggregate, OwnCandidate, OwnOptions } from './own.js'
export { consensusScores } from './scores.js'
export { uniformWeights } from './uniform.js'
export { weigh } from './weigh.js'
export type { CountedOutcome, Outcome, RefusalReason, RefusedOutcome, Weighing } from './weigh.js'
