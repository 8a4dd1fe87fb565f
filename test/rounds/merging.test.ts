import test from 'ava'
import fc from 'fast-check'

import { DEFAULT_POLICY } from '../../src/config/index.js'
import { foundingClusters, isDormant, seatToClose } from '../../src/hierarchy/index.js'
import { contentId, encodeCanonical } from '../../src/identity/index.js'
import { RoundsError } from '../../src/rounds/errors.js'
import { computeLevel } from '../../src/rounds/levels/compute-level.js'
import { seatOf } from '../../src/rounds/levels/report.js'
import type { CompleteReport } from '../../src/rounds/levels/report.js'
import type { Stored, Trunk } from '../../src/rounds/records/cluster-record.js'
import { activeSeats, decodeLevelRecord, foundingLevelRecord, seatOrder } from '../../src/rounds/records/level-record.js'
import type { LevelRecord } from '../../src/rounds/records/level-record.js'
import { countsSmall } from '../../src/rounds/records/roll-call.js'
import { foundingState } from '../../src/rounds/records/state.js'
import { foundingLink } from '../../src/rounds/records/up-and-down.js'

import { firstRound } from './vectors.js'
import { createVillage, distanceToCommon, NETWORK } from './village.js'
import type { Village } from './village.js'

const { parent: clusterRecord } = await firstRound()
const state = foundingState(new Float32Array(64))
const names = ['qasm.0', 'qasm.1', 'verilog.0', 'verilog.1', 'verilog.2', 'vhdl.0']
const domainOf = (seat: string): string => seat.split('.')[0]!

const founded = foundingLevelRecord({
  network: clusterRecord.record.network,
  cluster: { id: 'root', level: 1, domain: '', members: names },
  seats: names.map((id) => ({ id, domain: domainOf(id), members: [`${id} one`, `${id} two`] })),
  clusterSize: 8,
  isTop: true,
  upper: foundingLink(state, undefined),
}, state)

/** One more round: who reports, and who of them asks to be closed. */
function next(parent: Stored<LevelRecord>, reporting: readonly string[], asking: readonly string[]): Stored<LevelRecord> {
  const round = parent.record.round + 1
  const reports = reporting.map((seat): CompleteReport => {
    const stored: Stored<Trunk> = { ...clusterRecord, id: contentId(encodeCanonical([seat, round])), record: { ...clusterRecord.record, cluster: seat, round, offer: null } }
    return { seat, stored, commit: stored.id, commitBytes: new Uint8Array(), members: [`${seat} one`, `${seat} two`], born: [], asksToClose: asking.includes(seat), offer: null }
  })
  const carried = parent.record.round === 0 ? null : { term: 0, seats: seatOrder(parent.record).map((seat) => ({ seat, signatures: [] })) }
  return computeLevel({ policy: DEFAULT_POLICY, next: DEFAULT_POLICY, parent, carried, state, reports, above: undefined, restored: undefined, isTop: true }).stored
}

test('a level closes one seat at a time that asks for it, with a pause, and never the last of a domain that is active', (t) => {
  fc.assert(fc.property(fc.array(fc.tuple(fc.subarray(names, { minLength: 1 }), fc.subarray(names)), { minLength: 1, maxLength: 60 }), (history) => {
    let parent = founded
    let last = -Infinity
    for (const [here, asking] of history) {
      const known = parent.record.seats.map(({ seat }) => seat)
      const reporting = here.filter((seat) => known.includes(seat))
      if (reporting.length === 0) continue
      const record = next(parent, reporting, asking)
      const { round, seats, closed, voters } = record.record
      t.deepEqual(voters, [...seatOrder(parent.record)], 'whoever had a vote in the round before agrees on the record that closes its seat')
      const gone = known.filter((seat) => !seats.some((one) => one.seat === seat))
      if (closed?.round === round) {
        t.deepEqual(gone, [closed.seat])
        t.true(reporting.includes(closed.seat) && asking.includes(closed.seat))
        t.true(round - last >= 16)
        t.true(activeSeats(record.record).some(({ domain }) => domain === domainOf(closed.seat)))
        t.throws(() => seatOf(record, closed.seat, 100), { instanceOf: RoundsError, code: 'EVIDENCE_REFUSED' })
        last = round
      } else {
        t.deepEqual(gone, [])
        t.deepEqual(closed, parent.record.closed)
      }
      t.true(seats.some(({ seat }) => seat === 'vhdl.0'))
      parent = record
    }
  }), { numRuns: 60 })
})

