import type { Verify } from '../../hierarchy/index.js'
import type { PeerId } from '../../network/index.js'
import { openMessage } from '../messages/wire.js'
import type { Opened } from '../messages/wire.js'

import type { ClusterHeader, FullPoint, Released } from './cluster-record.js'

/**
 * Whether a farewell promises that its sender signs for no successor of `point`. It is a member's since it was last let in or, said before that, one that
 * the parent carries: who was let in again after `point` still signs for no successor of it.
 */
function isPromise({ peer, envelope, payload }: Opened<'leave'>, parent: ClusterHeader, point: FullPoint): boolean {
  if (payload.cluster !== parent.cluster || payload.round > point.round + 1 || !point.members.includes(peer)) return false
  const since = parent.members.find((one) => one.peer === peer)?.since
  if (since !== undefined && payload.round >= since) return true
  const isCarried = parent.released.some((one) => one.peer === peer && Buffer.compare(one.leave, envelope) === 0)
  return isCarried && (since === undefined || since > point.round + 1)
}

/**
 * Who is released in the successor of `parent` that these voters agree on: those whom the parent releases still, and those whose farewells are new.
 *
 * @param point - the last full record
 */
export function releasedBy(parent: ClusterHeader, point: FullPoint, voters: readonly PeerId[], leaves: readonly Opened<'leave'>[], verify: Verify): Released[] {
  const before = parent.released.map(({ leave }) => openMessage(leave, 'leave', { network: parent.network, verify }))
  const promises = [...before, ...leaves].filter((leave) => !voters.includes(leave.peer) && isPromise(leave, parent, point))
  return [...new Map(promises.toReversed().map(({ peer, envelope }) => [peer, { peer, leave: envelope }])).values()].sort((a, b) => (a.peer < b.peer ? -1 : 1))
}

/** Whether all that a record says of who is released follows from its parent and from signed farewells. @throws RoundsError MESSAGE_REFUSED */
export function releasedStand(parent: ClusterHeader, point: FullPoint, { voters, released }: ClusterHeader, verify: Verify): boolean {
  const names = released.map(({ peer }) => peer)
  const isSorted = names.every((peer, at) => at === 0 || names[at - 1]! < peer)
  return isSorted && released.every(({ peer, leave }) => {
    const opened = openMessage(leave, 'leave', { network: parent.network, verify })
    return opened.peer === peer && !voters.includes(peer) && isPromise(opened, parent, point)
  })
}
