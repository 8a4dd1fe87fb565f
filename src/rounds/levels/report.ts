import { encodedLength } from '../../adapter/index.js'
import { contentId } from '../../identity/index.js'
import type { ContentId, PeerId } from '../../network/index.js'
import { RoundsError } from '../errors.js'
import type { ClusterHeader, Offer, Stored, Trunk } from '../records/cluster-record.js'

import { recentRecords } from '../records/level-record.js'
import type { LevelRecord, Seat } from '../records/level-record.js'

/** The newest record of a cluster with a seat here, proved by its chain from the one that is listed. */
export interface Report {
  readonly seat: string
  readonly stored: Stored<Trunk>
  /** A commit of it. */
  readonly commit: ContentId
  readonly commitBytes: Uint8Array
  /** Who signs for the seat from then on. */
  readonly members: readonly PeerId[]
  /** First records of the clusters that have split from it since the listed record. */
  readonly born: readonly Stored<ClusterHeader>[]
  /** Whether the cluster has been too small for so long that it asks to be closed. */
  readonly asksToClose: boolean
}

/** A report with the bytes of its offer, where it makes one that can be settled now. */
export interface CompleteReport extends Report {
  readonly offer: OfferBytes | null
}

export interface OfferBytes {
  readonly offer: Offer
  readonly content: Uint8Array
  readonly velocity: Uint8Array
}

/** The seat of a report in the record that it is made to. @throws RoundsError EVIDENCE_REFUSED where it has none, or a later one is listed */
export function seatOf(parent: Stored<LevelRecord>, seat: string, round: number): Seat {
  const listed = parent.record.seats.find((one) => one.seat === seat)
  if (listed === undefined) throw new RoundsError('EVIDENCE_REFUSED', `the report of ${seat} from its round ${round} is refused: it has no seat in ${parent.record.cluster}`)
  if (round <= listed.round) throw new RoundsError('EVIDENCE_REFUSED', `the report of ${seat} from its round ${round} is refused: round ${listed.round} is listed already`)
  return listed
}

/**
 * The offer of a reported record that the successor of `parent` settles, if there is one: not settled before, and made of a change from a recent record
 * of this level.
 */
export function dueOffer(parent: Stored<LevelRecord>, { seat, stored: { record } }: Pick<Report, 'seat' | 'stored'>): Offer | undefined {
  const listed = parent.record.seats.find((one) => one.seat === seat)
  const { offer } = record
  return listed !== undefined && offer !== null && offer.round > listed.offered && recentRecords(parent).includes(offer.base) ? offer : undefined
}

/** @throws RoundsError EVIDENCE_REFUSED where the bytes are not those of the offer */
export function checkOfferBytes(seat: string, { offer, content, velocity }: OfferBytes, length: number): void {
  const size = encodedLength(length)
  const isRight = content.length === size && velocity.length === size && contentId(content) === offer.content && contentId(velocity) === offer.velocity
  if (!isRight) throw new RoundsError('EVIDENCE_REFUSED', `the offer of ${seat} from its round ${offer.round} is refused: its bytes are not the ${size} that its record names`)
}
