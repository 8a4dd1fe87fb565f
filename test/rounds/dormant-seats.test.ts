import test from 'ava'
import fc from 'fast-check'

import { DEFAULT_POLICY } from '../../src/config/index.js'
import { newcomer, quorumOf, rank } from '../../src/hierarchy/index.js'
import { contentId, encodeCanonical } from '../../src/identity/index.js'
import { RoundsError } from '../../src/rounds/errors.js'
import { computeLevel } from '../../src/rounds/levels/compute-level.js'
import { seatOf } from '../../src/rounds/levels/report.js'
import type { CompleteReport } from '../../src/rounds/levels/report.js'
import type { Stored, Trunk } from '../../src/rounds/records/cluster-record.js'
import { activeSeats, asMember, foundingLevelRecord, seatOrder, speakersOf } from '../../src/rounds/records/level-record.js'
import type { LevelCommit, LevelRecord } from '../../src/rounds/records/level-record.js'
import { foundingState } from '../../src/rounds/records/state.js'
import { foundingLink } from '../../src/rounds/records/up-and-down.js'

import { firstRound } from './vectors.js'
import { createVillage } from './village.js'

const { parent: clusterRecord } = await firstRound()
const state = foundingState(new Float32Array(64))
const names = Array.from({ length: 9 }, (_, at) => `verilog.${at}`)

function founding(seats = names): Stored<LevelRecord> {
  return foundingLevelRecord({
    network: clusterRecord.record.network,
    cluster: { id: 'level1-0', level: 1, domain: '', members: seats },
    seats: seats.map((id) => ({ id, domain: 'verilog', members: [`${id} one`, `${id} two`] })),
    clusterSize: 8,
    isTop: false,
    upper: foundingLink(state, undefined),
  }, state)
}

function reportOf(seat: string, round: number): CompleteReport {
  const stored: Stored<Trunk> = { ...clusterRecord, id: contentId(encodeCanonical([seat, round])), record: { ...clusterRecord.record, cluster: seat, round, offer: null } }
  return { seat, stored, commit: stored.id, commitBytes: new Uint8Array(), members: [`${seat} one`, `${seat} two`], born: [], asksToClose: false, offer: null }
}

/** One more round, in which some seats report; the parent's commit has the signatures of those that signed it. */
function next(parent: Stored<LevelRecord>, signed: readonly string[], reported: readonly string[]): Stored<LevelRecord> {
  const carried: LevelCommit | null = parent.record.round === 0 ? null : { term: 0, seats: signed.map((seat) => ({ seat, signatures: [] })) }
  const reports = reported.map((seat) => reportOf(seat, parent.record.round + 1))
  return computeLevel({ policy: DEFAULT_POLICY, next: DEFAULT_POLICY, parent, carried, state, reports, above: undefined, restored: undefined, isTop: false }).stored
}

const activeOf = ({ record }: Stored<LevelRecord>): string[] => activeSeats(record).map(({ seat }) => seat)

/** Which seats are there in each round. */
const days = fc.array(fc.subarray(names, { minLength: 1 }), { minLength: 1, maxLength: 30 })

test('whoever signed or reported in the last two rounds has a vote, nobody else, and never is nobody left', (t) => {
  fc.assert(fc.property(days, fc.infiniteStream(fc.subarray(names)), (history, silent) => {
    let parent = founding()
    let signers: readonly string[] = []
    /** Seats that showed themselves, by the round of the record that shows it. */
    const shown: Set<string>[] = [new Set(names), new Set(names)]
    for (const here of history) {
      const voters = seatOrder(parent.record)
      const signing = voters.filter((seat) => here.includes(seat))
      // Without a quorum of those who have a vote there is no record: the level waits.
      if (signing.length < quorumOf(voters.length)) continue
      const mute = silent.next().value as readonly string[]
      const reporting = here.filter((seat) => !mute.includes(seat))
      if (reporting.length === 0) continue
      const record = next(parent, signers, reporting)
      t.deepEqual(record.record.voters, [...voters])
      shown.push(new Set([...reporting, ...parent.record.round === 0 ? names : signers]))
      const expected = names.filter((seat) => shown.at(-1)!.has(seat) || shown.at(-2)!.has(seat))
      t.deepEqual(activeOf(record), expected)
      t.true(expected.length > 0)
      t.deepEqual(seatOrder(record.record), rank(activeSeats(record.record).map(asMember), 'level1-0'))
      t.deepEqual([...new Set(record.record.delegates.map((peer) => peer.split(' ')[0]!))].sort(), expected)
      parent = record
      signers = signing
    }
  }), { numRuns: 60 })
})

