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
