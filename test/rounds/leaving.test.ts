import test from 'ava'

import { decodeCarried, openMessage, unframe } from '../../src/rounds/messages/wire.js'
import type { Opened } from '../../src/rounds/messages/wire.js'
import { createVillage, NETWORK, READING } from './village.js'
import type { Village } from './village.js'

const rosterOf = (village: Village, index: number): readonly string[] => village.villagers[index]!.of('record:committed').at(-1)!.members

async function leave({ network, villagers }: Village, index: number): Promise<void> {
  await villagers[index]!.peer.stop({ leave: true })
  network.kill(villagers[index]!.id)
}

test('who leaves for good is off the roster with the next record, and the quorum follows', async (t) => {
  const village = await createVillage({ domains: Array<string>(6).fill('verilog') })
  await village.start()
  t.true(await village.untilRound(1))
  // One after the other: of six, five are a quorum, and of three, three.
  for (const [leaver, left] of [[5, 5], [4, 4], [3, 3]] as const) {
    await leave(village, leaver)
    const here = Array.from({ length: left }, (_, index) => index)
    const { round } = village.villagers[0]!.peer.status()
    t.true(await village.untilRound(round + 1, here))
    t.deepEqual(rosterOf(village, 0), here.map((index) => village.villagers[index]!.id).sort())
    t.is(village.villagers[0]!.of('peer:left').length, 6 - left)
  }
  for (const index of [0, 1, 2]) {
    t.deepEqual(village.villagers[index]!.of('provisional:started'), [])
    t.deepEqual(village.villagers[index]!.of('peer:troubled'), [])
  }
  await village.stop()
})

test('who has left and comes back joins like a newcomer; an old farewell takes nobody off again', async (t) => {
  const village = await createVillage({ domains: Array<string>(5).fill('verilog') })
  const { network, villagers } = village
  const farewells: { readonly message: Uint8Array, readonly opened: Opened<'leave'> }[] = []
  const topic = `meshwright/${NETWORK.slice(0, 16)}/verilog.0`
  const listener = network.join('a listener')
  listener.subscribe(topic, (message) => {
    const { kind, body } = unframe(message)
    if (kind === 'leave') farewells.push({ message, opened: openMessage(body, kind, READING) })
  })
  await village.start()
  t.true(await village.untilRound(1))
  await leave(village, 4)
  const others = [0, 1, 2, 3]
  t.true(await village.untilRound(3, others))
  t.false(rosterOf(village, 0).includes(villagers[4]!.id))
  t.is(farewells[0]!.opened.peer, villagers[4]!.id)

  await village.revive(4)
  t.true(await village.clock.runUntil(() => rosterOf(village, 0).includes(villagers[4]!.id), 300_000))
  await listener.publish(topic, farewells[0]!.message)
  const { round } = villagers[0]!.peer.status()
  t.true(await village.untilRound(round + 3))
  t.true(rosterOf(village, 0).includes(villagers[4]!.id))
  await village.stop()
})

test('a farewell is a promise: who is started again in the same round is taken off, votes for nothing meanwhile, and votes again once it has been let in', async (t) => {
  const village = await createVillage({ domains: Array<string>(5).fill('verilog') })
  const { villagers, clock } = village
  const seen: Set<number> = new Set()
  const listener = village.network.join('a listener')
  listener.subscribe(`meshwright/${NETWORK.slice(0, 16)}/verilog.0`, (message) => {
    const { kind, body } = unframe(message)
    if (kind !== 'votes') return
    const { round, votes } = decodeCarried(body, 'votes')
    if (votes.some(({ voter, step, value }) => voter === villagers[4]!.id && step === 'precommit' && value !== null)) seen.add(round)
  })
  await village.start()
  t.true(await village.untilRound(1))
  await leave(village, 4)
  const farewell = await villagers[4]!.store.readState('signed', { version: 1 }) as { readonly left: number }
  await village.revive(4)
  const isOn = (): boolean => rosterOf(village, 0).includes(villagers[4]!.id)
  t.true(await clock.runUntil(() => !isOn(), 300_000))
  t.true(await clock.runUntil(isOn, 300_000))
  const { round } = villagers[0]!.peer.status()
  t.true(await village.untilRound(round + 2))
  t.true(farewell.left >= 2)
  // The record that lets it in is of a later round than the one that took it off.
  for (const one of seen) t.true(one < farewell.left || one > farewell.left + 1, `round ${one}, left in ${farewell.left}`)
  t.true(Math.max(...seen) > farewell.left + 1)
  await village.stop()
})

test('where so many leave at once that no quorum is left, the others agree in full without waiting', async (t) => {
  const village = await createVillage({ domains: Array<string>(8).fill('verilog'), policy: { strict: false, deadlines: { train: 20_000, close: 2000, reveal: 4000, audit: 4000, propose: 1500, prevote: 500, precommit: 500, termGrowth: 500, grace: 3_000_000 } } })
  await village.start()
  t.true(await village.untilRound(1))
  for (const index of [5, 6, 7]) await leave(village, index)
  const here = [0, 1, 2, 3, 4]
  const { round } = village.villagers[0]!.peer.status()
  t.true(await village.untilRound(round + 1, here))
  const record = village.villagers[0]!.of('record:committed').find((one) => one.round === round)!
  t.false(record.provisional)
  t.is(record.voters, 5)
  await village.stop()
})
