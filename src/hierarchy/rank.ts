import type { PeerId } from '../network/index.js'

import { lot } from './lot.js'
import { missesThatCount, ones } from './member.js'
import type { Member } from './member.js'

/** Reputations that differ by less than a quarter are as good as equal: one delta that was lost on its way must not cost a head its place. */
const reputationClass = (reputation: number): number => reputation >> 14

/** Seen in more than half of the last 16 commits, in fewer, or never. */
const presenceClass = (presence: number): number => Math.ceil(ones(presence) / 8)

/**
 * The order in which members propose: fewest misses that count, then reputation and presence, both in coarse classes, then a lot. The first is the head as
 * long as it does its work.
 *
 * @param salt - the cluster's id, so that one peer is not first everywhere
 */
export function rank(members: readonly Member[], salt: string): readonly PeerId[] {
  const known = ranked.get(members)
  if (known?.salt === salt) return known.order
  const order = sortByRank(members, salt)
  ranked.set(members, { salt, order })
  return order
}

/** The last order of some members: it is asked for at every heartbeat. A record's members never change. */
const ranked = new WeakMap<readonly Member[], { readonly salt: string, readonly order: readonly PeerId[] }>()

function sortByRank(members: readonly Member[], salt: string): PeerId[] {
  const order = members.map((member) => ({
    peer: member.peer,
    key: [missesThatCount(member), -reputationClass(member.reputation), -presenceClass(member.presence)] as const,
    lot: lot('rank', salt, member.peer),
  }))
  order.sort((a, b) => a.key[0] - b.key[0] || a.key[1] - b.key[1] || a.key[2] - b.key[2] || (a.lot < b.lot ? -1 : 1))
  return order.map(({ peer }) => peer)
}

/** Who proposes in a term. */
export function proposerOf(proposers: readonly PeerId[], term: number): PeerId {
  return proposers[term % proposers.length]!
}

/** Those whose turn went by before the term in which a round was decided, each once. */
export function missedTurns(proposers: readonly PeerId[], term: number): PeerId[] {
  return proposers.slice(0, Math.min(term, proposers.length)).filter((peer) => peer !== proposerOf(proposers, term))
}
