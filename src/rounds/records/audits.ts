import { consensusScores } from '../../aggregation/index.js'
import { auditorsOf, trustedAuditors } from '../../hierarchy/index.js'
import type { Member } from '../../hierarchy/index.js'
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

/** Who scores which delta of a closed set: drawn for each manifest among trusted members, and never a sender of the same bytes. */
export type Auditors = ReadonlyMap<ContentId, ReadonlySet<PeerId>>

/**
 * @param members - of the parent record
 * @param seed - of the closed set
 * @param count - auditors of one delta
 */
export function drawAuditors(manifests: readonly Opened<'manifest'>[], members: readonly Member[], seed: ContentId, count: number): Auditors {
  const trusted = trustedAuditors(members)
  const organisations = new Map(members.map(({ peer, organisation }) => [peer, organisation]))
  const drawn = new Map<ContentId, Set<PeerId>>()
  for (const { peer, payload: { content } } of manifests) {
    const auditors = drawn.get(content) ?? new Set()
    for (const auditor of auditorsOf(seed, content, { peer, organisation: organisations.get(peer) ?? '' }, trusted, count)) auditors.add(auditor)
    drawn.set(content, auditors)
  }
  for (const { peer, payload: { content } } of manifests) drawn.get(content)!.delete(peer)
  return drawn
}

/** Whether an audit scores nothing but what fell to its sender: else two that collude would score everything, and outvote those who were drawn. */
export function isDrawn({ peer, payload }: Opened<'audit'>, auditors: Auditors): boolean {
  return payload.scores.every(({ content }) => auditors.get(content)?.has(peer) === true)
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
