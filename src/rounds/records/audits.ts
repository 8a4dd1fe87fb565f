import { consensusScores } from '../../aggregation/index.js'
import type { ContentId, PeerId } from '../../network/index.js'
import type { Opened } from '../messages/wire.js'

/** How far the mean of an auditor's scores may lie from what the auditors agree on, in 1/65536: CPUs differ by far less. */
export const AUDIT_TOLERANCE = 1311

/** With two auditors nobody can tell which of them is wrong. */
const JUDGING_AUDITORS = 3

export interface AuditFindings {
  readonly scores: ReadonlyMap<ContentId, readonly number[]>
  /** Auditors whose scores the others contradict. */
  readonly contradicted: ReadonlySet<PeerId>
}

/**
 * What all audits of a round say together. A disagreement blocks nothing: the lower median counts, and who is far from it pays with reputation.
 *
 * @param senders - who sent each content: a peer's scores of its own delta do not count
 */
export function findings(audits: readonly Opened<'audit'>[], senders: ReadonlyMap<ContentId, PeerId>, probes: number): AuditFindings {
  const reports = new Map<ContentId, { readonly peer: PeerId, readonly scores: readonly number[] }[]>()
  for (const { peer, payload } of audits) {
    for (const { content, scores } of payload.scores) {
      if (scores.length !== probes || !senders.has(content) || senders.get(content) === peer) continue
      reports.set(content, [...reports.get(content) ?? [], { peer, scores }])
    }
  }
  const agreed = new Map<ContentId, readonly number[]>()
  const contradicted = new Set<PeerId>()
  for (const [content, given] of reports) {
    const scores = consensusScores(content, given.map((report) => report.scores))
    agreed.set(content, scores)
    if (given.length < JUDGING_AUDITORS) continue
    for (const report of given) {
      if (Math.abs(sum(report.scores) - sum(scores)) > AUDIT_TOLERANCE * probes) contradicted.add(report.peer)
    }
  }
  return { scores: agreed, contradicted }
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0)
}
