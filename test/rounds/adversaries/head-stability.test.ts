import test from 'ava'

import { DEFAULT_POLICY } from '../../../src/config/index.js'

import { runVillage } from './setting.js'

const SIX = [1, 2, 3, 4, 5, 6] as const
const ROUNDS = 30
/** With the deadlines and the heartbeat of real networks, where a proposal has one and a half heartbeats of time. */
const policy = { heartbeatMs: DEFAULT_POLICY.heartbeatMs, deadlines: DEFAULT_POLICY.deadlines, audit: DEFAULT_POLICY.audit }

test.serial('heads stay while nothing is lost', async (t) => {
  for (const seed of SIX) t.is((await runVillage({ seed, rounds: ROUNDS, policy })).headChanges, 0)
})

test.serial('heads do not flap where every fifth message is lost: a lost term costs one round, and the head is back in the next', async (t) => {
  let lost = 0
  let changes = 0
  for (const seed of SIX) {
    const told = await runVillage({ seed, rounds: ROUNDS, policy, network: { loss: 0.2 } })
    t.true(told.done)
    // Whoever is first in rank is head again in the next round: nobody has lost its place for messages lost by chance.
    t.is(new Set(told.records.filter(({ term }) => term === 0).map(({ head }) => head)).size, 1, `seed ${seed}`)
    t.true(told.headChanges <= 2 * told.lostTerms)
    lost += told.lostTerms
    changes += told.headChanges
  }
  t.log(`${lost} terms lost and ${changes} changes of heads in ${SIX.length * ROUNDS} rounds`)
  // Before misses were forgiven and said again sooner: 37 terms and 98 changes in 240 rounds. Measured now: 3 and 6 in 240.
  t.true(lost <= 8)
})
