import test from 'ava'
import fc from 'fast-check'

import { createRandom } from '../../src/telemetry/index.js'

import { createVillage } from './village.js'

test('peers that restart from their disks at random points go on as one chain, and vote once a step', async (t) => {
  await fc.assert(fc.asyncProperty(fc.integer({ min: 0, max: 1000 }), async (seed) => {
    const random = createRandom(seed)
    const village = await createVillage({ domains: Array<string>(4).fill('verilog'), seed })
    await village.start()
    const records = new Map<number, string>()
    for (let crash = 0; crash < 5; crash++) {
      const index = Math.floor(random() * 4)
      await village.clock.advance(random() * 4000)
      await village.kill(index)
      await village.clock.advance(random() * 2500)
      await village.revive(index)
    }
    const { round } = village.villagers[0]!.peer.status()
    t.true(await village.untilRound(round + 2))
    for (const villager of village.villagers) {
      t.deepEqual(villager.of('peer:cheated'), [])
      for (const { round: at, record, provisional } of villager.of('record:committed')) {
        if (provisional) continue
        t.is(records.get(at) ?? record, record, `seed ${seed}, round ${at}`)
        records.set(at, record)
      }
    }
    const last = village.villagers.map(({ peer }) => [...peer.adapter()])
    t.true(last.every((adapter) => adapter.every(Number.isFinite)))
    await village.stop()
  }), { numRuns: 4, seed: 2026 })
})

test('a whole cluster that was off goes on from its disks', async (t) => {
  const village = await createVillage({ domains: Array<string>(4).fill('verilog') })
  await village.start()
  t.true(await village.untilRound(3))
  for (const index of [0, 1, 2, 3]) await village.kill(index)
  const before = village.villagers.map((villager) => villager.of('record:committed').at(-1)!.round)
  for (const index of [0, 1, 2, 3]) await village.revive(index)
  t.true(village.villagers.every(({ peer }, index) => peer.status().round === before[index]! + 1))
  t.true(await village.untilRound(6))
  await village.stop()
})

test('a newcomer of a later day catches up, is placed by its domain, and counts half in its first round', async (t) => {
  const village = await createVillage({ domains: ['verilog', 'verilog', 'verilog', 'verilog', 'qasm', 'qasm'], later: ['verilog'], policy: { upperEvery: 2 } })
  await village.start(0, 1, 2, 3, 4, 5)
  t.true(await village.untilRound(4, [0, 1, 2, 3, 4, 5]))
  await village.start(6)
  const newcomer = village.villagers[6]!
  t.true(await village.clock.runUntil(() => newcomer.peer.status().phase !== 'joining', 60_000))
  t.is(newcomer.peer.status().cluster, 'verilog.0')
  const { round } = newcomer.peer.status()
  t.true(await village.untilRound(round + 1, [0, 1, 2, 3, 6]))
  const first = village.villagers[0]!.of('record:committed').flatMap(({ contributions }) => contributions.filter(({ peer, outcome }) => peer === newcomer.id && outcome === 'counted').map((one) => ({ one, contributions })))[0]!
  const other = first.contributions.find(({ peer }) => peer !== newcomer.id && peer !== village.villagers[6]!.id)!
  t.true(first.one.weight < other.weight * 0.6)
  t.deepEqual([...newcomer.peer.adapter()], [...village.villagers[0]!.peer.adapter()])
  await village.stop()
})
