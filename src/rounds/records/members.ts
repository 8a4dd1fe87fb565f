import { ABSENCES_ALLOWED, afterAbsence, afterCommit, clusterFor, hasFailedProbation, isPlacedAt, isAbsent, missedTurns, newcomer, remembered, reputationAfter, seatFor } from '../../hierarchy/index.js'
import type { Cluster, Member, Placeable } from '../../hierarchy/index.js'
import type { PeerId } from '../../network/index.js'
import { LATE_ROUNDS, MAXIMUM_MEMBERS } from '../limits.js'
import type { Opened } from '../messages/wire.js'
import type { RoundPolicy } from '../policy.js'

import type { Away, ClusterRecord, Commit } from './cluster-record.js'
import { signersOf } from './commit.js'
import { lineageOf, namesOf } from './split.js'

/**
 * Whether a peer that asks may be added by the successor of `parent`: it is no member, asks for now, and has its place in this cluster, or has it here since
 * its own cluster is silent.
 *
 * @param seats - those that are active in the record from above that the parent names; undefined where that is not known: then nobody has a place but by birth
 */
export function mayJoin({ peer, payload }: Opened<'join'>, parent: ClusterRecord, clusters: readonly Cluster[], seats: readonly Placeable[] | undefined): boolean {
  const { network, cluster, domain, members, round, upper } = parent
  const isForNow = payload.record === upper.record && Math.abs(payload.round - round - 1) <= LATE_ROUNDS
  if (members.some((member) => member.peer === peer) || payload.cluster !== cluster || payload.domain !== domain || !isForNow) return false
  // A founder comes back to the cluster that it started in.
  const place = foundedIn(peer, clusters) ?? clusterFor(peer, domain, clusters, network)
  const { founded, splits } = lineageOf(parent)
  // Which of its two places a peer asks for is its own affair: it cannot choose a third.
  return (place?.id === founded && isPlacedAt(peer, splits)) || (seats !== undefined && seatFor(peer, domain, seats, network)?.seat === cluster)
}

/** Where a founder started: whoever asks to join asks all members, and again at every heartbeat. */
export function foundedIn(peer: PeerId, clusters: readonly Cluster[]): Cluster | undefined {
  return founding(clusters).get(peer)
}

const founding = remembered((clusters: readonly Cluster[]): ReadonlyMap<PeerId, Cluster> => new Map(clusters.flatMap((cluster) => cluster.members.map((member) => [member, cluster] as const))))

/** Whether a member's farewell takes it off the roster of the successor of `parent`: it is for now, and not from before it was last added. */
export function mayLeave({ peer, payload }: Opened<'leave'>, parent: ClusterRecord): boolean {
  const { members, round } = parent
  const member = members.find((one) => one.peer === peer)
  return member !== undefined && namesOf(parent).includes(payload.cluster) && payload.round >= member.since && Math.abs(payload.round - round - 1) <= LATE_ROUNDS
}

/** Of whom no probation is asked: founders, and all in a network whose owners let peers in by credentials. */
export function exemptFrom({ membership }: Pick<RoundPolicy, 'membership'>, clusters: readonly Cluster[]): (peer: PeerId) => boolean {
  if (membership === 'credential') return () => true
  return (peer) => foundedIn(peer, clusters) !== undefined
}

export interface MembersInput {
  readonly parent: ClusterRecord
  readonly carried: Commit | null
  readonly round: number
  /** Who goes on; base members that are not among them leave a provisional roster. */
  readonly voters: readonly PeerId[]
  /** The members of the last full record: they come back with the standing they had there. */
  readonly base: readonly Member[]
  readonly joiners: readonly { readonly peer: PeerId, readonly domain: string, readonly organisation: string }[]
  readonly leavers: ReadonlySet<PeerId>
  /** Of whom nobody hears. */
  readonly silent: ReadonlySet<PeerId>
  readonly counted: ReadonlySet<PeerId>
  readonly contradicted: ReadonlySet<PeerId>
  readonly cheats: ReadonlySet<PeerId>
  readonly isExempt: (peer: PeerId) => boolean
}

/** Whether a peer that asks to join comes back: it was a member when the last record became full, or has been away since. */
export function isKnown(peer: PeerId, parent: Pick<ClusterRecord, 'away'>, base: readonly Member[]): boolean {
  return base.some((member) => member.peer === peer) || parent.away.some((member) => member.peer === peer)
}

/** The roster of the next round, and who is away from it. */
export function nextRoster({ parent, carried, round, voters, base, joiners, leavers, silent, counted, contradicted, cheats, isExempt }: MembersInput): { readonly members: Member[], readonly away: Away[] } {
  const basePeers = new Set(base.map(({ peer }) => peer))
  const signers = new Set(carried === null ? [] : signersOf(carried))
  const missed = new Set(carried === null ? [] : missedTurns(parent.voters, carried.term))
  const isHere = (peer: PeerId): boolean => (voters.includes(peer) || !basePeers.has(peer)) && !silent.has(peer)
  const remaining = parent.members
    .filter(({ peer }) => !leavers.has(peer))
    .map((member) => {
      const { peer } = member
      const voted = carried !== null && parent.voters.includes(peer)
      const shown = voted ? afterCommit(member, { signed: signers.has(peer), missed: missed.has(peer) }) : member
      return { ...shown, reputation: reputation(shown) }
    })
    .filter((member) => !isAbsent(member) && (isExempt(member.peer) || !hasFailedProbation(member, round + 1)))
  const staying = remaining.filter(({ peer }) => isHere(peer))
  const here = new Set(staying.map(({ peer }) => peer))
  const coming = joiners
    .filter(({ peer }, at) => !here.has(peer) && joiners.findIndex((other) => other.peer === peer) === at)
    .map(({ peer, domain, organisation }) => {
      const known = base.find((member) => member.peer === peer)
      if (known !== undefined) return { ...known, since: round + 1 }
      const left = parent.away.find((member) => member.peer === peer)
      return left === undefined ? newcomer(peer, domain, round + 1, organisation) : back(left, round + 1)
    })
  for (const { peer } of coming) here.add(peer)
  const going = remaining.filter(({ peer }) => !here.has(peer)).map((member) => ({ ...member, gone: round }))
  const away = [...parent.away.filter(({ peer, gone }) => !going.some((one) => one.peer === peer) && !here.has(peer) && !leavers.has(peer) && round - gone < ABSENCES_ALLOWED), ...going]
  return {
    members: [...staying, ...coming].sort(byPeer),
    away: away.sort((a, b) => b.gone - a.gone || byPeer(a, b)).slice(0, MAXIMUM_MEMBERS).sort(byPeer),
  }

  function reputation({ peer, reputation: before }: Member): number {
    if (cheats.has(peer)) return reputationAfter.equivocation()
    const claimed = contradicted.has(peer) ? reputationAfter.contradicted(before) : before
    // A proved cheat stays one.
    return counted.has(peer) && claimed > 0 ? reputationAfter.counted(claimed) : claimed
  }
}

/** Who comes back has signed nothing meanwhile, and is here now. */
function back({ gone, ...member }: Away, since: number): Member {
  return { ...afterAbsence(member, since - gone), since }
}

function byPeer(a: { readonly peer: PeerId }, b: { readonly peer: PeerId }): number {
  return a.peer < b.peer ? -1 : 1
}
