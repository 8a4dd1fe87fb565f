import test from 'ava'

import type { Learner } from '../../../src/rounds/index.js'

import { comingBackWith, trainingAway } from './learners.js'
import { runVillage, SEEDS } from './setting.js'
import type { Setting } from './setting.js'

const hostile = [6, 7]
const scaled = (by: number) => (honest: Learner): Learner => comingBackWith(honest, (shared, trained) => shared + by * (trained - shared))

const KINDS: readonly { readonly name: string, readonly learner: NonNullable<Setting['learner']>, readonly reason: string, readonly weight: number, readonly distance: number }[] = [
  { name: 'nothing', learner: scaled(0), reason: 'refused EMPTY', weight: 0, distance: 1.01 },
  { name: 'a thousand times what they learned', learner: scaled(1000), reason: 'refused SCORE', weight: 0, distance: 1.01 },
  { name: 'a thousand times what they learned, the other way', learner: scaled(-1000), reason: 'refused SCORE', weight: 0, distance: 1.01 },
  // The first delta of two that are alike is counted once before the gate has seen enough: measured weight 0.010, distance 0 to 4 % longer.
  { name: 'the reverse of what all others learn', learner: trainingAway, reason: 'refused SCORE', weight: 0.03, distance: 1.08 },
]

for (const { name, learner, reason, weight, distance } of KINDS) {
  test.serial(`two that announce ${name} change next to nothing`, async (t) => {
    for (const seed of SEEDS) {
      const without = await runVillage({ seed, absent: hostile })
      const told = await runVillage({ seed, hostile, learner })
      t.true(told.done)
      t.true(told.hostileOutcomes[reason]! > 0, JSON.stringify(told.hostileOutcomes))
      t.deepEqual(Object.keys(told.honestOutcomes), ['counted'])
      t.log(`seed ${seed}: weight ${told.weight.toFixed(3)}, distance ${told.distance.toFixed(3)}, without them ${without.distance.toFixed(3)}`)
      t.true(told.weight <= weight)
      t.true(told.distance < without.distance * distance)
    }
  })
}
