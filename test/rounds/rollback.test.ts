import fc from 'fast-check'
import test from 'ava'

import { roundsToKeep } from '../../src/rounds/cluster/checkpoints.js'
import { decodeClusterHeader } from '../../src/rounds/records/record-bytes.js'
import type { ClusterHeader } from '../../src/rounds/records/cluster-record.js'
import { PolicyFile } from './policy-file.js'
import { createVillage, distanceToCommon } from './village.js'
import type { Village, Villager } from './village.js'

interface Rolled {
  readonly village: Village
  readonly files: readonly PolicyFile[]
}

async function withFiles(domains: readonly string[]): Promise<Rolled> {
  const files: PolicyFile[] = []
  const village = await createVillage({ domains, policy: { upperEvery: 2 }, policies: (index, first) => files[index] ??= new PolicyFile(first) })
  return { village, files }
}

function headersOf(villager: Villager): ClusterHeader[] {
  return villager.of('record:committed').map(({ record }) => decodeClusterHeader(villager.store.blobs.get(record)!).record)
}

/** The owners sign, and the file comes to everybody. */
function rollBack({ village, files }: Rolled, round: number): { readonly record: string, readonly adapter: string } {
  const checkpoint = village.villagers[0]!.peer.status().checkpoints.find((one) => one.round === round)!
  for (const file of files) file.bring({ rollback: checkpoint })
  return checkpoint
}

test('a cluster goes back to the values that its owners name, counts nothing of what came after, and learns on from there', async (t) => {
  const rolled = await withFiles(['verilog', 'verilog', 'verilog', 'verilog'])
  const { village } = rolled
  const { villagers } = village
  await village.start()
  t.true(await village.untilRound(9))
  t.deepEqual(villagers.map(({ peer }) => peer.status().checkpoints.map(({ round }) => round)), Array.from({ length: 4 }, () => [8, 4]))
  // What is to be gone back to outlives a restart.
  await village.kill(1)
  await village.revive(1)
  t.deepEqual(villagers[1]!.peer.status().checkpoints.map(({ round }) => round), [8, 4])

  const { record, adapter } = rollBack(rolled, 4)
  t.true(await village.untilRound(14))
  for (const villager of villagers) {
    const headers = headersOf(villager)
    const restored = headers.filter((header) => header.rollback !== null)[0]!
    t.deepEqual(restored.rollback, { record, round: restored.round })
    t.is(restored.adapter, adapter)
    // Once and not again.
    t.true(headers.filter(({ round }) => round > restored.round).every((header) => header.adapter !== adapter && header.rollback?.round === restored.round))
    const { contributions } = villager.of('record:committed').find(({ round }) => round === restored.round)!
    t.true(contributions.length > 0 && contributions.every(({ outcome, reason }) => outcome === 'refused' && reason === 'ROLLBACK'))
    const later = villager.of('record:committed').filter(({ round }) => round > restored.round + 1)
    t.true(later.every((event) => event.contributions.some(({ outcome }) => outcome === 'counted')))
  }
  t.is(new Set(villagers.map(({ peer }) => peer.status().record)).size, 1)
  await village.stop()
})

test('a rollback of the root comes down to every cluster, and no offer or residual brings back what was dropped', async (t) => {
  const rolled = await withFiles(['verilog', 'verilog', 'verilog', 'verilog', 'qasm', 'qasm', 'qasm', 'qasm'])
  const { village } = rolled
  const { villagers } = village
  await village.start()
  t.true(await village.clock.runUntil(() => villagers.every(({ peer }) => peer.status().checkpoints.some(({ round }) => round === 4) && peer.status().levels[0]!.round >= 7), 600_000))
  const { record, adapter } = rollBack(rolled, 4)
  const wasAt = villagers[0]!.peer.status().round
  t.true(await village.clock.runUntil(() => villagers.every((villager) => headersOf(villager).some(({ rollback }) => rollback !== null)), 600_000))
  for (const villager of villagers) {
    const restored = headersOf(villager).find(({ rollback }) => rollback !== null)!
    t.is(restored.rollback!.record, record)
    // Nothing has counted above since, so what comes down is what was named, bit for bit.
    t.is(restored.upper.adapter, adapter)
    t.is(restored.adapter, adapter)
    t.is(restored.offer, null)
  }
  // They learn on, and what they learn comes together again.
  const far = distanceToCommon(villagers[0]!.peer.adapter())
  t.true(await village.untilRound(wasAt + 14))
  t.true(villagers.every(({ peer }) => distanceToCommon(peer.adapter()) < far))
  const uppers = villagers.map((villager) => headersOf(villager).at(-1)!.upper.adapter)
  t.true(uppers.every((one) => one !== adapter))
  await village.stop()
})

test('a peer that was away comes back to a chain that has been rolled back', async (t) => {
  const rolled = await withFiles(['verilog', 'verilog', 'verilog', 'verilog'])
  const { village, files } = rolled
  await village.start()
  t.true(await village.untilRound(9))
  await village.kill(3)
  t.true(await village.untilRound(10, [0, 1, 2], 120_000))
  const { adapter } = rollBack(rolled, 8)
  t.is(files.length, 4)
  t.true(await village.clock.runUntil(() => [0, 1, 2].every((index) => headersOf(village.villagers[index]!).some(({ rollback }) => rollback !== null)), 120_000))
  await village.revive(3)
  const next = village.villagers[0]!.peer.status().round + 2
  t.true(await village.untilRound(next, [0, 1, 2, 3], 240_000))
  t.is(new Set(village.villagers.map((villager) => villager.of('record:committed').find(({ round }) => round === next)?.record)).size, 1)
  t.true(headersOf(village.villagers[0]!).some((header) => header.adapter === adapter))
  await village.stop()
})

test('checkpoints reach far back and stay few', (t) => {
  fc.assert(fc.property(fc.integer({ min: 1, max: 200_000 }), (last) => {
    // As they are kept from round to round.
    const kept = Array.from({ length: Math.floor(last / 4) }, (_, at) => 4 * (at + 1))
    const rounds = roundsToKeep(kept)
    t.true(rounds.size <= 18)
    if (last >= 4) t.true(rounds.has(last - last % 4))
    for (const span of [4, 16, 64, 256, 1024, 4096]) if (last >= span) t.true(rounds.has(last - last % span))
  }), { numRuns: 30 })
})
