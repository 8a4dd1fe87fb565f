import test from 'ava'

import { DEFAULT_WORLD } from '../../scripts/sim/options.js'
import type { WorldOptions } from '../../scripts/sim/options.js'
import { Simulation } from '../../scripts/sim/simulation.js'

async function run(options: Partial<WorldOptions>, rounds: number) {
  const simulation = new Simulation({ ...DEFAULT_WORLD, ...options })
  await simulation.open()
  for (let round = 0; round < rounds; round++) await simulation.round()
  simulation.stop()
  return { simulation, summary: simulation.summary() }
}

test('equal options give an equal run to the last event, and another seed another one', async (t) => {
  const options = { peers: 18, churn: 0.1, byzantine: 0.3, loss: 0.02, links: 'regions' as const }
  const [first, again, other] = [await run(options, 2), await run(options, 2), await run({ ...options, seed: 2 }, 2)]
  t.is(again.summary.digest, first.summary.digest)
  t.not(other.summary.digest, first.summary.digest)
  const untimed = first.summary.rounds.map((row) => ({ ...row, wallSeconds: 0, cpuSeconds: 0 }))
  t.deepEqual(again.summary.rounds.map((row) => ({ ...row, wallSeconds: 0, cpuSeconds: 0 })), untimed)
})

test('an undisturbed network agrees on full records of every round, on root records, and learns', async (t) => {
  const { summary } = await run({ peers: 26 }, 3)
  t.true(summary.records.every(({ full, provisional, none }) => full > 1 && provisional === 0 && none === 0))
  t.true(summary.rounds.reduce((sum, { roots }) => sum + roots, 0) >= 1)
  t.true(summary.rounds[2]!.distance < summary.rounds[0]!.distance)
  t.deepEqual(summary.troubles, {})
  t.is(summary.cheats, 0)
  t.true(summary.rounds.every(({ sent, received }) => sent.mean > 0 && received.max >= received.mean))
})

test('a level keeps the pace of its clusters: some are slower, and it makes one or two records in the time of a round, no four', async (t) => {
  const { summary } = await run({ peers: 48 }, 4)
  const roots = summary.rounds.reduce((sum, row) => sum + row.roots, 0)
  t.true(roots >= 4 && roots <= 8, `${roots} root records in 4 rounds`)
  t.is(summary.incompleteRounds, 0)
})

test('churn keeps the number of peers, and it is others who are here afterwards', async (t) => {
  const disturbed = new Simulation({ ...DEFAULT_WORLD, peers: 16, churn: 0.25, upperEvery: 100 })
  await disturbed.open()
  const founders = new Set(disturbed.world.inhabitants.map(({ id }) => id))
  t.is(founders.size, 16)
  for (let round = 0; round < 2; round++) {
    const { peers } = await disturbed.round()
    t.is(peers, 16)
  }
  await disturbed.world.clock.advance(20_000)
  const here = disturbed.world.inhabitants.map(({ id }) => id)
  t.is(new Set(here).size, 16)
  const stayed = here.filter((id) => founders.has(id)).length
  t.true(stayed >= 8 && stayed < 16, `${stayed} of the founders are still here`)
  t.true(here.every((id) => disturbed.world.network.isAlive(id)))
  disturbed.stop()
  t.is(disturbed.world.inhabitants.length, 0)
})
