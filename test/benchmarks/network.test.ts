import test from 'ava'

import { failOver } from '../../scripts/bench/network/failover.js'
import { form } from '../../scripts/bench/network/form.js'
import { hang } from '../../scripts/bench/network/hang.js'
import { POLICY, SETTING } from '../../scripts/bench/network/setting.js'
import { roundOf, told, Village } from '../../scripts/bench/village/village.js'

/** Nobody on a machine that has much else to do is too late by these. */
const PATIENT = { ...POLICY, heartbeatMs: 3000, deadlines: { ...POLICY.deadlines!, close: 20_000, propose: 20_000, prevote: 5000, precommit: 5000, grace: 240_000 } }

/** A part of bench:network on a machine that may have much else to do: what happens is asked, and never how fast. */
test.serial('four peers, each a process, form a network, go on without a proposer that dies, and notice one that hangs', async (t) => {
  t.timeout(900_000)
  const village = await Village.found({ ...SETTING, size: 4, policy: PATIENT })
  t.teardown(village.end)
  t.true(await form(village) > 0)
  t.true(village.villagers.every((villager) => roundOf(villager) >= 1))

  t.true(await failOver(village) > 0)
  const fallen = village.villagers.filter((villager) => told(villager, 'falling').length > 0)
  t.is(fallen.length, 1)
  t.is(village.running.length, 4)

  const stopped = village.villagers.at(-1)!
  t.true(await hang(village, stopped) > 0)
  t.true(village.villagers.filter((one) => one !== stopped).every((one) => told(one, 'gone').some(({ peer }) => peer === stopped.peer)))
})
