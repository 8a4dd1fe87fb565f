import test from 'ava'

import type { Auditor } from '../../../src/rounds/index.js'

import { runVillage, SEEDS } from './setting.js'

const hostile = [7]
const shifted = (by: number) => (honest: Auditor): Auditor => ({
  async score(...asked) {
    const { scores } = await honest.score(...asked)
    return { scores: scores.map((score) => Math.max(0, Math.min(65_536, score + by))) }
  },
})
const audit = (auditorsPerDelta: number) => ({ audit: { probesPerRound: 16, auditorsPerDelta, everyRounds: 1 } })

test.serial('one auditor that scores too high changes nothing: the lower of two scores counts', async (t) => {
  for (const seed of SEEDS) {
    const honest = await runVillage({ seed })
    const told = await runVillage({ seed, hostile, auditor: shifted(20_000) })
    t.deepEqual(Object.keys(told.honestOutcomes), ['counted'])
    t.is(told.distance, honest.distance)
  }
})

test.serial('one of two auditors that scores too low gets some honest deltas refused, and the others learn on nearly as well', async (t) => {
  for (const seed of SEEDS) {
    const honest = await runVillage({ seed })
    const told = await runVillage({ seed, hostile, auditor: shifted(-20_000) })
    const refused = (told.honestOutcomes['refused SCORE'] ?? 0) / (7 * 12)
    t.true(told.done)
    t.log(`seed ${seed}: ${(refused * 100).toFixed(0)} % refused, distance ${told.distance.toFixed(3)}, honest ${honest.distance.toFixed(3)}`)
    // It audits two of eight deltas a round. Measured: 5 to 12 % refused, distance 3 % longer at most.
    t.true(refused < 0.25)
    t.true(told.distance < honest.distance * 1.1)
  }
})

for (const by of [-20_000, 20_000]) {
  test.serial(`of three auditors one that scores too ${by < 0 ? 'low' : 'high'} changes no outcome and loses its reputation`, async (t) => {
    for (const seed of SEEDS) {
      const told = await runVillage({ seed, hostile, auditor: shifted(by), policy: audit(3) })
      t.true(told.done)
      t.deepEqual(Object.keys(told.honestOutcomes), ['counted'])
      t.log(`seed ${seed}: reputation ${told.hostileReputations[0]!.toFixed(2)} against ${told.honestReputations[0]!.toFixed(2)}`)
      t.true(told.hostileReputations[0]! < Math.min(...told.honestReputations) / 2)
    }
  })
}
