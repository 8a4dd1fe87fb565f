import type { TreeView } from '../hierarchy/index.js'
import type { ContentId, PeerId } from '../network/index.js'

import type { Contribution, Phase } from './events.js'

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
export interface PeerStatus {
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
  readonly bytesSent: number
  readonly bytesReceived: number
  readonly tree: TreeView
}
