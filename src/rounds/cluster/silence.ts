import { quorumOf } from '../../hierarchy/index.js'
import type { PeerId } from '../../network/index.js'
import type { Context } from '../context.js'
import type { ClusterRecord } from '../records/cluster-record.js'

import type { Gathering } from './gathering.js'
import type { Liveness } from './liveness.js'

/**
 * Whom a record takes off the roster because nobody hears of them. A silent member counts against the quorum; where as many again as have gone in this round
 * could not be spared, those who are here go on without it. It keeps its standing, and is back with the next record after it asks.
 */
export class Silence {
  constructor(private readonly context: Context, private readonly liveness: Liveness, private readonly gathering: Gathering, private readonly parent: ClusterRecord) {}

  /**
   * Members that this peer would have a record take off the roster.
   *
   * @param joining - how many the same record adds
   */
  membersToDrop(joining: number): PeerId[] {
    const { liveness, gathering: { leaves }, context } = this
    const now = context.clock.now()
    const members = this.parent.members.map(({ peer }) => peer)
    const staying = members.filter((peer) => !leaves.has(peer))
    const silent = staying.filter((peer) => !liveness.isLive(peer, now))
    const lost = silent.length + members.length - staying.length
    const next = staying.length + joining
    if (next - silent.length - lost >= quorumOf(next)) return []
    return this.longGone().sort()
  }

  /** Members of whom nobody can have heard for a while. */
  longGone(): PeerId[] {
    const { liveness, gathering: { leaves }, context } = this
    const now = context.clock.now()
    return this.parent.members.map(({ peer }) => peer).filter((peer) => !leaves.has(peer) && liveness.isLongGone(peer, now))
  }

  /** Whether this peer agrees that a member is silent. Who has been heard of since is not, whatever others have missed. */
  isSilent(peer: PeerId): boolean {
    return !this.liveness.isLive(peer, this.context.clock.now())
  }
}
