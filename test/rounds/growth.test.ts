import test from 'ava'
import type { ExecutionContext } from 'ava'

import type { RoundEvents } from '../../src/rounds/index.js'
import { decodeClusterHeader } from '../../src/rounds/records/record-bytes.js'
import { decodeLevelRecord } from '../../src/rounds/records/level-record.js'

import { createVillage, distanceToCommon } from './village.js'
import type { Village } from './village.js'

const founders = Array<string>(4).fill('verilog')
const strangers = Array<string>(3).fill('verilog')
const policy = { admissionDelayMs: 0, clusterSize: 4, clusterMinimum: 2, clusterMaximum: 6, upperEvery: 1, membership: 'credential' as const }

/** Members by cluster, as the peers themselves see it. */
function clustersOf({ villagers }: Village, indices = villagers.map(({ index }) => index)): Map<string, string[]> {
  const found = new Map<string, string[]>()
  for (const index of indices) {
    const { cluster, phase } = villagers[index]!.peer.status()
    if (phase !== 'joining') found.set(cluster, [...found.get(cluster) ?? [], villagers[index]!.id].sort())
  }
  return found
}

/** Rounds of a cluster of which not all who tell of them tell of one record. */
function contradictions({ villagers }: Village): string[] {
  const records = new Map<string, Set<string>>()
  for (const { cluster, round, record } of villagers.flatMap((one) => [...one.of('record:committed'), ...one.of('upper:committed')])) {
    const key = `${cluster} ${round}`
    records.set(key, (records.get(key) ?? new Set()).add(record))
  }
  return [...records].filter(([, ids]) => ids.size > 1).map(([key]) => key)
}

test('strangers join the only cluster until it splits; both halves and the top above them go on learning', async (t) => {
  const village = await createVillage({ domains: founders, later: strangers, policy })
  const { villagers, clock } = village
  await village.start()
  t.true(await clock.runUntil(() => villagers.every((one) => one.of('cluster:split').length > 0), 600_000), 'it splits')
  const [split] = villagers[0]!.of('cluster:split')
  t.deepEqual([...split!.stay, ...split!.go].sort(), villagers.map(({ id }) => id).sort())
  const before = villagers[0]!.peer.status().round
  t.true(await village.untilRound(before + 8), 'all go on')
  const clusters = clustersOf(village)
  t.deepEqual(clusters.get('verilog.0'), [...split!.stay])
  t.deepEqual(clusters.get(split!.born), [...split!.go])
  t.deepEqual(contradictions(village), [])
  for (const villager of villagers) {
    const status = villager.peer.status()
    t.deepEqual(status.levels.map(({ cluster, takesPart }) => [cluster, takesPart]), [['root', true]])
    t.true(status.levels[0]!.round >= 3, `the top is at ${status.levels[0]!.round}`)
    t.deepEqual(villager.of('peer:troubled'), [])
    t.true(distanceToCommon(villager.peer.adapter()) < 0.3, `${distanceToCommon(villager.peer.adapter())}`)
    const weights = villager.of('upper:committed').map((one) => one.weights)
    for (const seat of ['verilog.0', split!.born]) t.true(weights.filter((one) => (one[seat] ?? 0) > 0).length >= 2, `offers of ${seat} count`)
    t.deepEqual(status.tree.clusters.map(({ id, level }) => [id, level]).sort(), [['root', 1], [split!.born, 0], ['verilog.0', 0]].sort())
  }
  await village.stop()
})

