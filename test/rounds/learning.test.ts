import test from 'ava'

import { createToyAuditor, createVillage, distanceToCommon, optimumOf } from './village.js'

test('six peers in one cluster learn together, and hold the same adapter bit for bit', async (t) => {
  const village = await createVillage({ domains: Array<string>(6).fill('verilog') })
  await village.start()
  t.true(await village.untilRound(12))
  const { villagers } = village
  const records = villagers.map((villager) => villager.of('record:committed').find(({ round }) => round === 12))
  t.is(new Set(records.map((record) => record?.record)).size, 1)
  for (const villager of villagers) {
    t.deepEqual(villager.of('peer:troubled'), [])
    t.deepEqual(villager.of('message:refused'), [])
  }
  // They start at 0.59; each of them alone would end at the distance of its own optimum, 0.17.
  t.true(distanceToCommon(villagers[0]!.peer.adapter()) < 0.12)
  await village.stop()
})

test('rounds without audits go by what earlier audits have shown; the first one judges everybody', async (t) => {
  const village = await createVillage({ domains: Array<string>(4).fill('verilog'), policy: { audit: { probesPerRound: 16, auditorsPerDelta: 2, everyRounds: 2 } } })
  await village.start()
  t.true(await village.untilRound(4))
  const audited = village.villagers.flatMap((villager) => villager.of('delta:audited'))
  t.deepEqual([...new Set(audited.map(({ round }) => round))].filter((round) => round <= 4).sort(), [1, 2, 4])
  const counted = village.villagers[0]!.of('record:committed').find(({ round }) => round === 3)!.contributions
  t.true(counted.length === 4 && counted.every(({ outcome, score }) => outcome === 'counted' && score === undefined))
  await village.stop()
})

test('a newcomer is judged with its first delta, before it counts, on twice as many probes', async (t) => {
  const village = await createVillage({
    domains: Array<string>(4).fill('verilog'), later: ['verilog'], damaged: [4],
    policy: { admissionDelayMs: 0, audit: { probesPerRound: 16, auditorsPerDelta: 2, everyRounds: 100 } },
    auditor: () => {
      const auditor = createToyAuditor()
      return { score: (adapter, seed, count, signal) => { asked.add(count); return auditor.score(adapter, seed, count, signal) } }
    },
  })
  const asked = new Set<number>()
  await village.start(0, 1, 2, 3)
  t.true(await village.untilRound(2, [0, 1, 2, 3]))
  await village.start(4)
  t.true(await village.untilRound(10))
  const audited = new Set(village.villagers[0]!.of('record:committed').filter(({ contributions }) => contributions.some(({ score }) => score !== undefined)).map(({ round }) => round))
  const newcomer = village.villagers[4]!.id
  const outcomes = village.villagers[0]!.of('record:committed').flatMap(({ round, contributions }) => contributions.filter(({ peer }) => peer === newcomer).map(({ outcome }) => ({ round, outcome })))
  t.deepEqual(audited, new Set([1, outcomes[0]!.round]))
  t.true(outcomes.length > 2 && outcomes.every(({ outcome }) => outcome === 'refused'))
  t.deepEqual(asked, new Set([32]))
  await village.stop()
})

test('each peer weighs the same deltas by its own user\'s metric, and the attested adapter knows nothing of it', async (t) => {
  const optimum = optimumOf(2, false)
  const near = (adapter: Float32Array): number => Math.exp(-Math.sqrt(adapter.reduce((sum, value, i) => sum + (value - optimum[i]!) ** 2, 0) / adapter.length))
  const village = await createVillage({ domains: Array<string>(4).fill('verilog'), peer: (index) => (index === 0 ? { ownMetric: { score: (adapters) => Promise.resolve(adapters.map(near)) } } : {}) })
  await village.start()
  t.true(await village.untilRound(3))
  const own = village.villagers[0]!.of('own:aggregated')
  t.true(own.length >= 2)
  const { weights } = own[1]!
  const favourite = village.villagers[2]!.id
  t.true([...weights].every(([peer, weight]) => peer === favourite || weight < weights.get(favourite)!))
  t.is(village.villagers[1]!.of('own:aggregated').length, 0)
  t.is(new Set(village.villagers.map((villager) => villager.of('record:committed').find(({ round }) => round === 3)!.adapter)).size, 1)
  await village.stop()
})
