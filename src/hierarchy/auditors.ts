import type { PeerId } from '../network/index.js'

import { lot } from './lot.js'

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