test('the same where a tenth of the messages is lost', async (t) => {
  const village = await createVillage({ domains: founders, later: strangers, policy, network: { loss: 0.1 } })
  const { villagers, clock } = village
  await village.start()
  t.true(await clock.runUntil(() => villagers.every((one) => one.of('cluster:split').length > 0), 1_200_000), 'it splits')
  const [split] = villagers[0]!.of('cluster:split')
  const before = Math.max(...villagers.map(({ peer }) => peer.status().round))
  t.true(await village.untilRound(before + 6, undefined, 1_200_000), 'all go on')
  t.true(await clock.runUntil(() => villagers.every(({ peer }) => (peer.status().levels[0]?.round ?? 0) >= 3), 1_200_000), 'so does the top')
  const clusters = clustersOf(village)
  t.deepEqual(clusters.get('verilog.0'), [...split!.stay])
  t.deepEqual(clusters.get(split!.born), [...split!.go])
  t.deepEqual(contradictions(village), [])
  for (const { peer } of villagers) t.true(distanceToCommon(peer.adapter()) < 0.3, `${distanceToCommon(peer.adapter())}`)
  await village.stop()
})

/** A village whose cluster has split while a member of this half was away. Which half that is, only the lot decides: the first of some who are away in turns. */
async function splitWithout(half: 'stays' | 'goes', t: ExecutionContext): Promise<{ readonly village: Village, readonly away: number, readonly split: RoundEvents['cluster:split'] } | undefined> {
  const first = [0, 1, 2, 3, 4, 5, 6]
  for (const away of first.slice(1)) {
    const village = await createVillage({ domains: founders, later: [...strangers, 'verilog', 'verilog', 'verilog'], policy })
    const { villagers, clock } = village
    await village.start(...first)
    t.true(await clock.runUntil(() => villagers[0]!.peer.status().members.length === 7, 600_000))
    await village.kill(away)
    const others = first.filter((index) => index !== away)
    t.true(await clock.runUntil(() => others.every((index) => villagers[index]!.of('cluster:split').length > 0), 600_000), 'it splits without it')
    const [split] = villagers[0]!.of('cluster:split')
    t.true([...split!.stay, ...split!.go].includes(villagers[away]!.id), 'it is on the roster of its half')
    if (split!.stay.includes(villagers[away]!.id) === (half === 'stays')) {
      t.true(await village.untilRound(villagers[0]!.peer.status().round + 3, others))
      return { village, away, split: split! }
    }
    await village.stop()
  }
  return undefined
}

for (const half of ['stays', 'goes'] as const) test(`a member that was away while its cluster split finds its half, which ${half}, and so does who comes later`, async (t) => {
  const { village, away, split } = (await splitWithout(half, t))!
  const { villagers, clock } = village
  await village.revive(away)
  await village.start(7, 8, 9)
  const all = villagers.map(({ index }) => index)
  t.true(await clock.runUntil(() => all.every((index) => villagers[index]!.peer.status().phase !== 'joining' && villagers[index]!.peer.status().members.some(({ peer }) => peer === villagers[index]!.id)), 900_000), 'all are members')
  t.is(villagers[away]!.peer.status().cluster, half === 'stays' ? 'verilog.0' : split.born)
  const before = Math.max(...villagers.map(({ peer }) => peer.status().round))
  t.true(await village.untilRound(before + 4, undefined, 900_000), 'all go on')
  t.deepEqual(contradictions(village), [])
  const roots = villagers.map(({ peer }) => peer.status().levels[0])
  t.true(roots.every((root) => root?.cluster === 'root' && root.round > 0))
  await village.stop()
})

test('a member that would split too early has nobody on its side', async (t) => {
  const honest = await createVillage({ domains: founders, policy })
  const hasty = 1
  const village = await createVillage({ domains: founders, policy, peer: (index) => (index === hasty ? { policy: { ...honest.policy, clusterMaximum: 3 } } : {}) })
  const { villagers } = village
  await village.start()
  const others = [0, 2, 3]
  t.true(await village.untilRound(10, others))
  for (const index of others) {
    t.deepEqual(villagers[index]!.of('cluster:split'), [])
    t.is(villagers[index]!.peer.status().cluster, 'verilog.0')
  }
  t.deepEqual(contradictions(village), [])
  await village.stop()
})

