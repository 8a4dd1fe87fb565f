import test from 'ava'

import { through } from '../../scripts/sim/adversaries.js'

import { createToyLearner, createVillage, optimumOf } from './village.js'
import type { Village } from './village.js'

/** Each pull takes longer than a round of those that are alone, whose machines are fast. */
const PULL_MS = 1000
const FAST_MS = 300
const OTHERS_MS = 6000

/** Five peers, the last of which has been alone for some rounds and pulls slowly once it is back. */
async function slowReturn(alone: number): Promise<Village> {
  let isSlow = false
  const village: Village = await createVillage({
    domains: Array<string>(5).fill('verilog'),
    learner: (index, clock) => createToyLearner(optimumOf(index, false), { duration: () => new Promise((resolve) => { clock.after(index < 5 - alone ? OTHERS_MS : FAST_MS, resolve) }) }),
    between: (index, inner) => ({
      ...through(inner),
      async pull(id, holders, options) {
        if (isSlow && index >= 5 - alone) await new Promise<void>((resolve) => { village.clock.after(PULL_MS, resolve) })
        return inner.pull(id, holders, options)
      },
    }),
  })
  await village.start()
  await village.untilRound(2)
  const ids = village.villagers.map(({ id }) => id)
  village.network.partition([ids.slice(0, 5 - alone), ids.slice(5 - alone)])
  await village.untilRound(village.villagers[4]!.peer.status().round + 3)
  isSlow = true
  village.network.heal()
  return village
}

for (const alone of [1, 2]) {
  test(alone === 1 ? 'a peer that went on without the others comes back, though its own rounds end faster than it can pull' : 'two peers that went on without the others come back, though their own rounds end faster than they can pull', async (t) => {
    const village = await slowReturn(alone)
    const small = village.villagers.slice(5 - alone)
    t.true(small.every(({ peer }) => peer.status().provisional))
    const together = await village.clock.runUntil(() => {
      const all = village.villagers.map(({ peer }) => peer.status())
      return new Set(all.map(({ record }) => record)).size === 1 && all.every(({ members }) => members.length === 5)
    }, 180_000)
    t.true(together, village.villagers.map(({ peer }) => `${peer.status().round} of ${peer.status().voters.length}`).join())
    await village.stop()
  })
}
