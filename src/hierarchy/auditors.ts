import type { PeerId } from '../network/index.js'

import { lot } from './lot.js'
import type { Member } from './member.js'

/** Below this part of the lower median of reputations nobody is drawn as an auditor, as long as there are others. */
const TRUSTED_PART = 4

/**
 * Who may audit: members whose reputation is at least a quarter of the lower median. Whoever has been contradicted three times more often than others have is
 * drawn no more, until its deltas have earned it back.
 */
export function trustedAuditors(members: readonly Member[]): PeerId[] {
  const reputations = members.map(({ reputation }) => reputation).sort((a, b) => a - b)
  const least = Math.floor((reputations[(reputations.length - 1) >> 1] ?? 0) / TRUSTED_PART)
  return members.filter(({ reputation }) => reputation >= least).map(({ peer }) => peer)
}

/**
 * Who audits a delta: the members with the lowest lots, never its sender. The lot depends on the last commit, which nobody knew while choosing a key.
 *
 * @param commit - content id of the commit of the record from which the round starts
 * @param content - content id of the delta
 */
export function auditorsOf(commit: string, content: string, sender: PeerId, members: readonly PeerId[], count: number): PeerId[] {
  return members
    .filter((peer) => peer !== sender)
    .map((peer) => ({ peer, drawn: lot('audit', commit, content, peer) }))
    .sort((a, b) => (a.drawn < b.drawn ? -1 : 1))
    .slice(0, count)
    .map(({ peer }) => peer)
}
