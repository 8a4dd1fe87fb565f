import test from 'ava'

import { createVillage, distanceToCommon } from './village.js'

test('damaged peers are refused, with the reason in the record that all members hold', async (t) => {
  const village = await createVillage({ domains: Array<string>(6).fill('verilog'), damaged: [5] })
  await village.start()
  t.true(await village.untilRound(8))
  const { villagers } = village
  const damaged = villagers[5]!.id
  for (const { contributions, round } of villagers[0]!.of('record:committed').filter((one) => one.round >= 2 && one.round <= 8)) {
    const one = contributions.find(({ peer }) => peer === damaged)
    t.is(one?.outcome, 'refused', `round ${round}`)
    t.is(one?.reason, 'SCORE')
  }
  const { members } = villagers[1]!.peer.status()
  const reputation = (id: string): number => members.find(({ peer }) => peer === id)!.reputation
  t.true(reputation(damaged) < reputation(villagers[0]!.id))
  t.true(distanceToCommon(villagers[0]!.peer.adapter()) < 0.25)
  await village.stop()
})

test('an auditor that lies against all others loses reputation and changes no outcome', async (t) => {
  const liar = { score: (_: Float32Array, __: Uint8Array, count: number) => Promise.resolve({ scores: new Int32Array(count) }) }
  const village = await createVillage({
    domains: Array<string>(6).fill('verilog'), auditor: (index) => (index === 0 ? liar : undefined), policy: { audit: { probesPerRound: 16, auditorsPerDelta: 5, everyRounds: 1 } },
  })
  await village.start()
  t.true(await village.untilRound(2))
  const { villagers } = village
  const last = villagers[1]!.of('record:committed').find(({ round }) => round === 2)!
  t.true(last.contributions.every(({ outcome }) => outcome === 'counted'))
  const { members } = villagers[1]!.peer.status()
  t.true(members.find(({ peer }) => peer === villagers[0]!.id)!.reputation < 0.35, String(members.find(({ peer }) => peer === villagers[0]!.id)!.reputation))
  t.true(members.find(({ peer }) => peer === villagers[1]!.id)!.reputation > 0.5)
  await village.stop()
})
