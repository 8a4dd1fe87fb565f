import { MAXIMUM_STALENESS, ONE } from './constants.js'
import { AggregationError } from './errors.js'

/** A delta that may be counted in a round, with all that its weight depends on. */
export interface Candidate {
  /** The content id of the encoded delta. */
  readonly id: string
  readonly peer: string
  /** Whose peer it is; absent or empty where nobody vouches for it. */
  readonly organisation?: string
  /** Tokens that the peer says it trained on. */
  readonly tokens: number
  /** The peer's reputation in the parent record, 0 to 65536. */
  readonly reputation: number
  /** Whether no record has counted a delta of the peer yet. */
  readonly firstRound: boolean
  /** Rounds by which the delta is late, 0 to 3. */
  readonly staleness: number
  /** From the delta's integer codes: `deltaSquaredNorm`. */
  readonly squaredNorm: bigint
  /** What the audits of this round agree on, 0 to 65536 for each probe (`consensusScores`). Absent when it was not audited. */
  readonly scores?: readonly number[]
}

/** More probes than this in one audit would let sums leave the safe integers. */
const MAXIMUM_PROBES = 65_536

/**
 * @throws AggregationError AGGREGATION_INPUT, AGGREGATION_DUPLICATE
 */
export function checkCandidates(candidates: readonly Candidate[]): void {
  const probes = candidates.find(({ scores }) => scores !== undefined)?.scores?.length
  const seen = new Set<string>()
  for (const candidate of candidates) {
    const { id, tokens, reputation, staleness, squaredNorm, scores } = candidate
    if (seen.has(id)) throw new AggregationError('AGGREGATION_DUPLICATE', `the delta ${id} is there twice: a delta counts once`)
    seen.add(id)
    checkInteger(id, 'tokens', tokens, Number.MAX_SAFE_INTEGER)
    checkInteger(id, 'reputation', reputation, ONE)
    checkInteger(id, 'staleness', staleness, MAXIMUM_STALENESS)
    if (squaredNorm < 0n) throw invalid(id, `the squared norm ${squaredNorm.toString()}`, 'take it from the codes with deltaSquaredNorm')
    if (scores === undefined) continue
    if (scores.length > MAXIMUM_PROBES) throw invalid(id, `${scores.length} scores`, `an audit has at most ${MAXIMUM_PROBES} probes`)
    if (scores.length !== probes) throw invalid(id, `${scores.length} scores`, `all deltas of a round are scored on the same ${probes ?? 0} probes`)
    scores.forEach((score, probe) => checkInteger(id, `score ${probe}`, score, ONE))
  }
}

/** @throws AggregationError AGGREGATION_INPUT */
export function checkInteger(id: string, what: string, value: number, most: number): void {
  if (!Number.isSafeInteger(value) || value < 0 || value > most || Object.is(value, -0)) {
    throw invalid(id, `${what} ${Object.is(value, -0) ? '-0' : value}`, `it must be a whole number from 0 to ${most}`)
  }
}

function invalid(id: string, what: string, advice: string): AggregationError {
  return new AggregationError('AGGREGATION_INPUT', `the delta ${id} has ${what}: ${advice}`)
}
