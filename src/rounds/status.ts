import { isDormant, ones, treeView } from '../hierarchy/index.js'
import type { Cluster, ClusterNews, TreeView } from '../hierarchy/index.js'
import type { ContentId, PeerId } from '../network/index.js'

import type { Checkpoint } from './cluster/checkpoints.js'
import type { ClusterRound } from './cluster/round.js'
import type { Context } from './context.js'
import type { Contribution, Phase } from './events.js'
import type { Level } from './levels/level.js'
import type { Parts } from './opening.js'
import type { ClusterRecord } from './records/cluster-record.js'
import type { LevelRecord } from './records/level-record.js'
import { trainingAfter } from './records/roll-call.js'
import { namesOf } from './records/split.js'

export interface Traffic {
  readonly bytesSent: number
  readonly bytesReceived: number
}

export interface MemberStatus {
  readonly peer: PeerId
  readonly domain: string
  /** Whose peer it is, where the network's owners say so; else empty. */
  readonly organisation: string
  readonly live: boolean
  /** 0..1 */
  readonly reputation: number
  /** Of the last 16 rounds. */
  readonly misses: number
  /** Of the last 16 commits. */
  readonly presence: number
}

/** A cluster of seats above a peer's own. */
export interface LevelStatus {
  readonly level: number
  readonly cluster: string
  /** The last record. */
  readonly round: number
  readonly record: ContentId
  /** The seat whose proposal became that record. */
  readonly head: string | undefined
  /** Whether this peer signs there; else it follows. */
  readonly takesPart: boolean
  /** Seats that have no vote for now, since nothing has come from them lately. */
  readonly dormant: readonly string[]
}

/** Where a peer stands, for dashboards and tests. */
export interface PeerStatus extends Traffic {
  readonly peer: PeerId
  /** The highest level at which this peer acts: 1 where it is its cluster's head and so speaks for it, more where it is a delegate; 0 otherwise. */
  readonly level: number
  readonly cluster: string
  readonly domain: string
  /** The names that the cluster's chain has had before: it has split off from the last of them. */
  readonly splitFrom: readonly string[]
  readonly members: readonly MemberStatus[]
  readonly head: PeerId | undefined
  /** The round that is running, and the training: roll calls count as rounds alone. */
  readonly round: number
  readonly training: number
  readonly phase: Phase
  readonly term: number
  readonly voters: readonly PeerId[]
  readonly provisional: boolean
  /** The last record; and what became of each delta in the last one that ended a training. */
  readonly record: ContentId
  readonly contributions: readonly Contribution[]
  /** By which version of the policy the round runs, and the newest that has come to this peer. */
  readonly policy: { readonly inForce: number, readonly newest: number }
  /** What the owners could roll back to, newest first; empty where this peer does not follow the network's top. */
  readonly checkpoints: readonly Checkpoint[]
  /** The levels above that this peer knows of, the next one first. */
  readonly levels: readonly LevelStatus[]
  readonly tree: TreeView
}

export function statusOf(context: Context, { chain, liveness, levels, checkpoints }: Parts, round: ClusterRound, contributions: readonly Contribution[], traffic: Traffic): PeerStatus {
  const { record, id } = chain.tip
  const live = new Set(liveness.live(record.members.map(({ peer }) => peer), context.clock.now()))
  const { known } = levels
  const news = new Map<string, ClusterNews>(known.flatMap(({ chain: { tip } }) => tip.record.seats.map((seat): [string, ClusterNews] => [
    seat.seat, { round: seat.round, dormant: isDormant(seat, tip.record.round), ...tip.record.level === 1 ? { peers: seat.members } : {} },
  ])))
  const add = (cluster: string, more: ClusterNews): void => { news.set(cluster, { dormant: news.get(cluster)?.dormant ?? false, ...more }) }
  add(context.cluster.id, { round: record.round, head: chain.head, members: record.members, live })
  for (const { cluster, chain: { tip, head } } of known) add(cluster, { round: tip.record.round, head })
  return {
    peer: context.self,
    level: Math.max(chain.head === context.self && known.length > 0 ? 1 : 0, ...known.slice(1).filter(({ takesPart }) => takesPart).map((level) => level.chain.level)),
    cluster: context.cluster.id,
    domain: context.cluster.domain,
    splitFrom: namesOf(record).slice(0, -1),
    members: record.members.map(({ peer, domain, organisation, reputation, misses, presence }) => ({
      peer, domain, organisation, live: live.has(peer), reputation: reputation / 65_536, misses: ones(misses), presence: ones(presence),
    })),
    head: chain.head,
    round: round.round,
    training: trainingAfter(record),
    phase: round.phase,
    term: round.term,
    voters: round.voters,
    provisional: chain.full.record !== id,
    record: id,
    contributions,
    policy: { inForce: record.policy, newest: context.policies.newest().version },
    checkpoints: checkpoints.all,
    levels: known.map(({ cluster, takesPart, chain: { level, tip, head } }) => ({ level, cluster, round: tip.record.round, record: tip.id, head, takesPart, dormant: dormantIn(tip.record) })),
    bytesSent: traffic.bytesSent,
    bytesReceived: traffic.bytesReceived,
    tree: treeView(clustersOf(context, record, known), news),
  }
}

function dormantIn({ seats, round }: LevelRecord): string[] {
  return seats.filter((seat) => isDormant(seat, round)).map(({ seat }) => seat)
}

/** The clusters that this peer knows of: those that the founders made, and those that splits have made since. */
function clustersOf({ clusters, upper }: Context, own: ClusterRecord, known: readonly Level[]): Cluster[] {
  const all = new Map([...clusters, ...upper].map((cluster) => [cluster.id, cluster]))
  const { cluster, domain, members } = own
  all.set(cluster, { id: cluster, level: 0, domain, members: members.map(({ peer }) => peer) })
  for (const { cluster: id, chain: { level, tip: { record: { seats } } } } of known) {
    all.set(id, { id, level, domain: '', members: seats.map(({ seat }) => seat) })
    if (level === 1) for (const { seat, domain: kind, members: peers } of seats) if (seat !== cluster) all.set(seat, { id: seat, level: 0, domain: kind, members: peers })
  }
  return [...all.values()]
}
