import { setTimeout as sleep } from 'node:timers/promises'

import { roundOf, told } from '../village/village.js'
import type { Villager } from '../village/village.js'

import { check, fullTold, healing } from './check.js'
import type { Checked, Checks, Healed } from './check.js'
import { contradictions } from './evidence.js'
import type { Fault, Schedule } from './schedule.js'
import type { StrickenVillage } from './stricken-village.js'
import { isRunning, watchFor } from './watches.js'

const LOOK_MS = 500
export interface Outcome {
  readonly seed: number
  readonly faults: readonly Fault['kind'][]
  /** New records of each cluster, and of the root. */
  readonly rounds: readonly number[]
  readonly rootRounds: number
  /** Of the records told of, by whether a full quorum agreed on them. */
  readonly full: number
  readonly provisional: number
  /** Records and deltas that no chain holds. */
  readonly lost: number
  readonly countedTwice: number
  /** Clusters, the root among them. */
  readonly wedged: number
  /** It did not heal, and some cluster's processes got too little processor time for a quorum: a finding on the machine, not on the peers. */
  readonly starved: boolean
  /** Times that a peer's process stood still, hung or without processor time. */
  readonly stalls: number
  readonly unhandled: number
  readonly endedUnasked: number
  /** The longest time that a connected quorum took for a record. */
  readonly longestWaitSeconds: number
  readonly healingSeconds: number
  readonly seconds: number
}

export interface Finding {
  readonly what: readonly string[]
  readonly standings: readonly string[]
  readonly lines: readonly (readonly string[])[]
}

export interface Ran {
  readonly outcome: Outcome
  readonly finding: Finding | undefined
  /** Undefined where the village did not heal, and must be given up. */
  readonly checked: Checked | undefined
}

export interface RunOptions {
  readonly healingSeconds: number
  readonly patienceMs: number
}

/** Has a village live through a schedule, waits until all are on one chain again, and holds what was told against that chain. */
export async function runSchedule(stricken: StrickenVillage, schedule: Schedule, before: Checked, options: RunOptions): Promise<Ran> {
  const { village, clusters } = stricken
  const begun = Date.now()
  const accidentsBefore = stricken.accidents.length
  const first = clusters.map((_, cluster) => lastRound(stricken.members(cluster)))
  const firstRoot = lastRootRound(village.villagers)
  const watches = watchFor(stricken, options.patienceMs)
  const looking = setInterval(() => watches.look(), LOOK_MS)
  const what: string[] = []
  let healed: Healed | undefined
  let healingSince = Date.now()
  let checks: Checks | undefined
  try {
    await happen(stricken, schedule)
    healingSince = Date.now()
    stricken.startMissing()
    healed = await healing(stricken, healingSince, first.map((round) => round + schedule.rounds), options.healingSeconds)
    checks = await check(stricken, healed, before)
  } catch (error) {
    what.push(error instanceof Error ? error.message : String(error))
  } finally {
    clearInterval(looking)
  }
  const seconds = (Date.now() - begun) / 1000
  const split = [...clusters.map((_, cluster) => fullTold(stricken.members(cluster))), village.villagers.flatMap((villager) => told(villager, 'root')).map((root) => ({ ...root, counted: [] }))].flatMap(contradictions)
  // Where the chains could be read they show whatever is lost; otherwise what was told may contradict itself.
  const losses = checks?.losses ?? []
  const lost = checks === undefined ? split.reduce((sum, { records }) => sum + records.length - 1, 0) : losses.reduce((sum, { records, deltas }) => sum + records.length + deltas.length, 0)
  const countedTwice = losses.reduce((sum, { twice }) => sum + twice.length, 0)
  const unhandled = village.villagers.flatMap((villager) => told(villager, 'unhandled', begun))
  const accidents = stricken.accidents.slice(accidentsBefore)
  // What does not come together again stands still, whoever may have got another record.
  const starved = checks === undefined && clusters.some((_, cluster) => stricken.members(cluster).filter((villager) => isRunning(villager, Date.now())).length < stricken.quorum)
  const wedged = Math.max(watches.wedged(), checks === undefined && !starved ? 1 : 0)
  what.push(...losses.flatMap(({ records, deltas, twice }) => [
    ...records.map(({ round, record }) => `the full record ${record} of round ${round} is lost`),
    ...deltas.map((content) => `the delta ${content}, counted in a full record, is lost`),
    ...twice.map((content) => `the delta ${content} counts twice`),
  ]))
  what.push(...split.map(({ round, records }) => `round ${round} has several full records: ${records.join(', ')}`))
  if (wedged > 0 || starved) what.push(...watches.told(), ...stricken.village.villagers.map((villager, index) => `peer ${index} ${villager.peer.slice(-6)}: last record of round ${roundOf(villager)}`))
  for (const { error } of unhandled) what.push(`unhandled: ${error}`)
  for (const { peer, how } of accidents) what.push(`peer ${peer} has ended with ${how}`)
  const records = recordsTold(village.villagers, begun)
  const outcome: Outcome = {
    seed: schedule.seed,
    faults: schedule.faults.map(({ kind }) => kind),
    rounds: clusters.map((_, cluster) => lastRound(stricken.members(cluster)) - first[cluster]!),
    rootRounds: lastRootRound(village.villagers) - firstRoot,
    full: [...records.values()].filter((isFull) => isFull).length,
    provisional: [...records.values()].filter((isFull) => !isFull).length,
    lost, countedTwice, wedged, starved,
    stalls: village.villagers.reduce((sum, villager) => sum + told(villager, 'stalled', begun).length, 0),
    unhandled: unhandled.length,
    endedUnasked: accidents.length,
    longestWaitSeconds: Math.round(watches.longestWaitMs() / 100) / 10,
    healingSeconds: Math.round((Date.now() - healingSince) / 100) / 10,
    seconds: Math.round(seconds * 10) / 10,
  }
  const finding = what.length === 0 ? undefined : { what, standings: await standings(stricken), lines: [...village.villagers.map(({ lines }) => [...lines]), ...accidents.map(({ lines }) => lines)] }
  // What has been checked is not needed any more.
  if (checks !== undefined) for (const villager of village.villagers) forget(villager, begun)
  return { outcome, finding, checked: checks?.checked }
}

