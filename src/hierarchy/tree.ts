import type { PeerId } from '../network/index.js'

import type { Member } from './member.js'
import type { Cluster } from './placement.js'

export interface ClusterView {
  readonly id: string
  readonly level: number
  readonly domain: string
  readonly round: number
  readonly head: string | undefined
  readonly members: readonly { readonly peer: string, readonly reputation?: number, readonly live?: boolean }[]
  /** Whether it has no vote at the level above for now, since nothing has come from it lately; absent where it has one. */
  readonly dormant?: true
}

/** The network from the root down, as far as this peer knows it. */
export interface TreeView {
  readonly clusters: readonly ClusterView[]
}

/** What is known of one cluster beyond its founding. */
export interface ClusterNews {
  readonly round: number
  readonly head?: string | undefined
  readonly members?: readonly Member[]
  readonly peers?: readonly PeerId[]
  readonly live?: ReadonlySet<PeerId>
  readonly dormant?: boolean
}

export function treeView(clusters: readonly Cluster[], news: ReadonlyMap<string, ClusterNews>): TreeView {
  const views = clusters.map((cluster): ClusterView => {
    const { round = 0, head, members, peers, live, dormant } = news.get(cluster.id) ?? {}
    const reputations = new Map(members?.map(({ peer, reputation }) => [peer, reputation]))
    const shown = members?.map(({ peer }) => peer) ?? peers ?? cluster.members
    return {
      id: cluster.id,
      level: cluster.level,
      domain: cluster.domain,
      round,
      head,
      ...dormant === true ? { dormant } : {},
      members: shown.map((peer) => ({
        peer,
        ...reputations.has(peer) ? { reputation: reputations.get(peer)! } : {},
        ...live === undefined ? {} : { live: live.has(peer) },
      })),
    }
  })
  return { clusters: views.sort((a, b) => b.level - a.level || (a.id < b.id ? -1 : 1)) }
}
