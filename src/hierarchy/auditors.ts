import type { PeerId } from '../network/index.js'

import { lot } from './lot.js'
import type { Member } from './member.js'
import { areKin } from './organisations.js'

/** Below this part of the lower median of reputations nobody is drawn as an auditor, as long as there are others. */
const TRUSTED_PART = 4

/**
 * Who may audit: members whose reputation is at least a quarter of the lower median. Whoever has been contradicted three times more often than others have is
 * drawn no more, until its deltas have earned it back.
 */
export function trustedAuditors(members: readonly Member[]): Member[] {
  const reputations = members.map(({ reputation }) => reputation).sort((a, b) => a - b)
  const least = Math.floor((reputations[(reputations.length - 1) >> 1] ?? 0) / TRUSTED_PART)
  return members.filter(({ reputation }) => reputation >= least)
}

/**
 * Who audits a delta: the members with the lowest lots, never its sender, and peers of its sender's organisation only where there are too few others. The lot
 * depends on what nobody knew while choosing a key.
 *
 * @param seed - of the closed set
 * @param content - content id of the delta
 */
export function auditorsOf(seed: string, content: string, sender: Pick<Member, 'peer' | 'organisation'>, members: readonly Pick<Member, 'peer' | 'organisation'>[], count: number): PeerId[] {
  return members
    .filter(({ peer }) => peer !== sender.peer)
    .map((member) => ({ peer: member.peer, isKin: areKin(member, sender), drawn: lot('audit', seed, content, member.peer) }))
    .sort((a, b) => Number(a.isKin) - Number(b.isKin) || (a.drawn < b.drawn ? -1 : 1))
    .slice(0, count)
    .map(({ peer }) => peer)
}