/** Makes the faults happen at their times. Resolves when all are over. */
async function happen(stricken: StrickenVillage, { faults, durationMs }: Schedule): Promise<void> {
  const begun = performance.now()
  const wait = async (at: number): Promise<void> => { await sleep(Math.max(0, begun + at - performance.now())) }
  await Promise.all([wait(durationMs), ...faults.map(async (fault) => {
    await wait(fault.at)
    const end = stricken.begin(fault)
    await wait(fault.until)
    await end()
  })])
}

function recordsTold(villagers: readonly Villager[], since: number): Map<string, boolean> {
  const records = new Map<string, boolean>()
  for (const villager of villagers) {
    for (const { record, full } of told(villager, 'committed', since)) records.set(record, full || records.get(record) === true)
    for (const { record } of told(villager, 'healed', since)) records.set(record, true)
  }
  return records
}

function lastRound(villagers: readonly Villager[]): number {
  return Math.max(...villagers.map(roundOf))
}

function lastRootRound(villagers: readonly Villager[]): number {
  return Math.max(0, ...villagers.map((villager) => told(villager, 'root').at(-1)?.round ?? 0))
}

/** How all peers say that they stand. */
export async function standings({ village }: StrickenVillage): Promise<string[]> {
  const asked = Date.now()
  for (const villager of village.villagers) village.tell(villager, 'report')
  const answers = (): (string | undefined)[] => village.villagers.map((villager) => told(villager, 'standing', asked)[0]?.state)
  await village.until('how all stand', () => answers().every((answer) => answer !== undefined) ? true : undefined, 10).catch(() => undefined)
  return answers().map((answer, index) => `peer ${index} ${village.villagers[index]!.peer.slice(-6)}: ${answer ?? 'no answer'}`)
}

/** News from before a schedule's end have been checked, but for its last records. */
function forget({ news }: Villager, before: number): void {
  const kept = news.filter(({ at, kind }) => at >= before && kind !== 'chains' && kind !== 'term' && kind !== 'locked')
  news.splice(0, news.length, ...kept)
}
