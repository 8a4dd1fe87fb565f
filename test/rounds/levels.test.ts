import test from 'ava'

import { createVillage, distanceToCommon } from './village.js'

const domains = ['verilog', 'verilog', 'verilog', 'qasm', 'qasm', 'qasm']

test('two clusters climb to a root and come down: both hold what both have learnt', async (t) => {
  const village = await createVillage({ domains, policy: { upperEvery: 2 } })
  await village.start()
  const { villagers } = village
  t.deepEqual(new Set(villagers.map(({ peer }) => peer.status().cluster)), new Set(['verilog.0', 'qasm.0']))
  t.true(await village.untilRound(13))
  for (const villager of villagers) {
    t.true(villager.of('upper:committed').length >= 4, `${villager.of('upper:committed').length}`)
    t.true(villager.of('upper:applied').length >= 3)
    t.deepEqual(villager.of('peer:troubled'), [])
  }
  const upper = new Map<number, string>()
  for (const { round, record } of villagers.flatMap((villager) => villager.of('upper:committed'))) {
    t.is(upper.get(round) ?? record, record)
    upper.set(round, record)
  }
  const weights = Object.values(villagers[0]!.of('upper:committed')[1]!.weights)
  t.is(weights.reduce((sum, weight) => sum + weight, 0), 1)
  t.true(distanceToCommon(villagers[0]!.peer.adapter()) < 0.25)
  const tree = villagers[0]!.peer.status().tree
  t.deepEqual(tree.clusters.map(({ id, level }) => [id, level]), [['root', 1], ['qasm.0', 0], ['verilog.0', 0]])
  await village.stop()
})

test('a cluster that has lost a member keeps its seat: the root makes it full again', async (t) => {
  const village = await createVillage({ domains, policy: { upperEvery: 2 } })
  await village.start()
  t.true(await village.untilRound(4))
  await village.kill(2)
  const others = [0, 1, 3, 4, 5]
  const before = village.villagers[3]!.of('upper:committed').length
  t.true(await village.untilRound(14, others))
  t.true(village.villagers[3]!.of('upper:committed').length > before + 1)
  const status = village.villagers[0]!.peer.status()
  t.is(status.members.length, 2)
  t.false(status.provisional)
  await village.revive(2)
  t.true(await village.clock.runUntil(() => village.villagers[0]!.peer.status().members.length === 3, 60_000))
  await village.stop()
})

/** 24 peers in clusters of three: eight clusters, four clusters of seats above them, and a root. */
const many = Array.from({ length: 24 }, () => 'verilog')

test('three levels: delegates speak for their cluster of seats, and what one peer learns reaches all', async (t) => {
  const village = await createVillage({ domains: many, policy: { clusterSize: 3, upperEvery: 1 } })
  await village.start()
  const { villagers } = village
  t.true(await village.untilRound(9))
  const tree = villagers[0]!.peer.status().tree.clusters
  t.deepEqual(tree.map(({ level }) => level), [2, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0])
  const records = new Map<string, string>()
  for (const { cluster, round, record } of villagers.flatMap((villager) => villager.of('upper:committed'))) {
    const key = `${cluster} ${round}`
    t.is(records.get(key) ?? record, record)
    records.set(key, record)
  }
  const roots = [...records.keys()].filter((key) => key.startsWith('root'))
  t.true(roots.length >= 4, `${roots.length} root records`)
  const levels = villagers.map(({ peer }) => peer.status().levels)
  t.true(levels.every(([first, second]) => first!.takesPart && second!.round > 0), 'everybody takes part in the first level and hears of the second')
  const speakers = levels.filter(([, second]) => second!.takesPart).length
  t.true(speakers >= 12 && speakers <= 24, `${speakers}`)
  t.deepEqual(villagers.flatMap((villager) => villager.of('peer:troubled')), [])
  for (const { peer } of villagers) t.true(distanceToCommon(peer.adapter()) < 0.25)
  await village.stop()
})

test('a group of clusters that is gone stops neither the root nor the others, and comes back where they are', async (t) => {
  const village = await createVillage({ domains: many, policy: { clusterSize: 3, upperEvery: 1 } })
  await village.start()
  t.true(await village.untilRound(3))
  const { villagers } = village
  const { clusters } = villagers[0]!.peer.status().tree
  const group = clusters.find(({ level }) => level === 1)!
  const gone = villagers.filter(({ peer }) => group.members.some(({ peer: seat }) => seat === peer.status().cluster)).map(({ index }) => index)
  t.is(gone.length, 6)
  for (const index of gone) await village.kill(index)
  const others = villagers.map(({ index }) => index).filter((index) => !gone.includes(index))
  const rootOf = (index: number): number => villagers[index]!.peer.status().levels[1]!.round
  const before = Math.max(...others.map(rootOf))
  t.true(await village.untilRound(10, others))
  t.true(Math.max(...others.map(rootOf)) >= before + 2, `the root was at ${before} and is at ${Math.max(...others.map(rootOf))}`)
  for (const index of gone) await village.revive(index)
  const now = Math.max(...others.map(rootOf))
  t.true(await village.clock.runUntil(() => gone.every((index) => rootOf(index) > now), 600_000))
  await village.stop()
})
