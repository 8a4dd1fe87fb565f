import test from 'ava'

import type { Behaviour } from '../../scripts/sim/adversaries.js'
import { DEFAULT_WORLD } from '../../scripts/sim/options.js'
import { Simulation } from '../../scripts/sim/simulation.js'
import type { Inhabitant } from '../../scripts/sim/world.js'

/** A cluster of eight and one of four, in which two peers and one have one behaviour. */
async function worldOf(behaviour: Behaviour, rounds = 2) {
  const simulation = new Simulation({ ...DEFAULT_WORLD, peers: 12, byzantine: 0.25, behaviours: [behaviour], upperEvery: 100, seed: 4 })
  await simulation.open()
  for (let round = 0; round < rounds; round++) await simulation.round()
  const inhabitants = [...simulation.world.inhabitants]
  const members = new Map(inhabitants.filter((one) => one.behaviour === 'honest').flatMap(({ peer }) => peer.status().members).map((member) => [member.peer, member]))
  const reputations = (wanted: Inhabitant['behaviour']): number[] => inhabitants.filter((one) => one.behaviour === wanted).flatMap(({ id }) => members.get(id)?.reputation ?? [])
  const summary = simulation.summary()
  simulation.stop()
  return { summary, found: summary.outcomes[behaviour] ?? {}, reputations, hostile: inhabitants.filter((one) => one.behaviour === behaviour).length }
}

const names = (found: Readonly<Record<string, number>>): string[] => Object.keys(found).sort()

test('damaged deltas are told from the others by their scores', async (t) => {
  const { found, hostile, summary } = await worldOf('damaged')
  t.is(hostile, 3)
  t.true(found['refused SCORE']! >= 2, JSON.stringify(summary.outcomes))
})

test('deltas of nothing are refused as empty', async (t) => {
  const { found } = await worldOf('zero')
  t.true(found['refused EMPTY']! >= 1)
  // All of them are one and the same.
  t.true(names(found).every((outcome) => ['refused DUPLICATE', 'refused EMPTY'].includes(outcome)), names(found).join())
})

test('copied deltas count for nothing, cost reputation, and take nobody\'s place', async (t) => {
  const { found, reputations, summary } = await worldOf('copying', 3)
  t.deepEqual(names(summary.outcomes['honest'] ?? {}).filter((outcome) => ['refused BINDING', 'refused DUPLICATE'].includes(outcome)), [])
  t.true(found['refused BINDING']! >= 1)
  t.true(names(found).every((outcome) => ['missing', 'refused BINDING', 'refused DUPLICATE'].includes(outcome)), names(found).join())
  t.true(Math.min(...reputations('copying')) < 0.5)
})

test('silent peers announce deltas that nobody can have', async (t) => {
  const { found, summary } = await worldOf('silent')
  t.true(found['missing']! >= 1)
  t.true(names(found).every((outcome) => ['expired', 'missing'].includes(outcome)), names(found).join())
  t.true(summary.records.every(({ none }) => none === 0))
})

test('equivocating peers are proved to be so and lose all reputation, also where it comes out late; honest ones never do', async (t) => {
  // A proof that comes out while one record is agreed on stands in the next one.
  const { summary, hostile, reputations } = await worldOf('equivocating', 4)
  t.is(summary.cheats, hostile)
  // Who has lost all of it is not heard any more, and so off the roster before long.
  t.true(reputations('equivocating').every((reputation) => reputation === 0))
  t.true(reputations('honest').every((reputation) => reputation > 0))
})

test('lying auditors are contradicted by the other two and pay with reputation', async (t) => {
  const { reputations } = await worldOf('lying')
  const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length
  t.true(mean(reputations('lying')) < mean(reputations('honest')) - 0.1, `${mean(reputations('lying'))} against ${mean(reputations('honest'))}`)
})