test('of those that ask the smallest is closed, and an asking one may take its members in', (t) => {
  const seats = ['a.0', 'a.1', 'a.2'].map((seat) => ({ seat, domain: 'a', seen: 20, presence: 0xffff }))
  const asking = [{ seat: 'a.0', members: ['x', 'y'] }, { seat: 'a.1', members: ['z'] }, { seat: 'a.2', members: ['w'] }]
  t.is(seatToClose(seats, asking, 20, undefined), 'a.1')
  t.is(seatToClose(seats, asking, 20, { seat: 'a.3', round: 5 }), undefined)
  t.is(seatToClose(seats, asking, 20, { seat: 'a.3', round: 4 }), 'a.1')
  t.is(seatToClose(seats, [asking[0]!], 20, undefined), 'a.0')
  const silent = seats.map((one) => (one.seat === 'a.0' ? one : { ...one, seen: 3, presence: 0 }))
  t.true(isDormant(silent[1]!, 20))
  t.is(seatToClose(silent, [asking[0]!], 20, undefined), undefined, 'nobody else is here')
})

test('a record counts on for how long its cluster has been too small, or begins anew', (t) => {
  t.true(countsSmall({}, { rollCall: 0 }))
  t.true(countsSmall({}, { small: 1, rollCall: 0 }))
  t.true(countsSmall({ small: 4 }, { small: 5, rollCall: 0 }))
  t.true(countsSmall({ small: 4 }, { small: 4, rollCall: 1 }))
  t.true(countsSmall({ small: 4 }, { rollCall: 0 }))
  for (const small of [0, 3, 4, 6]) t.false(countsSmall({ small: 4 }, { small, rollCall: 0 }), `${small}`)
  t.false(countsSmall({}, { small: 1, rollCall: 2 }))
})

const policy = { clusterSize: 3, clusterMinimum: 3, upperEvery: 1, admissionDelayMs: 0 }

/** The founders' clusters, the smallest first, as indices of villagers. */
function foundersOf({ villagers }: Village, domains: readonly string[], clusterSize = policy.clusterSize): number[][] {
  const roster = domains.map((domain, index) => ({ peer: villagers[index]!.id, domain }))
  return foundingClusters(roster, clusterSize, NETWORK)
    .map(({ members }) => members.map((peer) => villagers.find(({ id }) => id === peer)!.index))
    .sort((a, b) => a.length - b.length)
}

async function leave({ villagers, network }: Village, index: number): Promise<void> {
  await villagers[index]!.peer.stop({ leave: true })
  network.kill(villagers[index]!.id)
}

const clusterOf = ({ villagers }: Village, index: number): string => villagers[index]!.peer.status().cluster

/** Whether these are members where they are, and see it themselves. */
function areMembers({ villagers }: Village, indices: readonly number[]): boolean {
  return indices.every((index) => {
    const { phase, members } = villagers[index]!.peer.status()
    return phase !== 'joining' && members.some(({ peer }) => peer === villagers[index]!.id)
  })
}

const topOf = ({ villagers }: Village, indices: readonly number[]): number => Math.max(...indices.map((index) => villagers[index]!.peer.status().levels[0]!.round))

/** What nobody may see: records that differ, offers that count twice, trouble. */
function broken({ villagers }: Village): string[] {
  const records = new Map<string, Set<string>>()
  for (const { cluster, round, record } of villagers.flatMap((one) => [...one.of('record:committed').filter(({ provisional }) => !provisional), ...one.of('upper:committed')])) {
    const key = `${cluster} ${round}`
    records.set(key, (records.get(key) ?? new Set()).add(record))
  }
  const roots = new Set(villagers.flatMap((one) => one.of('upper:committed').map(({ record }) => record)))
  const blobs = new Map(villagers.flatMap(({ store }) => [...store.blobs].filter(([id]) => roots.has(id))))
  const counted = [...blobs.values()].flatMap((bytes) => decodeLevelRecord(bytes).record.entries.flatMap(({ content, weight }) => (content !== null && weight > 0 ? [content] : [])))
  return [
    ...[...records].filter(([, ids]) => ids.size > 1).map(([key]) => `two records: ${key}`),
    ...counted.filter((content, at) => counted.indexOf(content) < at).map((content) => `${content.slice(0, 12)} counts twice`),
    ...villagers.flatMap((one) => one.of('peer:troubled').map(({ what }) => `${one.index} was troubled: ${what}`)),
    ...villagers.flatMap((one) => one.of('peer:cheated').map(({ peer }) => `${one.index} has seen ${peer} cheat`)),
  ]
}

