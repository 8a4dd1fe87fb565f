import { setTimeout as sleep } from 'node:timers/promises'

import type { Link } from '../village/news.js'
import { roundOf, told } from '../village/village.js'
import type { Villager } from '../village/village.js'

import { connectedOf } from './connected.js'
import { lossesOf } from './evidence.js'
import type { Losses } from './evidence.js'
import type { Fault, Schedule } from './schedule.js'
import type { StrickenVillage } from './stricken-village.js'
import { WedgeWatch } from './wedge-watch.js'

const LOOK_MS = 500

/** From the last schedule on, this is still to be checked. */
export interface Checked {
  /** The last record of each cluster that all its members held, and that of the root. */
  readonly clusters: readonly (Link | undefined)[]
  readonly root: Link | undefined
}
export const NOTHING_CHECKED: Checked = { clusters: [undefined, undefined], root: undefined }

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
  const lost = checks?.losses.reduce((sum, { records, deltas }) => sum + records.length + deltas.length, 0) ?? 0
  const countedTwice = checks?.losses.reduce((sum, { twice }) => sum + twice.length, 0) ?? 0
  const unhandled = village.villagers.flatMap((villager) => told(villager, 'unhandled', begun))
  const accidents = stricken.accidents.slice(accidentsBefore)
  // What does not come together again stands still, whoever may have got another record.
  const wedged = Math.max(watches.wedged(), checks === undefined ? 1 : 0)
  for (const one of checks?.losses ?? []) for (const { round, record } of one.records) what.push(`the full record ${record} of round ${round} is lost`)
  for (const one of checks?.losses ?? []) for (const content of one.deltas) what.push(`the delta ${content}, counted in a full record, is lost`)
  for (const one of checks?.losses ?? []) for (const content of one.twice) what.push(`the delta ${content} counts twice`)
  if (wedged > 0) what.push(...watches.told(), ...stricken.village.villagers.map((villager, index) => `peer ${index} ${villager.peer.slice(-6)}: last record of round ${roundOf(villager)}`))
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
    lost, countedTwice, wedged,
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

interface Healed { readonly clusters: readonly Link[], readonly root: Link }

/** Waits until all have told of the same new records, of rounds from a goal up. */
async function healing(stricken: StrickenVillage, since: number, goals: readonly number[], seconds: number): Promise<Healed> {
  const { village, clusters } = stricken
  return village.until('all on one chain again', () => {
    const own = clusters.map((_, cluster) => common(stricken.members(cluster).map((villager) => told(villager, 'committed', since).filter(({ round }) => round >= goals[cluster]!))))
    const root = common(village.villagers.map((villager) => told(villager, 'root', since)))
    return root === undefined || own.some((link) => link === undefined) ? undefined : { clusters: own as Link[], root }
  }, seconds)
}

/** The newest record that all lists name. */
function common(lists: readonly (readonly { readonly round: number, readonly record: string, readonly counted?: readonly string[] }[])[]): Link | undefined {
  const [first, ...others] = lists.map((list) => new Map(list.map((one) => [one.record, { counted: [], ...one }])))
  const links = [...first!.values()].filter(({ record }) => others.every((list) => list.has(record)))
  const newest = links.sort((one, other) => other.round - one.round)[0]
  return newest === undefined ? undefined : { round: newest.round, record: newest.record, counted: newest.counted }
}

interface Checks { readonly losses: readonly Losses[], readonly checked: Checked }

async function check(stricken: StrickenVillage, healed: Healed, before: Checked): Promise<Checks> {
  const { village, clusters } = stricken
  const asked = Date.now()
  const full = clusters.map((_, cluster) => [...fullTold(stricken.members(cluster), healed.clusters[cluster]!.round), ...present(before.clusters[cluster])])
  const roots = [...village.villagers.flatMap((villager) => told(villager, 'root')).filter(({ round }) => round <= healed.root.round).map((root): Link => ({ ...root, counted: [] })), ...present(before.root)]
  for (const [index, villager] of village.villagers.entries()) {
    const cluster = clusters.findIndex((members) => members.includes(index))
    village.tell(villager, { chainSince: oldest(full[cluster]!), rootSince: oldest(roots) })
  }
  const chains = await village.until('the chains of all peers', () => {
    const all = village.villagers.map((villager) => told(villager, 'chains', asked)[0])
    return all.every((one) => one !== undefined) ? all : undefined
  }, 60)
  const losses = village.villagers.flatMap((_, index): Losses[] => {
    const { own, root } = chains[index]!
    const cluster = clusters.findIndex((members) => members.includes(index))
    // What all hold: nobody's chain may lack any of it.
    return [lossesOf([...full[cluster]!, healed.clusters[cluster]!], own), lossesOf([...roots, healed.root], root)]
  })
  return { losses: distinct(losses), checked: { clusters: healed.clusters, root: healed.root } }
}

