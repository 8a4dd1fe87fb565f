import type { Candidate } from './candidate.js'
import { ONE } from './constants.js'
import { byContentId, floorDivide } from './integers.js'
import type { GateOptions } from './options.js'

/**
 * What audits have shown of a peer: sums over probes of its lead, which is its delta's score minus the median delta's on the same probe. Being paired,
 * probes that are easy or hard for everybody cancel. Safe integers, so that a record can carry them.
 */
export interface Evidence {
  readonly probes: number
  /** Sum of leads in 1/65536 of a score; negative where the peer is below the median. */
  readonly lead: number
  /** Sum of squared leads in 2^-32. */
  readonly squares: number
}

/** Evidence by peer. */
export type EvidenceByPeer = ReadonlyMap<string, Evidence>

/** A candidate and what is known of it: this round's audit on top of what earlier ones left. */
export interface Known {
  readonly candidate: Candidate
  readonly evidence?: Evidence
}

/**
 * Adds this round's audit to the evidence of earlier ones. Where no audit can be judged (nobody was audited, or too few peers or probes), earlier
 * evidence stands.
 */
export function gatherEvidence(candidates: readonly Candidate[], earlier: EvidenceByPeer, options: GateOptions): Known[] {
  const audited = candidates.filter((candidate): candidate is Candidate & { scores: readonly number[] } => candidate.scores !== undefined)
  const peers = new Set(audited.map(({ peer }) => peer)).size
  const judged = peers >= options.minimumPeers && audited[0]!.scores.length >= options.minimumProbes
  const median = judged ? medianScores(audited) : undefined
  return candidates.map((candidate) => {
    const before = earlier.get(candidate.peer)
    if (median === undefined || candidate.scores === undefined) return before === undefined ? { candidate } : { candidate, evidence: before }
    return { candidate, evidence: add(before, leads(candidate.scores, median), options.memory) }
  })
}

/** What is known of each peer after the round: of its newest delta where it has several. Peers without a candidate keep what was known of them. By peer. */
export function carryEvidence(known: readonly Known[], earlier: EvidenceByPeer): EvidenceByPeer {
  const after = new Map(earlier)
  const oldestFirst = known.toSorted((a, b) => b.candidate.staleness - a.candidate.staleness || -byContentId(a.candidate, b.candidate))
  for (const { candidate, evidence } of oldestFirst) {
    if (evidence !== undefined) after.set(candidate.peer, evidence)
  }
  return new Map([...after].sort(([a], [b]) => a < b ? -1 : 1))
}

/** The scores of the lower-median delta; the lower content id where sums are equal. */
function medianScores(audited: readonly (Candidate & { scores: readonly number[] })[]): readonly number[] {
  const sums = audited.map(({ id, scores }) => ({ id, scores, sum: scores.reduce((sum, score) => sum + score, 0) }))
  return sums.toSorted((a, b) => a.sum - b.sum || byContentId(a, b))[(sums.length - 1) >> 1]!.scores
}

function leads(scores: readonly number[], median: readonly number[]): Evidence {
  let lead = 0
  let squares = 0
  scores.forEach((score, probe) => {
    const difference = score - median[probe]!
    lead += difference
    squares += difference * difference
  })
  return { probes: scores.length, lead, squares }
}

function add(before: Evidence | undefined, fresh: Evidence, memory: number): Evidence {
  if (before === undefined || memory === 0) return fresh
  const kept = (sum: number): number => Number(floorDivide(BigInt(sum) * BigInt(memory), BigInt(ONE)))
  return { probes: kept(before.probes) + fresh.probes, lead: kept(before.lead) + fresh.lead, squares: kept(before.squares) + fresh.squares }
}
