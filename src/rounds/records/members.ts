import { afterCommit, clusterFor, hasFailedProbation, isPlacedAt, isAbsent, missedTurns, newcomer, reputationAfter } from '../../hierarchy/index.js'
import type { Cluster, Member } from '../../hierarchy/index.js'
import type { PeerId } from '../../network/index.js'
import { LATE_ROUNDS } from '../limits.js'
import type { Opened } from '../messages/wire.js'
import type { RoundPolicy } from '../policy.js'

import type { ClusterRecord, Commit } from './cluster-record.js'
import { signersOf } from './commit.js'
import { lineageOf, namesOf } from './split.js'

/** Whether a peer that asks may be added by the successor of `parent`: it is no member, asks for now, and has its place in this cluster. */
export function mayJoin({ peer, payload }: Opened<'join'>, parent: ClusterRecord, clusters: readonly Cluster[]): boolean {
  const { network, cluster, domain, members, round, upper } = parent
  const isForNow = payload.record === upper.record && Math.abs(payload.round - round - 1) <= LATE_ROUNDS
  if (members.some((member) => member.peer === peer) || payload.cluster !== cluster || payload.domain !== domain || !isForNow) return false
  // A founder comes back to the cluster that it started in.
  const place = foundedIn(peer, clusters) ?? clusterFor(peer, domain, clusters, network)
  const { founded, splits } = lineageOf(parent)
  return place?.id === founded && isPlacedAt(peer, splits)
}

/** Where a founder started: whoever asks to join asks all members, and again at every heartbeat. */
export function foundedIn(peer: PeerId, clusters: readonly Cluster[]): Cluster | undefined {
  let founders = founding.get(clusters)
  if (founders === undefined) {
    founders = new Map(clusters.flatMap((cluster) => cluster.members.map((member) => [member, cluster] as const)))
    founding.set(clusters, founders)
  }
  return founders.get(peer)
}

const founding = new WeakMap<readonly Cluster[], ReadonlyMap<PeerId, Cluster>>()

/** Whether a member's farewell takes it off the roster of the successor of `parent`: it is for now, and not from before it was last added. */
export function mayLeave({ peer, payload }: Opened<'leave'>, parent: ClusterRecord): boolean {
  const { members, round } = parent
  const member = members.find((one) => one.peer === peer)
  return member !== undefined && namesOf(parent).includes(payload.cluster) && payload.round >= member.since && Math.abs(payload.round - round - 1) <= LATE_ROUNDS
}

/** Of whom no probation is asked: founders, and all in a network whose owners let peers in by credentials. */
export function exemptFrom({ membership }: Pick<RoundPolicy, 'membership'>, clusters: readonly Cluster[]): (peer: PeerId) => boolean {
  if (membership === 'credential') return () => true
  const founders = foundersOf(clusters)
  return (peer) => founders.has(peer)
}

export function foundersOf(clusters: readonly Cluster[]): ReadonlySet<PeerId> {
  let founders = allFounders.get(clusters)
  if (founders === undefined) {
    founders = new Set(clusters.flatMap(({ members }) => members))
    allFounders.set(clusters, founders)
  }
  return founders
}

/** Thousands in a large network, and asked for with every record. */
const allFounders = new WeakMap<readonly Cluster[], ReadonlySet<PeerId>>()

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
  readonly counted: ReadonlySet<PeerId>
  readonly contradicted: ReadonlySet<PeerId>
  readonly cheats: ReadonlySet<PeerId>
  readonly isExempt: (peer: PeerId) => boolean
}

/** The roster of the next round. */
export function nextMembers({ parent, carried, round, voters, base, joiners, leavers, counted, contradicted, cheats, isExempt }: MembersInput): Member[] {
  const basePeers = new Set(base.map(({ peer }) => peer))
  const signers = new Set(carried === null ? [] : signersOf(carried))
  const missed = new Set(carried === null ? [] : missedTurns(parent.voters, carried.term))
  const staying = parent.members
    .filter(({ peer }) => (voters.includes(peer) || !basePeers.has(peer)) && !leavers.has(peer))
    .map((member) => {
      const { peer } = member
      const voted = carried !== null && parent.voters.includes(peer)
      const shown = voted ? afterCommit(member, { signed: signers.has(peer), missed: missed.has(peer) }) : member
      return { ...shown, reputation: reputation(shown) }
    })
    .filter((member) => !isAbsent(member) && (isExempt(member.peer) || !hasFailedProbation(member, round + 1)))
  const here = new Set(staying.map(({ peer }) => peer))
  const coming = joiners
    .filter(({ peer }, at) => !here.has(peer) && joiners.findIndex((other) => other.peer === peer) === at)
    .map(({ peer, domain, organisation }) => {
      const known = base.find((member) => member.peer === peer)
      return known === undefined ? newcomer(peer, domain, round + 1, organisation) : { ...known, since: round + 1 }
    })
  return [...staying, ...coming].sort((a, b) => (a.peer < b.peer ? -1 : 1))

  function reputation({ peer, reputation: before }: Member): number {
    if (cheats.has(peer)) return reputationAfter.equivocation()
    const claimed = contradicted.has(peer) ? reputationAfter.contradicted(before) : before
    // A proved cheat stays one.
    return counted.has(peer) && claimed > 0 ? reputationAfter.counted(claimed) : claimed
  }
}
