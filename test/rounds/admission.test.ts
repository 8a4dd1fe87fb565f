import test from 'ava'

import { WaitingRoom } from '../../src/rounds/cluster/waiting-room.js'
import { createVirtualClock } from '../../src/telemetry/index.js'

import { createVillage } from './village.js'
import type { Village } from './village.js'

const domains = Array<string>(4).fill('verilog')
const isMember = ({ villagers }: Village, index: number): boolean => villagers[0]!.peer.status().members.some(({ peer }) => peer === villagers[index]!.id)

async function timeToJoin(admissionDelayMs: number): Promise<number> {
  const village = await createVillage({ domains, later: ['verilog'], policy: { admissionDelayMs } })
  await village.start(0, 1, 2, 3)
  await village.untilRound(2, [0, 1, 2, 3])
  await village.start(4)
  const begun = village.clock.now()
  await village.clock.runUntil(() => isMember(village, 4), 600_000)
  const took = village.clock.now() - begun
  await village.stop()
  return took
}

test('a stranger is added after the admission delay and not before, at the next record', async (t) => {
  const [soon, late] = [await timeToJoin(0), await timeToJoin(60_000)]
  t.true(soon < 30_000, `${soon}`)
  t.true(late >= 60_000 && late < 60_000 + 30_000, `${late}`)
})

test('a member that lets a stranger in at once gets no record agreed on with it, and a founder comes back without a delay', async (t) => {
  const policy = { admissionDelayMs: 300_000 }
  const founded = await createVillage({ domains, later: ['verilog'], policy })
  const village = await createVillage({ domains, later: ['verilog'], policy, peer: (index) => (index === 0 ? { policy: { ...founded.policy, admissionDelayMs: 0 } } : {}) })
  await village.start(0, 1, 2, 3)
  await village.untilRound(1, [0, 1, 2, 3])
  await village.start(4)
  t.true(await village.untilRound(5, [0, 1, 2, 3]))
  t.false(isMember(village, 4))
  await village.kill(3)
  t.true(await village.clock.runUntil(() => !isMember(village, 3), 600_000), 'silent for eight records')
  await village.revive(3)
  const begun = village.clock.now()
  t.true(await village.clock.runUntil(() => isMember(village, 3), 600_000))
  t.true(village.clock.now() - begun < 60_000)
  await village.stop()
})

test('who stops asking begins anew, and a crowd does not drive out those who go on', async (t) => {
  const clock = createVirtualClock()
  const room = new WaitingRoom(clock, { policy: { admissionDelayMs: 10_000, heartbeatMs: 1000, foundingRoster: [{ peer: 'founder', domain: 'verilog' }] } })
  t.true(room.hasWaited('founder'))
  t.false(room.hasWaited('stranger'))
  const at = (milliseconds: number, act: () => void): void => { clock.after(milliseconds, act) }
  const heard: boolean[] = []
  for (let second = 0; second <= 12; second++) {
    at(second * 1000, () => {
      room.ask('patient')
      if (second === 0) room.ask('gone')
      for (let crowd = 0; crowd < 2000; crowd++) room.ask(`sybil ${crowd}`)
      heard.push(room.hasWaited('patient'))
    })
  }
  at(5000, () => { t.true(room.mayBeAdded('patient')) })
  at(12_500, () => {
    room.ask('gone')
    t.false(room.mayBeAdded('gone'))
  })
  await clock.advance(13_000)
  t.deepEqual(heard, Array.from({ length: 13 }, (_, second) => second >= 10))
})
