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
 * Whether a proposer passes a seat over that it must have heard of: its report is due, or its signature is all that keeps its vote. An honest proposer may know
 * less, where messages were lost; what this peer has known for more than a heartbeat has been said again since. Of the proposers of the first terms one is
 * honest; after them the record's word stands, so that nothing waits for ever.
 *
 * @returns what is wrong with the record, undefined where nothing is
 */
export function silencedBy(record: Pick<LevelRecord, 'entries' | 'seats' | 'round'>, parent: Pick<LevelRecord, 'seats' | 'round'>, { due, signed, seen, term, heartbeatMs }: KnownOfSeats): string | undefined {
  const active = activeSeats(parent)
  if (term >= honestMinimum(active.length)) return undefined
  const isOld = (since: number | undefined): boolean => since !== undefined && seen - since > heartbeatMs
  const listed = new Set(record.entries.map(({ seat }) => seat))
  const left = [...due].find(([seat, since]) => !listed.has(seat) && isOld(since))
  if (left !== undefined) return `it leaves out the report of ${left[0]}`
  const before = new Set(active.map(({ seat }) => seat))
  const muted = record.seats.find((seat) => before.has(seat.seat) && isDormant(seat, record.round) && isOld(signed.get(seat.seat)))
  return muted === undefined ? undefined : `it takes the vote of ${muted.seat}, which has signed the record before`
}