test('seat after seat may fall silent until three are left, of whom all are needed, and those that were silent come back by a report', (t) => {
  let parent = founding()
  let here: readonly string[] = names
  const round = (): void => {
    const signers = seatOrder(parent.record).filter((seat) => here.includes(seat))
    t.true(signers.length >= quorumOf(seatOrder(parent.record).length))
    parent = next(parent, signers, here)
  }
  while (here.length > 3) {
    here = here.slice(1)
    for (let times = 0; times < 3; times++) round()
    t.deepEqual(activeOf(parent), [...here])
  }
  here = names
  round()
  t.deepEqual(activeOf(parent), names)
})

test('a seat that has been silent for 64 rounds leaves the record: its place is free, and its late report is none any more', (t) => {
  let parent = founding()
  const [gone, ...others] = names
  const round = (reported: readonly string[]): void => { parent = next(parent, seatOrder(parent.record).filter((seat) => others.includes(seat)), reported) }
  // One that is slow to report and votes is not silent.
  const [slow, ...quick] = others
  while (parent.record.round < 63) round(quick)
  t.deepEqual(parent.record.seats.map(({ seat }) => seat), names)
  round(quick)
  t.deepEqual(parent.record.seats.map(({ seat }) => seat), others)
  t.deepEqual(activeOf(parent), others)
  t.throws(() => seatOf(parent, gone!, 100), { instanceOf: RoundsError, code: 'EVIDENCE_REFUSED' })
  round([slow!])
  t.is(parent.record.seats.find(({ seat }) => seat === slow)!.seen, 65)
})

test('a list has those who signed the report\'s own commit or the one before it, and those who have just come', (t) => {
  const [one] = clusterRecord.record.members
  const member = (peer: string, presence: number): typeof one & object => ({ ...one!, peer, presence })
  const members = [member('always', 0b111), member('now', 0b100), member('before', 0b101), member('long ago', 0b110), newcomer('new', 'verilog', 5)]
  const commit = { term: 0, precommits: ['always', 'now'].map((peer) => ({ peer, free: true, signature: new Uint8Array(64) })) }
  t.deepEqual(speakersOf({ members }, commit), ['always', 'now', 'before', 'new'])
  t.deepEqual(speakersOf({ members }), ['always', 'before', 'long ago', 'new'], 'without the commit, one more of those before it')
})

/** Five clusters of three with a seat each at the root: a quorum is four. Were the silent ones counted for ever, the second that goes would stop it. */
const many = Array.from({ length: 15 }, () => 'verilog')

test('the root outlives one cluster after the other, and those that come back have their vote again', async (t) => {
  const village = await createVillage({ domains: many, policy: { clusterSize: 3, upperEvery: 1 } })
  await village.start()
  const { villagers } = village
  t.true(await village.untilRound(2))
  const clusters = [...new Set(villagers.map(({ peer }) => peer.status().cluster))].sort()
  t.is(clusters.length, 5)
  const peopleOf = (cluster: string): number[] => villagers.filter(({ peer }) => peer.status().cluster === cluster).map(({ index }) => index)
  const rootAt = (indices: readonly number[]): number => Math.max(...indices.map((index) => villagers[index]!.peer.status().levels[0]!.round))
  const dormantAt = (index: number): string[] => villagers[index]!.peer.status().tree.clusters.filter(({ dormant }) => dormant === true).map(({ id }) => id).sort()
  const people = new Map(clusters.map((cluster) => [cluster, peopleOf(cluster)]))
  let here = villagers.map(({ index }) => index)
  for (const [count, cluster] of clusters.slice(0, 2).entries()) {
    for (const index of people.get(cluster)!) await village.kill(index)
    here = here.filter((index) => !people.get(cluster)!.includes(index))
    const before = rootAt(here)
    t.true(await village.clock.runUntil(() => rootAt(here) >= before + 5, 900_000), `the root stops at ${rootAt(here)} when ${count + 1} clusters are gone`)
    t.deepEqual(dormantAt(here[0]!), clusters.slice(0, count + 1))
    t.deepEqual(villagers[here[0]!]!.peer.status().levels[0]!.dormant, clusters.slice(0, count + 1))
  }
  for (const cluster of clusters.slice(0, 2)) for (const index of people.get(cluster)!) await village.revive(index)
  t.true(await village.clock.runUntil(() => villagers.every(({ index }) => villagers[index]!.peer.status().round > 2 && dormantAt(index).length === 0), 900_000))
  t.deepEqual(villagers.flatMap((villager) => villager.of('peer:troubled')), [])
  await village.stop()
})
