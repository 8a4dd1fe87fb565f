import test from 'ava'

import { createVillage } from './village.js'

const four = ['verilog', 'verilog', 'verilog', 'verilog']

test('a cluster goes on while its members take over a new policy one after the other, and agrees on one chain', async (t) => {
  const versions = [1, 1, 1, 1]
  const village = await createVillage({ domains: four, version: (index) => versions[index]! })
  await village.start()
  t.true(await village.untilRound(2))
  versions[0] = 2
  t.true(await village.untilRound(4, [1, 2, 3]))
  versions[1] = 2
  versions[2] = 2
  t.true(await village.untilRound(7, [0, 1, 2]))
  versions[3] = 2
  t.true(await village.untilRound(10))
  const chains = village.villagers.map((villager) => villager.of('record:committed').find(({ round }) => round === 10)?.record)
  t.is(new Set(chains).size, 1)
  await village.stop()
})

test('a newcomer that knows only a later policy finds its way back to the founding record', async (t) => {
  let version = 1
  const village = await createVillage({ domains: four, later: ['verilog'], version: (index) => index === 4 ? 3 : version })
  await village.start(0, 1, 2, 3)
  t.true(await village.untilRound(2, [0, 1, 2, 3]))
  version = 3
  t.true(await village.untilRound(4, [0, 1, 2, 3]))
  await village.start(4)
  const newcomer = village.villagers[4]!
  t.true(await village.clock.runUntil(() => newcomer.peer.status().phase !== 'joining', 60_000))
  const next = newcomer.peer.status().round + 1
  t.true(await village.untilRound(next))
  t.true(newcomer.of('record:committed').some(({ round }) => round === next))
  await village.stop()
})
