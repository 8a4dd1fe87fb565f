import { honestMinimum, isDormant } from '../../hierarchy/index.js'
import type { LevelRecord } from '../records/level-record.js'
import { activeSeats } from '../records/level-record.js'

/** What a voter knows when a record is proposed. */
export interface KnownOfSeats {
  /** Seats whose report is due, with the moment since when this peer has held it. */
  readonly due: ReadonlyMap<string, number>
  /** Seats that signed the parent, with the moment since when this peer has known. */
  readonly signed: ReadonlyMap<string, number>
  /** When this peer first saw the proposed record. All in milliseconds of its clock. */
  readonly seen: number
  readonly term: number
  readonly heartbeatMs: number
}

/**
 * Whether a record takes the vote of a seat that its proposer must have heard of: its report is due, or it has signed. An honest proposer may know
 * less, where messages were lost; what this peer has known for more than a heartbeat has been said again since. Of the proposers of the first terms one is
 * honest; after them the record's word stands, so that nothing waits for ever.
 *
 * @returns what is wrong with the record, undefined where nothing is
 */
export function silencedBy(record: Pick<LevelRecord, 'entries' | 'seats' | 'round'>, parent: Pick<LevelRecord, 'seats' | 'round'>, { due, signed, seen, term, heartbeatMs }: KnownOfSeats): string | undefined {
  const active = activeSeats(parent)
  if (term >= honestMinimum(active.length)) return undefined
  const isOld = (since: number | undefined): boolean => since !== undefined && seen - since > heartbeatMs
  const before = new Set(active.map(({ seat }) => seat))
  const muted = record.seats.filter((seat) => before.has(seat.seat) && isDormant(seat, record.round))
  const unheard = muted.find(({ seat }) => isOld(due.get(seat)))
  if (unheard !== undefined) return `it takes the vote of ${unheard.seat}, whose report it leaves out`
  const uncounted = muted.find(({ seat }) => isOld(signed.get(seat)))
  return uncounted === undefined ? undefined : `it takes the vote of ${uncounted.seat}, which has signed the record before`
}