for (const loss of [0, 0.1]) {
  test(`two clusters, of which one shrinks to two members: they go on in the other, under the same root${loss > 0 ? ', where a tenth of the messages is lost' : ''}`, async (t) => {
    t.timeout(600_000)
    const domains = Array<string>(7).fill('verilog')
    const village = await createVillage({ domains, policy, network: { loss } })
    const { villagers, clock } = village
    const [[leaver, ...left], others] = foundersOf(village, domains) as [[number, ...number[]], number[]]
    await village.start()
    t.true(await village.untilRound(2))
    const closed = clusterOf(village, leaver)
    const open = clusterOf(village, others[0]!)
    await leave(village, leaver)
    const here = [...left, ...others]
    t.true(await clock.runUntil(() => here.every((index) => clusterOf(village, index) === open) && areMembers(village, here), 3_600_000), 'all are in one cluster')
    for (const index of left) t.deepEqual(villagers[index]!.of('cluster:moved').map(({ from, to, why }) => [from, to, why]), [[closed, open, 'gone']])
    for (const index of others) t.deepEqual(villagers[index]!.of('cluster:moved'), [])
    const training = villagers[left[0]!]!.of('record:committed').findLast(({ cluster }) => cluster === closed)!.training
    t.true(training >= 16, `it waited for ${training} trainings`)
    const top = topOf(village, here)
    const { round } = villagers[here[0]!]!.peer.status()
    t.true(await village.untilRound(round + 4, here, 900_000), 'the cluster goes on')
    t.true(topOf(village, here) >= top + 2, 'so does the top, with one seat')
    for (const index of left) t.true(villagers[index]!.of('record:committed').some((event) => event.cluster === open && event.contributions.some(({ peer, outcome }) => peer === villagers[index]!.id && outcome === 'counted')), 'what it trains counts')
    if (loss === 0) t.deepEqual(broken(village), [])
    else t.deepEqual(broken(village).filter((what) => !what.includes('troubled')), [])
    for (const index of here) t.true(distanceToCommon(villagers[index]!.peer.adapter()) < 0.3, `${distanceToCommon(villagers[index]!.peer.adapter())}`)
    await village.stop()
  })
}

test('a cluster that is alone in its network, or in its domain, goes on however small it is', async (t) => {
  for (const domains of [['verilog', 'verilog'], ['verilog', 'verilog', 'qasm', 'qasm', 'qasm']]) {
    const village = await createVillage({ domains, policy })
    await village.start()
    t.true(await village.untilRound(24, undefined, 3_600_000), domains.join())
    t.deepEqual(village.villagers.flatMap((one) => one.of('cluster:moved')), [])
    t.deepEqual(broken(village), [])
    for (const { peer } of village.villagers) t.deepEqual(peer.status().levels.map(({ dormant }) => dormant), domains.length > 2 ? [[]] : [])
    await village.stop()
  }
})

test('a member that was away while its cluster was closed finds the others', async (t) => {
  t.timeout(600_000)
  const domains = Array<string>(9).fill('verilog')
  const larger = { ...policy, clusterSize: 4, clusterMinimum: 4 }
  const village = await createVillage({ domains, policy: larger })
  const { villagers, clock } = village
  const [[leaver, away, ...left], others] = foundersOf(village, domains, 4) as [[number, number, ...number[]], number[]]
  await village.start()
  t.true(await village.untilRound(2))
  const open = clusterOf(village, others[0]!)
  await leave(village, leaver)
  t.true(await clock.runUntil(() => villagers[away]!.of('record:committed').at(-1)!.training >= 8, 900_000))
  await village.kill(away)
  const here = [...left, ...others]
  t.true(await clock.runUntil(() => here.every((index) => clusterOf(village, index) === open) && areMembers(village, here), 3_600_000), 'all are in one cluster')
  await village.revive(away)
  const all = [away, ...here]
  t.true(await clock.runUntil(() => clusterOf(village, away) === open && areMembers(village, all), 900_000), 'it has found them')
  const { round } = villagers[away]!.peer.status()
  t.true(await village.untilRound(round + 3, all, 900_000))
  t.deepEqual(broken(village), [])
  await village.stop()
})

test('where all clusters of a domain are too small, they are merged one by one until they are not', async (t) => {
  t.timeout(600_000)
  const domains = Array<string>(12).fill('verilog')
  const village = await createVillage({ domains, policy })
  const { clock } = village
  const founders = foundersOf(village, domains)
  t.is(founders.length, 4)
  await village.start()
  t.true(await village.untilRound(2))
  for (const [leaver] of founders) await leave(village, leaver!)
  const here = founders.flatMap((members) => members.slice(1))
  const sizes = (): number[] => {
    const clusters = here.map((index) => clusterOf(village, index))
    return [...new Set(clusters)].map((cluster) => clusters.filter((one) => one === cluster).length)
  }
  t.true(await clock.runUntil(() => areMembers(village, here) && sizes().every((size) => size >= policy.clusterMinimum), 7_200_000), `${sizes().join()} members`)
  const top = topOf(village, here)
  t.true(await clock.runUntil(() => topOf(village, here) >= top + 20, 3_600_000), 'the top goes on')
  t.true(areMembers(village, here) && sizes().every((size) => size >= policy.clusterMinimum), 'and no other cluster is closed')
  t.deepEqual(broken(village), [])
  await village.stop()
})
