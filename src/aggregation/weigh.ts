import { checkCandidates } from './candidate.js'
import type { Candidate } from './candidate.js'
import { clipToMedian } from './clip.js'
import { carryEvidence, gatherEvidence } from './evidence.js'
import type { EvidenceByPeer } from './evidence.js'
import { judge } from './gate.js'
import type { Finding } from './gate.js'
import { apportion, byContentId, lowerMedian } from './integers.js'
import { checkOptions, DEFAULT_WEIGH_OPTIONS } from './options.js'
import type { WeighOptions } from './options.js'
import { capOrganisations } from './organisations.js'

/** What became of a delta, with the numbers that decided it. */
export type Outcome = CountedOutcome | RefusedOutcome

export interface CountedOutcome {
  readonly id: string
  readonly peer: string
  readonly outcome: 'counted'
  /** Its part of the aggregate in 1/65536; all counted ones sum to 65536. */
  readonly weight: number
  /** By what its values are multiplied in 1/65536, so that its norm is at most the median. */
  readonly clip: number
  /** Tokens that counted, after the cap. */
  readonly tokens: number
  readonly finding: Finding
}

export interface RefusedOutcome {
  readonly id: string
  readonly peer: string
  readonly outcome: 'refused'
  readonly reason: RefusalReason
  /** Absent when the delta was refused before the gate. */
  readonly finding?: Finding
}

/**
 * - `SCORE`: the gate found its mean score too far below the median delta's.
 * - `EMPTY`: all its values are zero. Counted, it would lower the median norm for everybody.
 * - `TOKENS`, `REPUTATION`: it claims no tokens, or its peer is a proved cheat.
 * - `WEIGHT`: its weight is below 1/65536.
 */
export type RefusalReason = 'SCORE' | 'EMPTY' | 'TOKENS' | 'REPUTATION' | 'WEIGHT'

export interface Weighing {
  /** By content id. */
  readonly outcomes: readonly Outcome[]
  /** The lower median of the counted deltas' squared norms, in units of 2^-48; 0 when none is counted. */
  readonly medianSquaredNorm: bigint
  /** What is known of each peer after this round, for the next one's gate. */
  readonly evidence: EvidenceByPeer
}

/**
 * Decides which deltas count in a round and how much: steps 4 and 5 of a round up to the aggregate. A pure function of integers: every member
 * computes the same, in whatever order the candidates come.
 *
 * A weight is min(tokens, cap · lower median of tokens) · reputation, halved in a peer's first round, halved again for each round of staleness; then lowered
 * where its organisation would outweigh all others together.
 *
 * @param earlier - evidence that the parent record carries
 * @throws AggregationError AGGREGATION_INPUT, AGGREGATION_DUPLICATE, AGGREGATION_OPTIONS
 */
export function weigh(candidates: readonly Candidate[], earlier: EvidenceByPeer = new Map(), options: WeighOptions = DEFAULT_WEIGH_OPTIONS): Weighing {
  checkOptions(options)
  checkCandidates(candidates)
  const ordered = candidates.toSorted(byContentId)
  const outcomes = new Map<string, Outcome>()
  const refuse = ({ id, peer }: Candidate, reason: RefusalReason, finding?: Finding): void => {
    outcomes.set(id, { id, peer, outcome: 'refused', reason, ...finding && { finding } })
  }

  const eligible = ordered.filter((candidate) => {
    const reason = ineligible(candidate)
    if (reason !== undefined) refuse(candidate, reason)
    return reason === undefined
  })

  const known = gatherEvidence(eligible, earlier, options.gate)
  const passed: { candidate: Candidate, finding: Finding }[] = []
  judge(known, options.gate).forEach((finding, i) => {
    const { candidate } = known[i]!
    if (finding.refused) refuse(candidate, 'SCORE', finding)
    else passed.push({ candidate, finding })
  })

  const cap = passed.length === 0 ? 0 : lowerMedian(passed.map(({ candidate }) => candidate.tokens)) * options.tokenCap
  const capped = capOrganisations(passed.map(({ candidate, finding }) => ({ organisation: candidate.organisation, weight: rawWeight(candidate, cap, finding.share) })))
  const weights = apportion(passed.map(({ candidate }, at) => ({ id: candidate.id, weight: capped[at]! })))
  const counted = passed.map((entry, i) => ({ ...entry, weight: weights[i]! })).filter(({ candidate, finding, weight }) => {
    if (weight === 0) refuse(candidate, 'WEIGHT', finding)
    return weight > 0
  })

  const { clips, medianSquaredNorm } = clipToMedian(counted.map(({ candidate }) => candidate.squaredNorm))
  counted.forEach(({ candidate: { id, peer, tokens }, finding, weight }, i) => {
    outcomes.set(id, { id, peer, outcome: 'counted', weight, clip: clips[i]!, tokens: Math.min(tokens, cap), finding })
  })
  return { outcomes: ordered.map(({ id }) => outcomes.get(id)!), medianSquaredNorm, evidence: carryEvidence(known, earlier) }
}

function ineligible({ squaredNorm, tokens, reputation }: Candidate): RefusalReason | undefined {
  if (squaredNorm === 0n) return 'EMPTY'
  if (tokens === 0) return 'TOKENS'
  return reputation === 0 ? 'REPUTATION' : undefined
}

function rawWeight({ tokens, reputation, firstRound, staleness }: Candidate, cap: number, share: number): bigint {
  const halvings = BigInt(staleness + (firstRound ? 1 : 0))
  const whole = BigInt(Math.min(tokens, cap)) * BigInt(reputation) >> halvings
  return whole * BigInt(share) >> 16n
}
