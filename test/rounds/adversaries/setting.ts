import type { Transport } from '../../../src/network/index.js'
import type { Auditor, Learner, RoundEvents } from '../../../src/rounds/index.js'
import { createRandom } from '../../../src/telemetry/index.js'
import type { VirtualClock } from '../../../src/telemetry/index.js'
import { CommonOptimum, toyAuditor, toyLearner } from '../../../scripts/sim/toys.js'

import { createVillage, LENGTH } from '../village.js'
import type { Village, VillageOptions } from '../village.js'

/** The seeds for which every bound of these tests must hold. */
export const SEEDS = [1, 2, 3] as const

/** How unlike honest houses are: each one's optimum lies so far from the common one in every coordinate, at most. */
const SCATTER = 0.3

/** What hostile peers put around, or in place of, their honest parts. */
export interface Disguise {
  readonly learner?: (honest: Learner, optimum: CommonOptimum, village: () => Village) => Learner
  readonly auditor?: (honest: Auditor, index: number, village: () => Village) => Auditor
  readonly between?: (inner: Transport, index: number, village: () => Village) => Transport
  /** Put between everybody else and the network: what hostile peers do to some of their receivers. */
  readonly around?: (inner: Transport, index: number, village: () => Village) => Transport
}

export interface Setting extends Disguise {
  readonly seed: number
  /** Founders of one cluster; default 8. */
  readonly peers?: number
  /** Which of them are hostile; default none. */
  readonly hostile?: readonly number[]
  /** Rounds to agree on; default 12. */
  readonly rounds?: number
  /** Those that never start: what a run without the hostile ones is compared with. */
  readonly absent?: readonly number[]
  /** See `toyAuditor`. */
  readonly pool?: number
  readonly policy?: VillageOptions['policy']
  readonly network?: VillageOptions['network']
  readonly later?: VillageOptions['later']
  /** Starts and runs the village otherwise. @returns whether it came to an end */
  readonly run?: (village: Village, honest: readonly number[]) => Promise<boolean>
}

type Committed = RoundEvents['record:committed']

/** What a village came to. */
export interface Told {
  /** Whether all honest peers agreed on all rounds. */
  readonly done: boolean
  /** How far the shared adapter is from the common optimum, as a share of where it began. */
  readonly distance: number
  /** Mean share of the weight of a round that the hostile ones had together. */
  readonly weight: number
  /** How often each outcome, with its reason, befell a delta of a hostile peer, and of an honest one. */
  readonly hostileOutcomes: Readonly<Record<string, number>>
  readonly honestOutcomes: Readonly<Record<string, number>>
  /** 0..1, of those that are on the roster at the end. */
  readonly hostileReputations: readonly number[]
  readonly honestReputations: readonly number[]
  /** The records of an honest peer, by round. */
  readonly records: readonly Committed[]
  /** Rounds that took more than one term. */
  readonly lostTerms: number
  /** How often the head was another than in the round before. */
  readonly headChanges: number
  readonly village: Village
}

/** Lets a cluster with hostile members run in virtual time and tells what came of it. */
export async function runVillage(setting: Setting): Promise<Told> {
  const { seed, peers = 8, hostile = [], absent = [], rounds = 12, pool } = setting
  const optimum = new CommonOptimum(LENGTH, seed)
  const self = (): Village => village

  const honestLearner = (index: number, clock: VirtualClock): Learner => toyLearner({
    optimum: optimum.of(createRandom(1000 * seed + index), SCATTER),
    pause: () => new Promise((resolve) => { clock.after(1200 + 50 * index, resolve) }),
  })
  const honestAuditor = toyAuditor(optimum, { coordinates: 40, ...pool === undefined ? {} : { pool } })
  const isHostile = (index: number): boolean => hostile.includes(index)
  const village = await createVillage({
    domains: Array<string>(peers).fill('verilog'),
    seed,
    ...setting.policy === undefined ? {} : { policy: setting.policy },
    ...setting.network === undefined ? {} : { network: setting.network },
    ...setting.later === undefined ? {} : { later: setting.later },
    learner: (index, clock) => {
      const honest = honestLearner(index, clock)
      return isHostile(index) && setting.learner !== undefined ? setting.learner(honest, optimum, self) : honest
    },
    auditor: (index) => (isHostile(index) && setting.auditor !== undefined ? setting.auditor(honestAuditor, index, self) : honestAuditor),
    between: (index, transport) => (isHostile(index) ? setting.between : setting.around)?.(transport, index, self) ?? transport,
  })
  const { villagers } = village
  const here = villagers.map(({ index }) => index).filter((index) => index < peers && !absent.includes(index))
  const honest = here.filter((index) => !isHostile(index))
  const done = setting.run === undefined ? (await village.start(...here), await village.clock.runUntil(() => honest.every((index) => village.villagers[index]!.peer.status().training > rounds), 600_000)) : await setting.run(village, honest)

  const witness = villagers[honest[0]!]!
  const records = witness.of('record:committed')
  const villains = new Set(hostile.map((index) => villagers[index]!.id))
  const contributions = records.flatMap((record) => record.contributions)
  const counts = (wanted: boolean): Record<string, number> => {
    const found: Record<string, number> = {}
    for (const { peer, outcome, reason } of contributions) {
      const name = reason === '' ? outcome : `${outcome} ${reason}`
      if (villains.has(peer) === wanted) found[name] = (found[name] ?? 0) + 1
    }
    return found
  }
  const { members } = witness.peer.status()
  const reputations = (wanted: boolean): number[] => members.filter(({ peer }) => villains.has(peer) === wanted).map(({ reputation }) => reputation)
  const told: Told = {
    done,
    distance: optimum.distance(witness.peer.adapter()),
    weight: contributions.filter(({ peer }) => villains.has(peer)).reduce((sum, { weight }) => sum + weight, 0) / Math.max(1, records.length),
    hostileOutcomes: counts(true),
    honestOutcomes: counts(false),
    hostileReputations: reputations(true),
    honestReputations: reputations(false),
    records,
    lostTerms: records.filter(({ term }) => term > 0).length,
    headChanges: records.filter(({ head }, at) => at > 0 && head !== records[at - 1]!.head).length,
    village,
  }
  await village.stop()
  return told
}
