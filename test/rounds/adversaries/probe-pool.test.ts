import test from 'ava'

import { comingBackWith } from './learners.js'
import { runVillage, SEEDS } from './setting.js'
import type { Setting } from './setting.js'

/** The public probes look at a third of all values: five blocks of the code. */
const POOL = 320

/** Fits the public probes as fast as it can. With the rest it does nothing, or the reverse of what all others learn. */
const fitting = (rest: 'nothing' | 'harm'): NonNullable<Setting['learner']> => (honest, { values }) => comingBackWith(honest, (shared, _, at) => (
  at < POOL ? shared + (values[at]! - shared) / 3 : rest === 'nothing' ? shared : shared + (-2 * values[at]! - shared) / 3
))

test.serial('who trains on the public probes alone gets the weight of any other and no more; alone it hardly harms', async (t) => {
  for (const seed of SEEDS) {
    const without = await runVillage({ seed, absent: [7], pool: POOL })
    for (const rest of ['nothing', 'harm'] as const) {
      const told = await runVillage({ seed, hostile: [7], pool: POOL, learner: fitting(rest) })
      t.true(told.done)
      t.deepEqual(Object.keys(told.honestOutcomes), ['counted'])
      t.log(`seed ${seed}, ${rest}: weight ${told.weight.toFixed(3)}, distance ${told.distance.toFixed(3)}, without it ${without.distance.toFixed(3)}`)
      t.true(told.weight < 1.01 / 8)
      t.true(told.distance < without.distance * 1.1)
    }
  }
})

test.serial('two of eight who fit the probes and harm the rest pass the gate: what they do to the aggregate is bounded by their weight', async (t) => {
  for (const seed of SEEDS) {
    const without = await runVillage({ seed, absent: [6, 7], pool: POOL })
    const told = await runVillage({ seed, hostile: [6, 7], pool: POOL, learner: fitting('harm') })
    t.log(`seed ${seed}: weight ${told.weight.toFixed(3)}, distance ${told.distance.toFixed(3)}, without them ${without.distance.toFixed(3)}`)
    // The gate sees the probes alone. Norms are clipped to the median and weights follow tokens and reputation. Measured: 12 to 16 % longer.
    t.true(told.weight > 0.2 && told.weight < 2.02 / 8)
    t.true(told.distance < without.distance * 1.3)
  }
})
