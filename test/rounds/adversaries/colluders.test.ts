import test from 'ava'

import type { Auditor } from '../../../src/rounds/index.js'
import type { Village } from '../village.js'

import { scoringAll } from './disguises.js'
import { trainingAway } from './learners.js'
import { runVillage, SEEDS } from './setting.js'

const sum = (scores: Int32Array): number => scores.reduce((total, score) => total + score, 0)

/** Gives full marks to what makes the shared adapter worse, as its friends' deltas do, and none to what makes it better. */
function colluding(honest: Auditor, index: number, village: () => Village): Auditor {
  return {
    async score(adapter, ...asked) {
      const before = await honest.score(village().villagers[index]!.peer.adapter(), ...asked)
      const after = await honest.score(adapter, ...asked)
      const isFriend = sum(after.scores) < sum(before.scores)
      return { scores: after.scores.map(() => (isFriend ? 65_536 : 0)) }
    },
  }
}

/** A third of a cluster less one, the most that agreement bears, trains away from the others and audits for it. */
const CLUSTERS = [{ peers: 8, hostile: [6, 7] }, { peers: 10, hostile: [7, 8, 9] }] as const

for (const { peers, hostile } of CLUSTERS) {
  const of = `${hostile.length} colluders of ${peers}`
  // With two auditors nobody can tell who lies: the others still go most of the way from where they start, which is 1 away.
  for (const [auditorsPerDelta, isHeldBack] of [[2, (distance: number) => distance < 0.5], [3, (distance: number, without: number) => distance < 1.4 * without]] as const) {
    test.serial(`${of} who score each other high and all others low hold learning back and do not stop it, with ${auditorsPerDelta} auditors a delta`, async (t) => {
      for (const seed of SEEDS) {
        const without = await runVillage({ seed, peers, absent: hostile })
        const told = await runVillage({ seed, peers, hostile, learner: trainingAway, auditor: colluding, policy: { audit: { probesPerRound: 16, auditorsPerDelta, everyRounds: 1 } } })
        t.true(told.done)
        const refused = (told.honestOutcomes['refused SCORE'] ?? 0) / ((peers - hostile.length) * 12)
        t.log(`seed ${seed}: weight ${told.weight.toFixed(3)}, ${(refused * 100).toFixed(0)} % of honest deltas refused, distance ${told.distance.toFixed(3)}, without them ${without.distance.toFixed(3)}, reputations ${told.hostileReputations.map((one) => one.toFixed(2)).join(' ')} against ${told.honestReputations.map((one) => one.toFixed(2)).join(' ')}`)
        t.true(isHeldBack(told.distance, without.distance))
        // They get no more weight than their number, whatever they say.
        t.true(told.weight < hostile.length / peers * 1.25)
        if (auditorsPerDelta === 3) t.true(Math.max(...told.hostileReputations) < 0.2)
      }
    })
  }

  test.serial(`${of} who score every delta, whoever was drawn for it, are not heard`, async (t) => {
    for (const seed of SEEDS) {
      const without = await runVillage({ seed, peers, absent: hostile })
      const told = await runVillage({
        seed, peers, hostile, learner: trainingAway,
        between: (inner, index, village) => {
          const friends = hostile.map((one) => village().villagers[one]!.id)
          return scoringAll(inner, village().villagers[index]!.identity, (peer) => (friends.includes(peer) ? 65_536 : 0))
        },
      })
      t.true(told.done)
      t.deepEqual(Object.keys(told.honestOutcomes), ['counted'])
      t.log(`seed ${seed}: weight ${told.weight.toFixed(3)}, distance ${told.distance.toFixed(3)}, without them ${without.distance.toFixed(3)}`)
      t.true(told.weight < 0.05)
      t.true(told.distance < without.distance * 1.1)
    }
  })
}
