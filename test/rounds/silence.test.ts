import test from 'ava'

import { founder, rank } from '../../src/hierarchy/index.js'
import { deafTo } from './adversaries/disguises.js'
import { createVillage, villagerIdentity } from './village.js'
import type { Village } from './village.js'

const rosterOf = (village: Village, index: number): readonly string[] => village.villagers[index]!.of('record:committed').at(-1)!.members
const idsOf = ({ villagers }: Village, indices: readonly number[]): string[] => indices.map((index) => villagers[index]!.id).sort()
const sixMinutes = 360_000

test('of whom nobody hears is taken off before the quorum is in danger: of eight, three go on in full when five have gone one after the other', async (t) => {
  const village = await createVillage({ domains: Array<string>(8).fill('verilog') })
  await village.start()
  t.true(await village.untilRound(1))
  for (const [dying, left] of [[[6, 7], 6], [[5], 5], [[4], 4], [[3], 3]] as const) {
    for (const index of dying) await village.kill(index)
    const here = Array.from({ length: left }, (_, index) => index)
    t.true(await village.clock.runUntil(() => here.every((index) => rosterOf(village, index).length === left), sixMinutes), `${left} are left`)
    t.deepEqual(rosterOf(village, 0), idsOf(village, here))
  }
  const { round } = village.villagers[0]!.peer.status()
  t.true(await village.untilRound(round + 1, [0, 1, 2]))
  for (const index of [0, 1, 2]) {
    t.deepEqual(village.villagers[index]!.of('provisional:started'), [])
    t.true(village.villagers[index]!.of('record:committed').every(({ provisional }) => !provisional))
  }
  await village.stop()
})

test('one silent member of eight can be spared, and stays on the roster', async (t) => {
  const village = await createVillage({ domains: Array<string>(8).fill('verilog') })
  await village.start()
  t.true(await village.untilRound(1))
  await village.kill(7)
  const others = [0, 1, 2, 3, 4, 5, 6]
  t.true(await village.untilRound(5, others))
  t.true(rosterOf(village, 0).includes(village.villagers[7]!.id))
  await village.stop()
})

test('who was silent comes back at once and with its standing, though it is no founder and strangers have to wait', async (t) => {
  const village = await createVillage({ domains: Array<string>(6).fill('verilog'), later: ['verilog'], policy: { membership: 'credential', admissionDelayMs: 60_000 } })
  const { villagers, clock } = village
  const stranger = villagers[6]!.id
  await village.start()
  const standing = (): { readonly reputation: number, readonly presence: number } | undefined => villagers[0]!.peer.status().members.find(({ peer }) => peer === stranger)
  t.true(await clock.runUntil(() => standing() !== undefined, sixMinutes))
  // It earns some more than it was given.
  t.true(await clock.runUntil(() => standing()!.reputation > 0.6, sixMinutes))
  const before = standing()!
  await village.kill(5)
  await village.kill(6)
  t.true(await clock.runUntil(() => !rosterOf(village, 0).includes(stranger), sixMinutes))
  const gone = clock.now()
  await village.revive(6)
  t.true(await clock.runUntil(() => rosterOf(village, 0).includes(stranger), sixMinutes))
  t.true(clock.now() - gone < 60_000, `after ${clock.now() - gone} ms`)
  t.true(standing()!.reputation >= before.reputation)
  t.true(await village.untilRound(villagers[0]!.peer.status().round, [0, 1, 2, 3, 4, 6]))
  await village.stop()
})

test('one that does not hear another cannot take it off: those who hear it refuse such a record', async (t) => {
  // For four, one silent member is one too many to be spared.
  const founders = await Promise.all([0, 1, 2, 3].map((index) => villagerIdentity(index)))
  const [deaf, unheard] = rank(founders.map(({ peerId }) => founder(peerId, 'verilog')), 'verilog.0')
  const village = await createVillage({
    domains: Array<string>(4).fill('verilog'),
    between: (index, inner) => (founders[index]!.peerId === deaf ? deafTo(inner, 'heartbeat', (from) => from !== unheard) : inner),
  })
  await village.start()
  t.true(await village.untilRound(8))
  for (const villager of village.villagers) {
    t.true(villager.of('record:committed').every(({ members }) => members.length === 4))
    // It had the first turn to propose, and nobody agreed.
    if (villager.id !== deaf) t.true(villager.of('peer:missed').some(({ peer }) => peer === deaf))
  }
  await village.stop()
})
