import test from 'ava'
import type { ExecutionContext } from 'ava'

import { through } from '../../scripts/sim/adversaries.js'

import { createToyLearner, createVillage, optimumOf } from './village.js'
import type { Village } from './village.js'

const FAST_MS = 300
const OTHERS_MS = 6000

interface Scene {
  readonly peers: number
  /** The last so many go on without the others. */
  readonly alone: number
  /** Of these, by index, rounds end faster than pulls. */
  readonly isSlow: (index: number) => boolean
  /** What each of their pulls takes more, before a holder hears of it or once it has begun. */
  readonly pullMs: number
  readonly lag: 'before' | 'after'
}

/** Peers that were in two parts for some rounds, and of whom some pull slowly once they are together again. */
async function slowReturn({ peers, alone, isSlow, pullMs, lag }: Scene): Promise<Village> {
  let isHealed = false
  const village: Village = await createVillage({
    domains: Array<string>(peers).fill('verilog'),
    learner: (index, clock) => createToyLearner(optimumOf(index, false), { duration: () => new Promise((resolve) => { clock.after(isSlow(index) ? FAST_MS : OTHERS_MS, resolve) }) }),
    between: (index, inner) => ({
      ...through(inner),
      async pull(id, holders, options) {
        const rest = isHealed && isSlow(index) ? pullMs : 0
        const wait = (): Promise<void> => new Promise((resolve) => { village.clock.after(rest, resolve) })
        if (lag === 'before') await wait()
        const bytes = await inner.pull(id, holders, options)
        if (lag === 'after') await wait()
        return bytes
      },
    }),
  })
  await village.start()
  await village.untilRound(2)
  const ids = village.villagers.map(({ id }) => id)
  village.network.partition([ids.slice(0, peers - alone), ids.slice(peers - alone)])
  await village.untilRound(village.villagers.at(-1)!.peer.status().round + 3)
  isHealed = true
  village.network.heal()
  return village
}

async function comeTogether(t: ExecutionContext, village: Village, within: number): Promise<void> {
  const together = await village.clock.runUntil(() => {
    const all = village.villagers.map(({ peer }) => peer.status())
    return new Set(all.map(({ record }) => record)).size === 1 && all.every(({ members }) => members.length === all.length)
  }, within)
  t.true(together, village.villagers.map(({ peer }) => `${peer.status().round} of ${peer.status().voters.length}`).join())
  await village.stop()
}

for (const alone of [1, 2]) {
  test(alone === 1 ? 'a peer that went on without the others comes back, though its own rounds end faster than it can pull' : 'two peers that went on without the others come back, though their own rounds end faster than they can pull', async (t) => {
    const village = await slowReturn({ peers: 5, alone, isSlow: (index) => index >= 5 - alone, pullMs: 1000, lag: 'before' })
    t.true(village.villagers.slice(5 - alone).every(({ peer }) => peer.status().provisional))
    await comeTogether(t, village, 180_000)
  })
}

test('two halves come together, though the rounds of both end faster than they can pull', async (t) => {
  const village = await slowReturn({ peers: 4, alone: 2, isSlow: () => true, pullMs: 1000, lag: 'after' })
  t.true(village.villagers.every(({ peer }) => peer.status().provisional))
  await comeTogether(t, village, 300_000)
})
