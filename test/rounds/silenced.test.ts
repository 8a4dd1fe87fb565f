import test from 'ava'
import fc from 'fast-check'

import { honestMinimum } from '../../src/hierarchy/index.js'
import { silencedBy } from '../../src/rounds/levels/silenced.js'
import type { LevelEntry, Seat } from '../../src/rounds/records/level-record.js'

const zeros = '0'.repeat(64)

function seatOf(seat: string, seen: number, presence: number): Seat {
  return { seat, domain: 'verilog', record: zeros, round: seen, members: [], offered: 0, policy: 1, seen, reputation: 65_536, misses: 0, presence }
}

function entryOf(seat: string): LevelEntry {
  return { seat, record: zeros, commit: zeros, round: 9, content: null, outcome: 'reported', reason: '', weight: 0, clip: 0 }
}

const names = ['a', 'b', 'c', 'd', 'e', 'f', 'g']
const parent = { round: 9, seats: names.map((seat) => seatOf(seat, 9, 0xffff)) }
const common = { due: new Map<string, number>(), signed: new Map<string, number>(), seen: 10_000, term: 0, heartbeatMs: 2000 }

/** Record 10, in which one seat is silent for the second time. */
const mutedIn = (name: string, entries: readonly LevelEntry[]): Parameters<typeof silencedBy>[0] => ({ round: 10, entries: [...entries], seats: parent.seats.map((seat) => (seat.seat === name ? seatOf(name, 8, 0b100) : seat)) })

test('a voter refuses a record that takes the vote of a seat whose report it has held for more than a heartbeat, until an honest proposer has had its turn', (t) => {
  fc.assert(fc.property(fc.constantFrom(...names), fc.constantFrom(...names), fc.nat(10_000), fc.nat(6), (muted, reporting, since, term) => {
    const isWrong = muted === reporting && since < 8000 && term < honestMinimum(names.length)
    t.is(silencedBy(mutedIn(muted, []), parent, { ...common, due: new Map([[reporting, since]]), term }) !== undefined, isWrong)
  }))
})

test('a report that is left out otherwise comes with the next record', (t) => {
  t.is(silencedBy({ round: 10, entries: [entryOf('a')], seats: parent.seats }, parent, { ...common, due: new Map([['b', 1000]]) }), undefined)
})

test('and one that takes the vote of a seat which it knows to have signed', (t) => {
  const muted = mutedIn('b', [entryOf('a')])
  t.regex(silencedBy(muted, parent, { ...common, signed: new Map([['b', 1000]]) }) ?? '', /takes the vote of b/)
  t.is(silencedBy(muted, parent, { ...common, signed: new Map([['b', 9000]]) }), undefined, 'it may have come to the proposer too late')
  t.is(silencedBy(muted, parent, { ...common, signed: new Map([['c', 1000]]) }), undefined)
  t.is(silencedBy(muted, parent, { ...common, signed: new Map([['b', 1000]]), term: honestMinimum(names.length) }), undefined)
  const present = { ...muted, seats: parent.seats.map((seat) => (seat.seat === 'b' ? seatOf('b', 8, 0b110) : seat)) }
  t.is(silencedBy(present, parent, { ...common, signed: new Map([['b', 1000]]) }), undefined, 'one signature that lacks costs nothing yet')
})
