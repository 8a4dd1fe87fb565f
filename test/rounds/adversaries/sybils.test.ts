import test from 'ava'

import { trainingAway } from './learners.js'
import { runVillage } from './setting.js'
import type { Setting } from './setting.js'
import type { Village } from '../village.js'

/** With fourteen peers a run takes longer than others. */
const SEEDS = [1, 2] as const
const FOUNDERS = 6
const SYBILS = Array.from({ length: 8 }, (_, index) => FOUNDERS + index)
const ROUNDS = 15

/** Eight identities of one organisation ask to join a cluster of six at once. */
const crowd = (seed: number, learner: Setting['learner'], largest: (share: number) => void): Setting => ({
  seed, peers: FOUNDERS, hostile: SYBILS, later: SYBILS.map(() => 'verilog'), policy: { admissionDelayMs: 2000 },
  ...learner === undefined ? {} : { learner },
  async run(village: Village, honest) {
    await village.start(...honest)
    await village.untilRound(2, honest)
    await village.start(...SYBILS)
    const sybils = new Set(SYBILS.map((index) => village.villagers[index]!.id))
    for (let round = 3; round <= ROUNDS; round++) {
      if (!await village.untilRound(round, honest)) return false
      const { members } = village.villagers[0]!.peer.status()
      largest(members.filter(({ peer }) => sybils.has(peer)).length / members.length)
    }
    return true
  },
})

test.serial('of eight identities that join at once and train away only two get in at a time, and they do no harm', async (t) => {
  for (const seed of SEEDS) {
    let share = 0
    const honest = await runVillage({ seed, peers: FOUNDERS, rounds: ROUNDS })
    const told = await runVillage(crowd(seed, trainingAway, (now) => { share = Math.max(share, now) }))
    t.true(told.done)
    t.log(`seed ${seed}: at most ${(share * 100).toFixed(0)} % of the members, weight ${told.weight.toFixed(3)}, distance ${told.distance.toFixed(3)}, without them ${honest.distance.toFixed(3)}`)
    t.true(share <= 2 / 8)
    t.true(told.weight < 0.05)
    t.true(told.distance < honest.distance * 1.1)
  }
})

test.serial('a third of a cluster of six costs an organisation rounds of honest work that others audit', async (t) => {
  for (const seed of SEEDS) {
    const shares: number[] = []
    const told = await runVillage(crowd(seed, undefined, (now) => shares.push(now)))
    t.true(told.done)
    const third = shares.findIndex((share) => share > 1 / 3)
    t.log(`seed ${seed}: shares ${shares.map((share) => share.toFixed(2)).join(' ')}`)
    // Eight deltas of each of the first two must have counted before a third one gets in.
    t.true(third >= 8)
  }
})
