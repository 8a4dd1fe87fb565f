import type { PeerId } from '../network/index.js'

/** 1.0 in scores, weights and reputations. */
export const ONE = 65536

/** What a newcomer starts with: half of the best. */
export const FIRST_REPUTATION = 32768

/** Rounds over which misses and presence are remembered, one bit each. */
const REMEMBERED = 0xffff

/** Carried commits without a member's signature, in a row, after which it is off the roster; and rounds for which one that is away keeps its standing. */
export const ABSENCES_ALLOWED = 8

/** Turns of the last 16 that a member may lose by chance: it has signed what was agreed on without its proposal, so it was there. */
const FORGIVEN = 2

/** The last commits of which a member must have signed one to speak for its cluster above. */
const SPEAKERS_PRESENCE = 0b11

/**
 * A member as a record describes it for the next round. All of it follows from signed evidence in the records, so that all members compute the same.
 */
export interface Member {
  readonly peer: PeerId
  readonly domain: string
  /** Whose peer it is, in the words of the network's owners; empty where they do not say. */
  readonly organisation: string
  /** The first round in which the peer takes part; its delta counts half there. */
  readonly since: number
  /** 0..65536 */
  readonly reputation: number
  /** One bit for each of the last 16 rounds, the newest lowest: 1 where the member had its turn to propose and the round went on without it. */
  readonly misses: number
  /** One bit for each of the last 16 commits that a record carried, the newest lowest: 1 where the member signed. */
  readonly presence: number
}

export function founder(peer: PeerId, domain: string, organisation = ''): Member {
  return { peer, domain, organisation, since: 1, reputation: FIRST_REPUTATION, misses: 0, presence: REMEMBERED }
}

/** A peer that a record of round `since - 1` adds. It has the whole allowance of absences before it. */
export function newcomer(peer: PeerId, domain: string, since: number, organisation = ''): Member {
  return { peer, domain, organisation, since, reputation: FIRST_REPUTATION, misses: 0, presence: 1 }
}

/** What the commit that a record carries shows of a member. */
export function afterCommit(member: Member, shown: { readonly signed: boolean, readonly missed: boolean }): Member {
  const after = {
    ...member,
    misses: (member.misses << 1 | (shown.missed ? 1 : 0)) & REMEMBERED,
    presence: (member.presence << 1 | (shown.signed ? 1 : 0)) & REMEMBERED,
  }
  const costs = shown.missed && missesThatCount(after) > 0
  return { ...after, reputation: costs ? member.reputation - (member.reputation >> 4) : member.reputation }
}

/**
 * Misses that cost a member its rank: all in which it was not there, and those beyond two in which it signed what was agreed on after its turn. Where messages
 * are lost, a proposal comes too late once in a while; a proposer that nobody can agree with misses turn after turn.
 */
export function missesThatCount({ misses, presence }: Pick<Member, 'misses' | 'presence'>): number {
  return ones(misses & ~presence) + Math.max(0, ones(misses & presence) - FORGIVEN)
}

/** A member that comes back after some rounds on no roster: it signed nothing in them. */
export function afterAbsence(member: Member, rounds: number): Member {
  return { ...member, misses: (member.misses << rounds) & REMEMBERED, presence: ((member.presence << rounds) & REMEMBERED) | 1 }
}

export function isAbsent(member: Member): boolean {
  return (member.presence & (1 << ABSENCES_ALLOWED) - 1) === 0
}

/** Whether a member has been there lately: who has not is no voter at the level above, where every silent one would count against the others. */
export function isPresent({ presence }: Member): boolean {
  return (presence & SPEAKERS_PRESENCE) !== 0
}

/** Whether a member signed the last commit that was carried, or has just been added. */
export function hasJustSigned({ presence }: Member): boolean {
  return (presence & 1) !== 0
}

/** How a round's outcome changes a reputation. */
export const reputationAfter = {
  counted: (reputation: number): number => reputation + (ONE - reputation >> 4),
  contradicted: (reputation: number): number => reputation >> 1,
  equivocation: (): number => 0,
} as const

/** How many of the last 16 rounds or commits a mask names. */
export function ones(mask: number): number {
  let count = 0
  for (let rest = mask & REMEMBERED; rest !== 0; rest &= rest - 1) count++
  return count
}