test('a network grows from four peers to many clusters under one top, and survives a restart of all', async (t) => {
  const later = Array<string>(12).fill('verilog')
  const village = await createVillage({ domains: founders, later, policy })
  const { villagers, clock } = village
  const all = villagers.map(({ index }) => index)
  const isMember = (index: number): boolean => villagers[index]!.peer.status().members.some(({ peer }) => peer === villagers[index]!.id)
  await village.start()
  t.true(await clock.runUntil(() => all.every(isMember) && villagers.every(({ peer }) => peer.status().members.length <= 6), 3_600_000), 'everybody has a place')
  const before = Math.max(...villagers.map(({ peer }) => peer.status().round))
  t.true(await village.untilRound(before + 4, undefined, 900_000), 'all go on')
  t.deepEqual(contradictions(village), [])
  const clusters = clustersOf(village)
  t.true(clusters.size >= 3, `${clusters.size} clusters`)
  const seats = villagers[0]!.peer.status().tree.clusters.find(({ id }) => id === 'root')!.members.map(({ peer }) => peer)
  t.deepEqual([...seats].sort(), [...clusters.keys()].sort())
  for (const index of all) await village.kill(index)
  for (const index of all) await village.revive(index)
  t.deepEqual([...clustersOf(village).keys()].sort(), [...clusters.keys()].sort())
  const root = Math.max(...villagers.map(({ peer }) => peer.status().levels[0]!.round))
  t.true(await clock.runUntil(() => villagers.every(({ peer }) => peer.status().levels[0]!.round >= root + 2), 900_000), 'the top goes on')
  t.deepEqual(contradictions(village), [])
  for (const { peer } of villagers) t.true(distanceToCommon(peer.adapter()) < 0.3, `${distanceToCommon(peer.adapter())}`)
  await village.stop()
})

test('under a level above, a new seat comes with the report, and what was not offered yet is shared out', async (t) => {
  const domains = [...founders, ...Array<string>(3).fill('qasm')]
  const village = await createVillage({ domains, later: strangers, policy })
  const { villagers, clock } = village
  const grown = [0, 1, 2, 3, 7, 8, 9]
  await village.start()
  t.true(await clock.runUntil(() => grown.every((index) => villagers[index]!.of('cluster:split').length > 0), 1_200_000), 'it splits')
  const [split] = villagers[0]!.of('cluster:split')
  const before = Math.max(...villagers.map(({ peer }) => peer.status().round))
  t.true(await village.untilRound(before + 8, undefined, 900_000), 'all go on')
  t.deepEqual(contradictions(village), [])
  for (const villager of villagers) {
    t.deepEqual(villager.of('peer:troubled'), [])
    t.true(distanceToCommon(villager.peer.adapter()) < 0.3, `${distanceToCommon(villager.peer.adapter())}`)
  }
  const { blobs } = villagers[0]!.store
  const told = villagers[0]!.of('record:committed').find(({ round }) => round === split!.round)!
  const { record } = decodeClusterHeader(blobs.get(told.record)!)
  t.is(record.offer, null)
  t.true(Math.abs(record.tokens - record.split!.tokens) <= 1 && record.tokens > 0, `${record.tokens} and ${record.split!.tokens} tokens`)
  const roots = villagers[0]!.of('upper:committed').flatMap((one) => (blobs.has(one.record) ? [decodeLevelRecord(blobs.get(one.record)!).record] : []))
  const contents = roots.flatMap(({ entries }) => entries.flatMap(({ content }) => content ?? []))
  t.is(new Set(contents).size, contents.length, 'no offer counts twice')
  t.deepEqual(roots.at(-1)!.seats.map(({ seat }) => seat), ['qasm.0', 'verilog.0', split!.born].sort())
  for (const seat of ['verilog.0', split!.born]) t.true(roots.some(({ entries }) => entries.some((one) => one.seat === seat && one.weight > 0 && one.round > split!.round)), `offers of ${seat} count`)
  await village.stop()
})
