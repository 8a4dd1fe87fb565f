import test from 'ava'
import fc from 'fast-check'

import { openStore } from '../../src/store/index.js'
import { FillingDisk } from '../../scripts/bench/chaos/filling-disk.js'
import { DyingDisk } from '../store/dying-disk.js'

import { Sayings } from './sayings.js'
import { createVillage } from './village.js'

/** Those whose disks become full: without them the others are no quorum. */
const FULL = [0, 1]

test('a cluster goes on by itself once full disks have room again, and nobody has said what was not on disk', async (t) => {
  await fc.assert(fc.asyncProperty(fc.integer({ min: 0, max: 4000 }), fc.integer({ min: 300, max: 30_000 }), async (after, during) => {
    const disks = FULL.map(() => new FillingDisk(new DyingDisk().boot()))
    const stores = await Promise.all(disks.map(({ files }) => openStore('/data', { files })))
    const sayings: Sayings[] = []
    const village = await createVillage({
      domains: Array<string>(4).fill('verilog'),
      peer: (index) => (index < FULL.length ? { store: stores[index]! } : {}),
      between: (index, transport) => sayings[index]?.between(transport) ?? transport,
    })
    sayings.push(...FULL.map((index) => new Sayings(village.villagers[index]!.id)))
    await village.start()
    await village.untilRound(1)
    await village.clock.advance(after)
    for (const disk of disks) disk.isFull = true
    // What is under way was written before.
    await village.clock.advance(50)
    const said = sayings.map(({ votes, lists }) => votes.size + lists.size)
    await village.clock.advance(during)
    t.true(sayings.every(({ votes, lists }, at) => votes.size + lists.size === said[at]), 'nothing new was signed while nothing could be written')
    for (const disk of disks) disk.isFull = false
    const goal = Math.max(...village.villagers.map(({ peer }) => peer.status().round)) + 1
    t.true(await village.untilRound(goal, undefined, 60_000), `full ${after} ms into a round, for ${during} ms: rounds ${village.villagers.map(({ peer }) => `${peer.status().round} ${peer.status().phase}`).join()} on the way to ${goal}`)
    t.deepEqual(sayings.flatMap(({ contradictions }) => contradictions), [])
    t.true(during < 5000 || FULL.some((index) => village.villagers[index]!.happened.some(({ name }) => name === 'peer:troubled' || name === 'training:failed')), 'whoever runs it is told')
    await village.stop()
  }), { numRuns: 25, seed: 2026 })
})
