import test from 'ava'
import fc from 'fast-check'

import { openStore } from '../../src/store/index.js'
import { FillingDisk } from '../../scripts/bench/chaos/filling-disk.js'
import { DyingDisk } from '../store/dying-disk.js'

import { Sayings } from './sayings.js'
import { createToyStore, createVillage } from './village.js'

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

test('where the record of a level cannot be written, it has not happened, and is taken over once there is room', async (t) => {
  await fc.assert(fc.asyncProperty(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 2000, max: 20_000 }), async (lost, during) => {
    let isFull = false
    let failed = 0
    // Each seat needs all of its three members.
    const village = await createVillage({
      domains: Array.from({ length: 6 }, (_, index) => (index % 2 === 0 ? 'verilog' : 'qasm')),
      policy: { upperEvery: 1 },
      peer: (index) => {
        if (index >= lost) return {}
        const store = createToyStore()
        return { store: { ...store, writeState: (name, version, value) => {
          if (!isFull || name !== 'level-1') return store.writeState(name, version, value)
          failed += 1
          return Promise.reject(new Error('the disk is full'))
        } } }
      },
    })
    const { villagers, clock } = village
    const roots = (): number[] => villagers.map(({ peer }) => peer.status().levels[0]!.round)
    await village.start()
    t.true(await clock.runUntil(() => roots().every((round) => round >= 2), 120_000))
    isFull = true
    const before = roots()
    await clock.advance(during)
    t.deepEqual(roots().slice(0, lost), before.slice(0, lost), 'what is not on disk is not stood on')
    isFull = false
    t.true(await clock.runUntil(() => roots().every((round) => round >= Math.max(...before) + 3), 120_000), `${lost} disks were full for ${during} ms: the root's rounds are ${roots().join()}`)
    t.true(during < 15_000 || failed > 0)
    await village.stop()
  }), { numRuns: 5, seed: 2026 })
})
