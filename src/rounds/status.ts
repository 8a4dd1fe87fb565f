import { ones, rootCluster, treeView } from '../hierarchy/index.js'
import type { ClusterNews, TreeView } from '../hierarchy/index.js'
import type { ContentId, PeerId } from '../network/index.js'

import type { ClusterRound } from './cluster/round.js'
import type { Context } from './context.js'
import type { Contribution, Phase } from './events.js'
import type { Parts } from './opening.js'

export interface Traffic {
  readonly bytesSent: number
  readonly bytesReceived: number
}

export interface MemberStatus {
  readonly peer: PeerId
  readonly domain: string
  readonly live: boolean
  /** 0..1 */
  readonly reputation: number
  /** Of the last 16 rounds. */
  readonly misses: number
  /** Of the last 16 commits. */
  readonly presence: number
}

/** Where a peer stands, for dashboards and tests. */
export interface PeerStatus extends Traffic {
  readonly peer: PeerId
  /** 1 where this peer is its cluster's head and so carries its seat above; 0 otherwise. */
  readonly level: number
  readonly cluster: string
  readonly domain: string
  readonly members: readonly MemberStatus[]
  readonly head: PeerId | undefined
  /** The round that is running. */
  readonly round: number
  readonly phase: Phase
  readonly term: number
  readonly voters: readonly PeerId[]
  readonly provisional: boolean
  /** The last record, and what became of each delta in it. */
  readonly record: ContentId
  readonly contributions: readonly Contribution[]
  readonly upper: { readonly round: number, readonly record: ContentId, readonly head: string | undefined } | undefined
  readonly tree: TreeView
}

export function statusOf(context: Context, { chain, liveness, upperChain, upper }: Parts, round: ClusterRound, contributions: readonly Contribution[], traffic: Traffic): PeerStatus {
  const { record, id } = chain.tip
  const live = new Set(liveness.live(record.members.map(({ peer }) => peer), context.clock.now()))
  const top = upperChain.tip.record
  const root = rootCluster(context.clusters)
  const news = new Map<string, ClusterNews>(top.seats.map((seat) => [seat.seat, { round: seat.round, peers: seat.members }]))
  news.set(context.cluster.id, { round: record.round, head: chain.head, members: record.members, live })
  if (root !== undefined) news.set(root.id, { round: top.round, head: upperChain.head })
  return {
    peer: context.self,
    level: upper !== undefined && chain.head === context.self ? 1 : 0,
    cluster: context.cluster.id,
    domain: context.cluster.domain,
    members: record.members.map(({ peer, domain, reputation, misses, presence }) => ({
      peer, domain, live: live.has(peer), reputation: reputation / 65_536, misses: ones(misses), presence: ones(presence),
    })),
    head: chain.head,
    round: round.round,
    phase: round.phase,
    term: round.term,
    voters: round.voters,
    provisional: chain.full.record !== id,
    record: id,
    contributions,
    upper: upper === undefined ? undefined : { round: top.round, record: upperChain.tip.id, head: upperChain.head },
    bytesSent: traffic.bytesSent,
    bytesReceived: traffic.bytesReceived,
    tree: treeView([...context.clusters, ...root === undefined ? [] : [root]], news),
  }
}
