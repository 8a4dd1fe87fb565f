import type { PeerId } from '../network/index.js'

import type { Member } from './member.js'
import type { RosterEntry } from './placement.js'

/** Whose peers a network's founders are, as its owners say; empty where they do not. */
export function founderOrganisation(roster: readonly RosterEntry[], peer: PeerId): string {
  const known = organisations.get(roster) ?? new Map(roster.map((entry) => [entry.peer, entry.organisation ?? '']))
  organisations.set(roster, known)
  return known.get(peer) ?? ''
}

/** Rosters never change. */
const organisations = new WeakMap<readonly RosterEntry[], ReadonlyMap<PeerId, string>>()

/** Whether two members are known to be of one organisation. */
export function areKin(one: Pick<Member, 'organisation'>, other: Pick<Member, 'organisation'>): boolean {
  return one.organisation !== '' && one.organisation === other.organisation
}
