import type { Link } from '../village/news.js'
import { told } from '../village/village.js'
import type { Villager } from '../village/village.js'

import { lossesOf } from './evidence.js'
import type { Losses } from './evidence.js'
import type { StrickenVillage } from './stricken-village.js'

/** From the last schedule on, this is still to be checked. */
export interface Checked {
  /** The last record of each cluster that all its members held, and that of the root. */
  readonly clusters: readonly (Link | undefined)[]
  readonly root: Link | undefined
}
export const NOTHING_CHECKED: Checked = { clusters: [], root: undefined }

/** New records that all tell of. */
export interface Healed { readonly clusters: readonly Link[], readonly root: Link }

/** Waits until all have told of the same new records, of rounds from a goal up. */
export async function healing(stricken: StrickenVillage, since: number, goals: readonly number[], seconds: number): Promise<Healed> {
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

export interface Checks { readonly losses: readonly Losses[], readonly checked: Checked }

/** Asks all peers for their chains, and holds what was told against each. */
export async function check(stricken: StrickenVillage, healed: Healed, before: Checked): Promise<Checks> {
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
export function fullTold(members: readonly Villager[], upTo = Infinity): Link[] {
  return members.flatMap((villager) => {
    const healed = new Set(told(villager, 'healed').map(({ record }) => record))
    return told(villager, 'committed').filter(({ round, record, full }) => round <= upTo && (full || healed.has(record)))
      .map(({ round, record, counted }): Link => ({ round, record, counted }))
  })
}

function oldest(links: readonly Link[]): number {
  return links.reduce((least, { round }) => Math.min(least, round), Infinity) === Infinity ? 0 : Math.min(...links.map(({ round }) => round))
}

function present<T>(value: T | undefined): T[] {
  return value === undefined ? [] : [value]
}
