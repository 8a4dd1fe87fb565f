import { isGivenUp, seatFor } from '../hierarchy/index.js'
import type { ContentId, PeerId } from '../network/index.js'

import type { FullPoint } from './records/cluster-record.js'
import { activeSeats } from './records/level-record.js'
import type { LevelRecord, Seat } from './records/level-record.js'

/** What a peer knows of its own cluster, and of the level above it. */
export interface Standing {
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
  /** Where it must not go back to. */
  readonly givenUp: readonly string[]
  /** The newest record of the level above that is known here. */
  readonly above: LevelRecord | undefined
}

/** Why a peer gives its cluster up. */
export type WhyMoved = 'silent' | 'gone' | 'placed'

/** Where a peer goes on, whose cluster can do nothing more that the level above would list. */
export interface NewPlace {
  readonly seat: Seat
  readonly why: WhyMoved
}

/**
 * Where a peer should go on instead of in its cluster; undefined where it stays. It goes where the seat of its cluster has been dormant for long or is gone, and
 * too few members of the last full record are here for another record of it that the level above may list: then the cluster cannot come back before they do.
 */
export function newPlace({ self, network, cluster, domain, isMember, hasMoved, full, released, live, givenUp, above }: Standing): NewPlace | undefined {
  if (above === undefined || above.round === 0) return undefined
  const own = above.seats.find(({ seat }) => seat === cluster)
  const isStuck = 2 * live <= full.members.length - released
  const isLost = isStuck && (own === undefined || isGivenUp(own, above.round))
  // Who has moved and still waits goes where those who let it in will look for it: seats may have come or gone meanwhile.
  const isWaiting = hasMoved && !isMember
  if (!isLost && !isWaiting) return undefined
  const seat = seatFor(self, domain, activeSeats(above), network)
  if (seat === undefined || seat.seat === cluster || givenUp.includes(seat.seat)) return undefined
  return { seat, why: isLost ? (own === undefined ? 'gone' : 'silent') : 'placed' }
}
