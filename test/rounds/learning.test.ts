import test from 'ava'

import { createVillage, distanceToCommon } from './village.js'

test('six peers in one cluster learn together, and hold the same adapter bit for bit', async (t) => {
  const village = await createVillage({ domains: Array<string>(6).fill('verilog') })
  await village.start()
  t.true(await village.untilRound(12))
  const { villagers } = village
  const records = villagers.map((villager) => villager.of('record:committed').find(({ round }) => round === 12))
  t.is(new Set(records.map((record) => record?.record)).size, 1)
  t.log(distanceToCommon(new Float32Array(1000)), distanceToCommon(villagers[0]!.peer.adapter()), village.clock.now())
  for (const v of villagers) t.deepEqual(v.of('peer:troubled'), [])
  for (const v of villagers) t.deepEqual(v.of('message:refused'), [])
  t.true(distanceToCommon(villagers[0]!.peer.adapter()) < 0.2)
  await village.stop()
})