/** Each loss once, however many peers show it. */
function distinct(losses: readonly Losses[]): Losses[] {
  const records = new Map(losses.flatMap((one) => one.records).map((link) => [link.record, link]))
  return [{ records: [...records.values()], deltas: [...new Set(losses.flatMap(({ deltas }) => deltas))], twice: [...new Set(losses.flatMap(({ twice }) => twice))] }]
}

/** What peers have said is full, at once or later on. */
function fullTold(members: readonly Villager[], upTo: number): Link[] {
  return members.flatMap((villager) => {
    const healed = new Set(told(villager, 'healed').map(({ record }) => record))
    return told(villager, 'committed').filter(({ round, record, full }) => round <= upTo && (full || healed.has(record)))
      .map(({ round, record, counted }): Link => ({ round, record, counted }))
  })
}

function recordsTold(villagers: readonly Villager[], since: number): Map<string, boolean> {
  const records = new Map<string, boolean>()
  for (const villager of villagers) {
    for (const { record, full } of told(villager, 'committed', since)) records.set(record, full || records.get(record) === true)
    for (const { record } of told(villager, 'healed', since)) records.set(record, true)
  }
  return records
}

function oldest(links: readonly Link[]): number {
  return links.reduce((least, { round }) => Math.min(least, round), Infinity) === Infinity ? 0 : Math.min(...links.map(({ round }) => round))
}

function present<T>(value: T | undefined): T[] {
  return value === undefined ? [] : [value]
}

function lastRound(villagers: readonly Villager[]): number {
  return Math.max(...villagers.map(roundOf))
}

function lastRootRound(villagers: readonly Villager[]): number {
  return Math.max(0, ...villagers.map((villager) => told(villager, 'root').at(-1)?.round ?? 0))
}

interface Watches {
  look(): void
  wedged(): number
  longestWaitMs(): number
  told(): string[]
}

/** One watch for each cluster, and one for the root, whose seats are connected where a quorum of each is. */
function watchFor(stricken: StrickenVillage, patienceMs: number): Watches {
  const { clusters, quorum, village } = stricken
  const own = clusters.map(() => new WedgeWatch(quorum, patienceMs))
  const root = new WedgeWatch(clusters.length, patienceMs)
  const all = clusters.flat()
  const lastOf = (villagers: readonly Villager[], kind: 'committed' | 'root'): number => Math.max(0, ...villagers.map((villager) => told(villager, kind).at(-1)?.at ?? 0))
  return {
    look() {
      const now = Date.now()
      const here = (index: number): boolean => village.villagers[index]!.process !== undefined
      for (const [cluster, members] of clusters.entries()) own[cluster]!.look(now, connectedOf(members, stricken.faults).filter(here), lastOf(stricken.members(cluster), 'committed'))
      const together = connectedOf(all, stricken.faults).filter(here)
      const seats = clusters.flatMap((members, cluster) => (together.filter((index) => members.includes(index)).length >= quorum ? [cluster] : []))
      root.look(now, seats, lastOf(village.villagers, 'root'))
    },
    wedged: () => [...own, root].reduce((sum, watch) => sum + watch.wedged, 0),
    longestWaitMs: () => Math.max(...[...own, root].map((watch) => watch.longestWaitMs)),
    told: () => [...own, root].map((watch, index) => `${index < own.length ? `cluster ${index}` : 'the root'} waited ${(watch.longestWaitMs / 1000).toFixed(1)} s with a connected quorum, wedged ${watch.wedged} times`),
  }
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
