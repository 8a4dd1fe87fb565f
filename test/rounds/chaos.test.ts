import test from 'ava'
import fc from 'fast-check'

import { createRandom } from '../../src/telemetry/index.js'

import { createVillage } from './village.js'
import type { Village } from './village.js'

/** Full records of each round and cluster: there must never be two. */
function contradictions({ villagers }: Village): string[] {
  const known = new Map<string, string>()
  const found: string[] = []
  for (const villager of villagers) {
    for (const { cluster, round, record, provisional } of villager.of('record:committed')) {
      const key = `${cluster} ${round}`
      if (provisional) continue
      if ((known.get(key) ?? record) !== record) found.push(key)
      known.set(key, record)
    }
    for (const { round, record } of villager.of('upper:committed')) {
      const key = `root ${round}`
      if ((known.get(key) ?? record) !== record) found.push(key)
      known.set(key, record)
    }
  }
  return found
}

interface Trial {
  readonly contradictions: string[]
  readonly together: boolean
  readonly cheats: number
  readonly troubles: string[]
}

async function disturbed(seed: number, domains: readonly string[], farewells = 0): Promise<Trial> {
  const random = createRandom(seed)
  const size = domains.length
  const village = await createVillage({ domains, seed, policy: { upperEvery: 2 }, network: { loss: random() * 0.1, duplicate: 0.05, latency: { minimum: 1, maximum: 150 } } })
  const { clock, network, villagers } = village
  const off = new Set<number>()
  await village.start()
  for (let fault = 0; fault < 8; fault++) {
    await clock.advance(1000 + random() * 12_000)
    const index = Math.floor(random() * size)
    const kind = random()
    if (kind < 0.35) {
      const side = villagers.filter(() => random() < 0.5).map(({ id }) => id)
      network.partition([side])
    } else if (kind < 0.6) {
      network.heal()
    } else if (off.has(index)) {
      await village.revive(index)
      off.delete(index)
    } else if (off.size < size - 2) {
      if (random() < farewells) await villagers[index]!.peer.stop({ leave: true })
      await village.kill(index)
      off.add(index)
    }
  }
  network.heal()
  network.disturb({ loss: 0 })
  for (const index of off) await village.revive(index)
  const heights = villagers.map(({ peer }) => peer.status().levels[0]?.round ?? 0)
  const together = await clock.runUntil(() => {
    const all = villagers.map(({ peer }) => peer.status())
    const areUp = all.every(({ levels: [upper], phase }) => phase !== 'joining' && (upper === undefined || upper.round > Math.max(...heights)))
    return areUp && [...new Set(all.map(({ cluster }) => cluster))].every((cluster) => {
      const members = all.filter((status) => status.cluster === cluster)
      return members.every((member) => member.members.length === members.length) && new Set(members.map(({ record }) => record)).size === 1
    })
  }, 240_000)
  const result = {
    contradictions: contradictions(village),
    together,
    cheats: villagers.flatMap((villager) => villager.of('peer:cheated')).length,
    troubles: villagers.flatMap((villager) => villager.of('peer:troubled').map(({ what }) => what)),
  }
  await village.stop()
  return result
}

test('through partitions, crashes, loss and delay there are never two full records of a round, and all come together again', async (t) => {
  await fc.assert(fc.asyncProperty(fc.integer({ min: 0, max: 100_000 }), fc.integer({ min: 3, max: 6 }), async (seed, size) => {
    const trial = await disturbed(seed, Array<string>(size).fill('verilog'))
    t.deepEqual(trial.contradictions, [], `seed ${seed}, ${size} peers`)
    t.is(trial.cheats, 0, `seed ${seed}, ${size} peers`)
    t.deepEqual(trial.troubles, [], `seed ${seed}, ${size} peers`)
    t.true(trial.together, `seed ${seed}, ${size} peers`)
  }), { numRuns: 3, seed: 2026 })
})

test('with two clusters there are never two root records of a round either, and the root goes on', async (t) => {
  await fc.assert(fc.asyncProperty(fc.integer({ min: 0, max: 100_000 }), fc.integer({ min: 4, max: 7 }), async (seed, size) => {
    const trial = await disturbed(seed, Array.from({ length: size }, (_, index) => (index % 2 === 0 ? 'verilog' : 'qasm')))
    t.deepEqual(trial.contradictions, [], `seed ${seed}, ${size} peers`)
    t.true(trial.together, `seed ${seed}, ${size} peers`)
  }), { numRuns: 3, seed: 2026 })
})

test('where half of those who go say leave and come back, there are never two full records of a round, and all come together again', async (t) => {
  await fc.assert(fc.asyncProperty(fc.integer({ min: 0, max: 100_000 }), fc.integer({ min: 4, max: 7 }), async (seed, size) => {
    const trial = await disturbed(seed, Array<string>(size).fill('verilog'), 0.5)
    t.deepEqual(trial.contradictions, [], `seed ${seed}, ${size} peers`)
    t.is(trial.cheats, 0, `seed ${seed}, ${size} peers`)
    t.true(trial.together, `seed ${seed}, ${size} peers`)
  }), { numRuns: 4, seed: 2026 })
})
