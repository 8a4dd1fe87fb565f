import test from 'ava'
import type { ExecutionContext } from 'ava'

import { decodeClusterHeader } from '../../src/rounds/records/record-bytes.js'

import { createToyLearner, createVillage, optimumOf } from './village.js'
import type { Village, VillageOptions } from './village.js'

const KEPT = 8
const FOUNDERS = [0, 1, 2, 3]

/** Peers that keep few records in memory, and whose rounds are short. */
function villageOf(options: Partial<VillageOptions> = {}): Promise<Village> {
  return createVillage({
    domains: Array<string>(4).fill('verilog'),
    later: ['verilog', 'verilog'],
    learner: (index, clock) => createToyLearner(optimumOf(index, false), { duration: () => new Promise((resolve) => { clock.after(100 + index, resolve) }) }),
    peer: () => ({ recordsKept: KEPT }),
    ...options,
  })
}

async function joins(t: ExecutionContext, village: Village, index: number, founders = FOUNDERS): Promise<void> {
  await village.start(index)
  const { id, peer } = village.villagers[index]!
  const begun = village.clock.now()
  t.true(await village.clock.runUntil(() => peer.status().phase !== 'joining', 300_000), `${peer.status().round}`)
  t.log(`joined after ${Math.round(village.clock.now() - begun)} ms of virtual time, in round ${peer.status().round}`)
  t.true(await village.untilRound(peer.status().round + 1, [...founders, index]))
  t.true(peer.status().members.some((member) => member.peer === id))
  t.deepEqual([...peer.adapter()], [...village.villagers[0]!.peer.adapter()])
  t.deepEqual(village.villagers[index]!.of('peer:troubled'), [])
}

/** Content as a stranger gets it from a peer; undefined where it does not. */
function puller(village: Village): (id: string, holder: string) => Promise<Uint8Array | undefined> {
  const observer = village.network.join('an observer')
  return async (id, holder) => {
    let answer: { readonly bytes: Uint8Array | undefined } | undefined
    observer.pull(id, [holder], { maximumBytes: 4 * 1024 * 1024 }).then((bytes) => { answer = { bytes } }, () => { answer = { bytes: undefined } })
    await village.clock.runUntil(() => answer !== undefined, 10_000)
    return answer?.bytes
  }
}

test('a newcomer joins after more rounds than are kept in memory, and another one that has only that to ask', async (t) => {
  const village = await villageOf()
  await village.start(...FOUNDERS)
  t.true(await village.untilRound(40, FOUNDERS))
  await joins(t, village, 4)
  const switched = village.villagers[4]!.of('chain:switched')
  t.true(switched[0]!.records >= 40)
  // What came as a header alone is offered, and nothing else of it.
  const pull = puller(village)
  const [old] = village.villagers[0]!.of('record:committed').filter(({ round }) => round === 20)
  const bytes = await pull(old!.record, village.villagers[4]!.id)
  const { record } = decodeClusterHeader(bytes!)
  t.is(record.round, 20)
  t.is(await pull(record.body, village.villagers[4]!.id), undefined)
  t.truthy(await pull(record.body, village.villagers[0]!.id))
  await village.kill(0)
  await village.start(5)
  const { peer } = village.villagers[5]!
  t.true(await village.clock.runUntil(() => peer.status().phase !== 'joining', 300_000))
  await village.stop()
})

test('a newcomer joins a network whose members have all been restarted', async (t) => {
  const village = await villageOf()
  await village.start(...FOUNDERS)
  t.true(await village.untilRound(30, FOUNDERS))
  for (const index of FOUNDERS) await village.kill(index)
  for (const index of FOUNDERS) await village.revive(index)
  const { round } = village.villagers[0]!.peer.status()
  t.true(await village.untilRound(round + 3, FOUNDERS))
  await joins(t, village, 4)
  await village.stop()
})

test('a peer that was away for longer than records stay in memory comes back', async (t) => {
  const village = await villageOf()
  await village.start(...FOUNDERS)
  t.true(await village.untilRound(3, FOUNDERS))
  await village.kill(3)
  t.true(await village.untilRound(35, [0, 1, 2]))
  await village.revive(3)
  t.true(await village.untilRound(village.villagers[0]!.peer.status().round + 1, FOUNDERS))
  // One may have a record a moment before the other.
  t.true(await village.clock.runUntil(() => village.villagers[3]!.peer.status().record === village.villagers[0]!.peer.status().record, 60_000))
  t.deepEqual([...village.villagers[3]!.peer.adapter()], [...village.villagers[0]!.peer.adapter()])
  await village.stop()
})

test('a peer that went on without the others for longer than records stay in memory comes back', async (t) => {
  const village = await villageOf()
  await village.start(...FOUNDERS)
  t.true(await village.untilRound(3, FOUNDERS))
  const ids = village.villagers.map(({ id }) => id)
  village.network.partition([ids.slice(0, 3), ids.slice(3, 4)])
  t.true(await village.untilRound(25, FOUNDERS))
  t.true(village.villagers[3]!.peer.status().provisional)
  village.network.heal()
  t.true(await village.clock.runUntil(() => {
    const all = FOUNDERS.map((index) => village.villagers[index]!.peer.status())
    return new Set(all.map(({ record }) => record)).size === 1 && all.every(({ members }) => members.length === 4)
  }, 300_000))
  await village.stop()
})

test('a newcomer below a level of clusters verifies what has come down from there, however long ago', async (t) => {
  const village = await villageOf({ domains: ['verilog', 'verilog', 'verilog', 'qasm', 'qasm', 'qasm'], later: ['verilog'], policy: { upperEvery: 1 } })
  const founders = [0, 1, 2, 3, 4, 5]
  await village.start(...founders)
  t.true(await village.untilRound(40, founders))
  t.true(village.villagers[0]!.of('upper:committed').length > 2 * KEPT)
  for (const index of founders) {
    await village.kill(index)
    await village.revive(index)
  }
  await village.clock.advance(5000)
  await joins(t, village, 6, [0, 1, 2])
  await village.stop()
})

test('nothing but records of the chain can be had from a disk', async (t) => {
  const village = await villageOf()
  await village.start(...FOUNDERS)
  const holder = village.villagers[0]!
  const kept = await holder.store.putBlob(Uint8Array.from([1, 2, 3]))
  t.true(await village.untilRound(20, FOUNDERS))
  const pull = puller(village)
  const records = holder.of('record:committed').map(({ record }) => record)
  t.is(await pull(kept, holder.id), undefined)
  for (const id of records) t.truthy(await pull(id, holder.id))
  await village.kill(0)
  await village.revive(0)
  await village.clock.advance(1000)
  t.is(await pull(kept, holder.id), undefined)
  for (const id of records) t.truthy(await pull(id, holder.id))
  await village.stop()
})
