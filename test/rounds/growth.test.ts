import test from 'ava'

import { createVillage, distanceToCommon } from './village.js'
import type { Village } from './village.js'

const founders = Array<string>(4).fill('verilog')
const strangers = Array<string>(3).fill('verilog')
const policy = { admissionDelayMs: 0, clusterSize: 4, clusterMinimum: 2, clusterMaximum: 6, upperEvery: 1, membership: 'credential' as const }

/** Members by cluster, as the peers themselves see it. */
function clustersOf({ villagers }: Village, indices = villagers.map(({ index }) => index)): Map<string, string[]> {
  const found = new Map<string, string[]>()
  for (const index of indices) {
    const { cluster, phase } = villagers[index]!.peer.status()
    if (phase !== 'joining') found.set(cluster, [...found.get(cluster) ?? [], villagers[index]!.id].sort())
  }
  return found
}

/** That all who tell of a round of a cluster tell of one record. */
function recordsOf({ villagers }: Village): Map<string, string> | string {
  const records = new Map<string, string>()
  for (const { cluster, round, record } of villagers.flatMap((one) => [...one.of('record:committed'), ...one.of('upper:committed')])) {
    const key = `${cluster} ${round}`
    if ((records.get(key) ?? record) !== record) return `two records of ${key}`
    records.set(key, record)
  }
  return records
}

test('strangers join the only cluster until it splits; both halves and the top above them go on learning', async (t) => {
  const village = await createVillage({ domains: founders, later: strangers, policy })
  const { villagers, clock } = village
  await village.start()
  t.true(await clock.runUntil(() => villagers.every((one) => one.of('cluster:split').length > 0), 600_000), 'it splits')
  const [split] = villagers[0]!.of('cluster:split')
  t.deepEqual([...split!.stay, ...split!.go].sort(), villagers.map(({ id }) => id).sort())
  const before = villagers[0]!.peer.status().round
  t.true(await village.untilRound(before + 8), 'all go on')
  const clusters = clustersOf(village)
  t.deepEqual(clusters.get('verilog.0'), [...split!.stay])
  t.deepEqual(clusters.get(split!.born), [...split!.go])
  t.is(typeof recordsOf(village), 'object', String(recordsOf(village)))
  for (const villager of villagers) {
    const status = villager.peer.status()
    t.deepEqual(status.levels.map(({ cluster, takesPart }) => [cluster, takesPart]), [['root', true]])
    t.true(status.levels[0]!.round >= 3, `the top is at ${status.levels[0]!.round}`)
    t.deepEqual(villager.of('peer:troubled'), [])
    t.true(distanceToCommon(villager.peer.adapter()) < 0.3, `${distanceToCommon(villager.peer.adapter())}`)
    t.deepEqual(status.tree.clusters.map(({ id, level }) => [id, level]).sort(), [['root', 1], [split!.born, 0], ['verilog.0', 0]].sort())
  }
  await village.stop()
})
