import { isGivenUp, seatFor } from '../hierarchy/index.js'
import type { Cluster } from '../hierarchy/index.js'
import type { ContentId, PeerId } from '../network/index.js'

import type { Context } from './context.js'
import { RoundsError } from './errors.js'
import type { WhyMoved } from './events.js'
import type { Parts } from './opening.js'
import type { FullPoint } from './records/cluster-record.js'
import { activeSeats, NOT_LISTED } from './records/level-record.js'
import type { LevelRecord, Seat } from './records/level-record.js'
import { decodeClusterHeader } from './records/record-bytes.js'
import { lineageOf } from './records/split.js'

/** What a peer knows of its own cluster, and of the level above it. */
export interface Circumstances {
  readonly self: PeerId
  readonly network: ContentId
  readonly cluster: string
  readonly domain: string
  readonly isMember: boolean
  /** Whether this peer has come to its cluster by a move. */
  readonly hasMoved: boolean
  /** The last full record of the cluster, with those of its members that have promised not to sign any more. */
  readonly full: FullPoint
  readonly released: number
  /** Members of that record that this peer hears. */
  readonly live: number
  /** Whether the level above has ever listed a record of this cluster, so that it has got a seat there. */
  readonly wasListed: boolean
  /** Where it must not go back to. */
  readonly givenUp: readonly string[]
  /** The newest record of the level above that is known here. */
  readonly above: LevelRecord | undefined
}

/** Where a peer goes on, whose cluster can do nothing more that the level above would list. */
export interface NewPlace {
  readonly seat: Seat
  readonly why: WhyMoved
}

/**
 * Where a peer should go on instead of in its cluster; undefined where it stays. It goes where the seat that its cluster had is gone; and where the seat has been
 * dormant for long, and too few members of the last full record are here for another record of it that the level above may list: then the cluster cannot come
 * back before they do.
 */
export function newPlace({ self, network, cluster, domain, isMember, hasMoved, full, released, live, wasListed, givenUp, above }: Circumstances): NewPlace | undefined {
  if (above === undefined || above.round === 0) return undefined
  const own = above.seats.find(({ seat }) => seat === cluster)
  const isStuck = 2 * live <= full.members.length - released
  // One that a split has made may have got no seat yet.
  const isLost = own === undefined ? wasListed || isStuck : isStuck && isGivenUp(own, above.round)
  // Who has moved and still waits goes where those who let it in will look for it: seats may have come or gone meanwhile.
  const isWaiting = hasMoved && !isMember
  if (!isLost && !isWaiting) return undefined
  const seat = seatFor(self, domain, activeSeats(above), network)
  if (seat === undefined || seat.seat === cluster || givenUp.includes(seat.seat)) return undefined
  return { seat, why: isLost ? (own === undefined ? 'gone' : 'silent') : 'placed' }
}

/** The same by what a peer knows now. */
export function placeOf({ self, network, clock, cluster: { id: cluster, domain }, place: { hasMoved, givenUp } }: Context, { chain, levels, liveness }: Pick<Parts, 'chain' | 'levels' | 'liveness'>): NewPlace | undefined {
  const { full, tip: { record: { members, base, released, listed, upper } } } = chain
  const above = levels.next?.chain.tip.record
  return newPlace({
    self, network, cluster, domain, hasMoved, full, givenUp,
    isMember: members.some(({ peer }) => peer === self),
    released: base?.record === full.record ? released.length : 0,
    live: liveness.live(full.members, clock.now()).length,
    // What a record names as listed may be from before a split, and then it was the other half's seat.
    wasListed: listed !== null && chain.get(listed.record)?.record.cluster === cluster,
    // One that is older than what the cluster has taken over, as where the disk has lost some, does not know of all seats.
    above: above !== undefined && above.round >= upper.round ? above : undefined,
  })
}

/** Where the chain of a cluster begins, and how often it has split. @throws RoundsError CHAIN_REFUSED; the transport's errors */
export async function originOf({ seat, record, members }: Seat, { clusters, self }: Context, { library }: Pick<Parts, 'library'>): Promise<{ readonly founded: Cluster, readonly splits: number }> {
  const { founded, splits } = record === NOT_LISTED
    ? { founded: seat, splits: [] }
    : lineageOf(decodeClusterHeader(await library.get(record, members.filter((peer) => peer !== self))).record)
  const cluster = clusters.find(({ id }) => id === founded)
  if (cluster === undefined) throw new RoundsError('CHAIN_REFUSED', `the cluster ${seat} goes back to ${founded}, which the founders did not make`)
  return { founded: cluster, splits: splits.length }
}
