import test from 'ava'

import { disguise } from '../../../scripts/sim/adversaries.js'
import { LENGTH, READING } from '../village.js'

import { runVillage, SEEDS } from './setting.js'

test.serial('two that vote twice in every step lose all reputation in the next record, and no two records are agreed on', async (t) => {
  for (const seed of SEEDS) {
    const without = await runVillage({ seed, absent: [6, 7] })
    const told = await runVillage({
      seed, hostile: [6, 7],
      between: (inner, index, village) => disguise('equivocating', { transport: inner } as Parameters<typeof disguise>[1], { reading: READING, identity: village().villagers[index]!.identity, length: LENGTH }).transport,
    })
    t.true(told.done)
    // Nothing is taken from a proved cheat any more, so that it is off the roster after eight commits without it.
    t.deepEqual(told.hostileReputations, [])
    const agreed = new Map<number, Set<string>>()
    for (const villager of told.village.villagers) for (const { round, record } of villager.of('record:committed')) agreed.set(round, (agreed.get(round) ?? new Set()).add(record))
    t.true([...agreed.values()].every(({ size }) => size === 1))
    t.log(`seed ${seed}: weight ${told.weight.toFixed(3)}, terms lost in ${told.lostTerms} rounds, distance ${told.distance.toFixed(3)}, without them ${without.distance.toFixed(3)}`)
    t.is(told.lostTerms, 0)
    t.true(told.weight < 0.1)
    t.true(told.distance < without.distance * 1.05)
  }
})
