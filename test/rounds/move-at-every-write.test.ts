import test from 'ava'

import { foundingClusters } from '../../src/hierarchy/index.js'
import type { Change, Death } from '../store/dying-disk.js'

import { ABSENCES, createMortalVillage, deathsAround, deathsIn, SAMPLE } from './mortal-village.js'
import type { MortalVillage } from './mortal-village.js'
import { NETWORK } from './village.js'

interface Setting {
  readonly peers: number
  readonly clusterSize: number
}

/** Four clusters of two: one of them may fall silent, and the three that are left go on as the root. */
const PAIRS: Setting = { peers: 8, clusterSize: 2 }
/** Two clusters, one of them with a member more. */
const TWO: Setting = { peers: 7, clusterSize: 3 }

interface Life {
  readonly changes: readonly Change[]
  /** How many there had been when it was about to go. */
  readonly from: number
  /** The same when it had gone. */
  readonly moves: readonly number[]
  readonly problems: readonly string[]
}

/** A member goes elsewhere, in its own way, and may die meanwhile. */
interface Departure {
  readonly setting: Setting
  /** Until the victim is about to go. */
  readonly prepare: (mortal: MortalVillage) => Promise<void>
  /** What makes it go, where it does not by itself. */
  readonly go?: (mortal: MortalVillage) => Promise<void>
  /** Whether a cluster is where it should come to. */
  readonly isThere: (cluster: string, home: string) => boolean
}

/** The other members of the victim's cluster. */
function companionsOf({ village: { villagers }, victim }: MortalVillage, { clusterSize }: Setting): number[] {
  const roster = villagers.map(({ id }) => ({ peer: id, domain: 'verilog' }))
  const { members } = foundingClusters(roster, clusterSize, NETWORK).find((one) => one.members.includes(victim.id))!
  return villagers.filter(({ id }) => members.includes(id) && id !== victim.id).map(({ index }) => index)
}

/** Whether the victim is a member where it should be, and what it has trained there has counted in a record after so many. */
function hasArrived({ victim }: MortalVillage, { isThere }: Departure, records: number): boolean {
  const { cluster, phase, members } = victim.peer.status()
  if (!isThere(cluster, victim.of('cluster:formed')[0]!.cluster) || phase === 'joining' || !members.some(({ peer }) => peer === victim.id)) return false
  return victim.of('record:committed').slice(records).some((event) => event.cluster === cluster && event.contributions.some(({ peer, outcome }) => peer === victim.id && (outcome === 'counted' || outcome === 'late')))
}

async function untilRound({ village, victim }: MortalVillage, round: number): Promise<void> {
  await village.clock.runUntil(() => village.villagers.every(({ index, peer }) => (index === 0 ? victim.of('record:committed').length > round : peer.status().round > round)), 200_000)
}

async function live(departure: Departure, death: Death | undefined, absence: number): Promise<Life> {
  const { peers, clusterSize } = departure.setting
  const mortal = await createMortalVillage({ domains: Array<string>(peers).fill('verilog'), policy: { clusterSize, clusterMinimum: clusterSize, upperEvery: 1, admissionDelayMs: 0 } })
  const { village, victim, problems } = mortal
  await mortal.begin(death)
  await departure.prepare(mortal)
  const from = mortal.changes.length
  const moves = mortal.isDead ? [] : mortal.mark('cluster:moved')
  await departure.go?.(mortal)
  await village.clock.runUntil(() => mortal.isDead || hasArrived(mortal, departure, 0), 900_000)
  const changes = [...mortal.changes]
  const records = victim.of('record:committed').length
  await mortal.bringBack(absence)
  if (!await village.clock.runUntil(() => hasArrived(mortal, departure, records), 900_000)) problems.push(`is ${victim.peer.status().phase} in ${victim.peer.status().cluster} and nothing of it counts`)
  const { cluster, round } = victim.peer.status()
  const others = village.villagers.filter(({ index, id }) => index !== 0 && village.network.isAlive(id))
  const here = others.filter(({ peer }) => peer.status().cluster === cluster).map(({ index }) => index)
  if (here.length === 0) problems.push(`is alone in ${cluster}`)
  if (!await village.untilRound(round + 1, [0, ...here], 300_000)) problems.push(`${cluster} does not go on`)
  const rosters = new Map(others.map(({ peer }) => [peer.status().cluster, peer.status().members]))
  const places = [...rosters].filter(([, members]) => members.some(({ peer }) => peer === victim.id)).map(([name]) => name)
  if (places.join() !== cluster) problems.push(`is in ${cluster} and on the rosters of ${places.join(' and ')}`)
  const { clusters } = mortal.sayings
  if (new Set(clusters).size < clusters.length) problems.push(`signs in ${clusters.join(', then ')}`)
  const broken = mortal.broken()
  await village.stop()
  return { changes, from, moves, problems: broken }
}

const departures: readonly (readonly [string, Departure])[] = [
  ['whoever is left of a silent cluster', {
    setting: PAIRS,
    async prepare(mortal) {
      const { village, victim } = mortal
      await untilRound(mortal, 1)
      for (const index of companionsOf(mortal, PAIRS)) await village.kill(index)
      // All but the move itself is an ordinary life.
      const { length } = victim.of('upper:committed')
      await village.clock.runUntil(() => mortal.isDead || victim.of('upper:committed').length >= length + 4, 900_000)
    },
    isThere: (cluster, home) => cluster !== home,
  }],
  ['a member of a cluster that is closed since it is too small', {
    setting: TWO,
    async prepare(mortal) {
      const { village: { clock, network, villagers }, victim } = mortal
      await untilRound(mortal, 1)
      for (const index of companionsOf(mortal, TWO).slice(1)) {
        await villagers[index]!.peer.stop({ leave: true })
        network.kill(villagers[index]!.id)
        const { length } = victim.of('record:committed')
        await clock.runUntil(() => victim.of('record:committed').length > length + 1, 200_000)
      }
      await clock.runUntil(() => mortal.isDead || victim.of('record:committed').at(-1)!.training >= 15, 900_000)
    },
    isThere: (cluster, home) => cluster !== home,
  }],
  ['whoever leaves for good and comes back', {
    setting: PAIRS,
    prepare: (mortal) => untilRound(mortal, 1),
    go: (mortal) => mortal.leave(),
    // Where it dies with its promise on disk and unsaid, the two can make no full record, and both go elsewhere.
    isThere: () => true,
  }],
]

for (const [name, departure] of departures) {
  test(`${name} dies at any write on its way, starts again from its disk, is in one cluster, contradicts nothing and goes on`, async (t) => {
    t.timeout(3_600_000)
    const undisturbed = await live(departure, undefined, 0)
    t.deepEqual(undisturbed.problems, [])
    const all = deathsIn(undisturbed.changes).filter(({ change }) => change >= undisturbed.from)
    const deaths = deathsAround(all, undisturbed.moves, SAMPLE / 12)
    t.log(`${deaths.length} of ${all.length} deaths`)
    for (const [at, death] of deaths.entries()) {
      const { problems } = await live(departure, death, ABSENCES[at % ABSENCES.length]!)
      t.deepEqual(problems, [], `death ${death.half ? 'in the middle of' : 'before'} change ${death.change}, a ${undisturbed.changes[death.change]!}`)
    }
  })
}
