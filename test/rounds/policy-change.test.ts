import test from 'ava'

import { encodeCanonical } from '../../src/identity/index.js'
import { decodeClusterHeader } from '../../src/rounds/records/record-bytes.js'
import type { ClusterHeader } from '../../src/rounds/records/cluster-record.js'
import { PolicyFile, TravellingPolicy } from './policy-file.js'
import { createVillage } from './village.js'
import type { Village, VillageOptions } from './village.js'

const four = ['verilog', 'verilog', 'verilog', 'verilog']

/** A village whose peers have a policy file each. */
async function withFiles(options: VillageOptions, firstOf: (index: number) => number = () => 1): Promise<{ readonly village: Village, readonly files: readonly PolicyFile[] }> {
  const files: PolicyFile[] = []
  const village = await createVillage({ ...options, policies: (index, first) => files[index] = new PolicyFile({ ...first, version: firstOf(index) }) })
  return { village, files }
}

function headerOf(village: Village, index: number, round: number): ClusterHeader {
  const { record } = village.villagers[index]!.of('record:committed').find((event) => event.round === round)!
  return decodeClusterHeader(village.villagers[index]!.store.blobs.get(record)!).record
}

function isOneChain(village: Village, round: number): boolean {
  return new Set(village.villagers.map((villager) => villager.of('record:committed').find((event) => event.round === round)?.record)).size === 1
}

test('a policy counts for all from one record on, once a quorum has it, and whoever has it first waits for the others', async (t) => {
  const { village, files } = await withFiles({ domains: four })
  const { villagers } = village
  await village.start()
  t.true(await village.untilRound(2))
  // Nothing that anybody learns moves the adapter any more.
  const change = { learning: { ...village.policy.learning, outerRate: 0, outerMomentum: 0 } }
  files[0]!.bring(change)
  t.true(await village.untilRound(4))
  t.deepEqual(villagers.map(({ peer }) => peer.status().policy), [{ inForce: 1, newest: 2 }, ...Array.from({ length: 3 }, () => ({ inForce: 1, newest: 1 }))])

  files[1]!.bring(change)
  files[2]!.bring(change)
  t.true(await village.untilRound(8, [0, 1, 2]))
  const first = [5, 6, 7].find((round) => headerOf(village, 0, round).policy === 2)!
  t.is(headerOf(village, 0, first - 1).policy, 1)
  t.not(headerOf(village, 0, first).adapter, headerOf(village, 0, first - 1).adapter)
  t.is(headerOf(village, 0, first + 1).adapter, headerOf(village, 0, first).adapter)

  // The fourth cannot compute these records and follows them; with the policy it votes again.
  files[3]!.bring(change)
  const next = villagers[0]!.peer.status().round + 1
  t.true(await village.untilRound(next + 2))
  t.true(isOneChain(village, next + 2))
  t.true(headerOf(village, 0, next + 2).carried!.precommits.some(({ peer }) => peer === villagers[3]!.id))
  await village.stop()
})

test('a policy that one peer has goes to all others, and what the owners have not signed goes nowhere', async (t) => {
  const files: TravellingPolicy[] = []
  const village = await createVillage({ domains: four, policies: (index, first) => files[index] = new TravellingPolicy(first) })
  const { villagers } = village
  await village.start()
  t.true(await village.untilRound(1))
  const forged = files[3]!
  forged.signed = () => encodeCanonical({ by: 'nobody', change: {} })
  forged.bring({})
  forged.bring({ upperEvery: 9 })
  t.true(await village.untilRound(3))
  t.true(villagers.slice(0, 3).every(({ peer }) => peer.status().policy.newest === 1))
  t.true(villagers.slice(0, 3).every((villager) => villager.of('message:refused').filter(({ from, kind }) => from === villagers[3]!.id && kind === 'policy').length === 1))

  files[0]!.bring({ upperEvery: 5 })
  t.true(await village.untilRound(6, [0, 1, 2]))
  t.true(villagers.slice(0, 3).every(({ peer }) => peer.status().policy.inForce === 2))
  t.deepEqual(villagers.slice(1, 3).map((villager) => villager.of('policy:taken').map(({ version }) => version)), [[2], [2]])
  await village.stop()
})

test('a newcomer that knows only a later policy finds its way back to the founding record', async (t) => {
  const { village, files } = await withFiles({ domains: four, later: ['verilog'] }, (index) => index === 4 ? 3 : 1)
  await village.start(0, 1, 2, 3)
  t.true(await village.untilRound(2, [0, 1, 2, 3]))
  for (const file of files.slice(0, 4)) {
    file.bring({})
    file.bring({})
  }
  t.true(await village.untilRound(4, [0, 1, 2, 3]))
  await village.start(4)
  const newcomer = village.villagers[4]!
  t.true(await village.clock.runUntil(() => newcomer.peer.status().phase !== 'joining', 60_000))
  const next = newcomer.peer.status().round + 1
  t.true(await village.untilRound(next))
  t.true(newcomer.of('record:committed').some(({ round }) => round === next))
  await village.stop()
})

test('a network that is founded under a later policy goes by it from the first round on', async (t) => {
  const { village } = await withFiles({ domains: four }, () => 7)
  await village.start()
  t.true(await village.untilRound(2))
  t.is(headerOf(village, 0, 1).policy, 7)
  t.true(isOneChain(village, 2))
  await village.stop()
})
