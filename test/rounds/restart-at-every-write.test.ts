import test from 'ava'

import type { RoundPolicy } from '../../src/rounds/index.js'
import type { Change, Death } from '../store/dying-disk.js'

import { ABSENCES, createMortalVillage, deathsAround, deathsIn, SAMPLE } from './mortal-village.js'

/** Rounds in which the peer may die. */
const ROUNDS = 3

interface Setting {
  readonly domains: readonly string[]
  readonly policy?: Partial<RoundPolicy>
}

interface Life {
  readonly changes: readonly Change[]
  /** How many changes there had been when the cluster split. */
  readonly splits: readonly number[]
  readonly problems: readonly string[]
}

/** The first villager dies where it is told to, and is started again. */
async function live({ domains, policy }: Setting, death: Death | undefined, absence: number): Promise<Life> {
  const mortal = await createMortalVillage({ domains, policy: { upperEvery: 1, ...policy } })
  const { village, victim, problems } = mortal
  await mortal.begin(death)
  await village.clock.runUntil(() => mortal.isDead || victim.happened.length > 0, 60_000)
  const splits = mortal.isDead ? [] : mortal.mark('cluster:split')
  const isOver = (): boolean => village.villagers.every(({ index, peer }) => (index === 0 ? victim.of('record:committed').some(({ round }) => round >= ROUNDS) : peer.status().round > ROUNDS))
  await village.clock.runUntil(() => mortal.isDead || isOver(), 200_000)
  const changes = [...mortal.changes]
  await mortal.bringBack(absence)
  const goal = Math.max(...village.villagers.map(({ peer }) => peer.status().round)) + 1
  if (!await village.untilRound(goal, undefined, 120_000)) problems.push(`rounds ${village.villagers.map(({ peer }) => peer.status().round).join()} with phases ${village.villagers.map(({ peer }) => peer.status().phase).join()}: not all have come to round ${goal}`)
  const broken = mortal.broken()
  await village.stop()
  return { changes, splits, problems: broken }
}

for (const [name, setting] of [
  ['one of four', { domains: ['verilog', 'verilog', 'verilog', 'verilog'] }],
  ['one of two clusters of three', { domains: ['verilog', 'verilog', 'verilog', 'qasm', 'qasm', 'qasm'] }],
  ['one of seven whose cluster splits', { domains: Array<string>(7).fill('verilog'), policy: { clusterMinimum: 2, clusterMaximum: 6 } }],
  ['one of eight whose cluster splits', { domains: Array<string>(8).fill('verilog'), policy: { clusterMinimum: 2, clusterMaximum: 7 } }],
] as readonly (readonly [string, Setting])[]) {
  test(`${name} dies at any write, starts again from its disk, contradicts nothing and goes on`, async (t) => {
    t.timeout(3_600_000)
    const undisturbed = await live(setting, undefined, 0)
    t.deepEqual(undisturbed.problems, [])
    const deaths = deathsAround(deathsIn(undisturbed.changes), undisturbed.splits, setting.policy === undefined ? SAMPLE : SAMPLE / 4)
    t.log(`${deaths.length} of ${deathsIn(undisturbed.changes).length} deaths`)
    for (const [at, death] of deaths.entries()) {
      const { problems } = await live(setting, death, ABSENCES[at % ABSENCES.length]!)
      t.deepEqual(problems, [], `death ${death.half ? 'in the middle of' : 'before'} change ${death.change}, a ${undisturbed.changes[death.change]!}`)
    }
  })
}
