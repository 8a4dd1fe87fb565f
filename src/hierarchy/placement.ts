import type { PeerId } from '../network/index.js'

import { HierarchyError } from './errors.js'
import { lot } from './lot.js'

/** A peer and the kind of hardware that it trains on: clusters are formed within a domain. */
export interface RosterEntry {
  readonly peer: PeerId
  readonly domain: string
  /** Whose peer it is, where the owners say so. */
  readonly organisation?: string | undefined
}

export interface Cluster {
  /** For example `verilog.0`; unique in the network. */
  readonly id: string
  readonly level: number
  readonly domain: string
  /** Peers; above level 0 the ids of the clusters below, which have seats here. Sorted. */
  readonly members: readonly string[]
}

/** The one cluster at the top. */
export const ROOT = 'root'

/**
 * The clusters of a network's founders: by domain, then by lot salted with the network's id.
 *
 * @param clusterSize - the size aimed at; a domain with up to twice as many peers stays one cluster
 * @throws HierarchyError ROSTER_EMPTY, ROSTER_DUPLICATE, CLUSTER_SIZE
 */
export function foundingClusters(roster: readonly RosterEntry[], clusterSize: number, network: string): readonly Cluster[] {
  const known = founded.get(roster)
  if (known?.clusterSize === clusterSize && known.network === network) return known.clusters
  const clusters = found(roster, clusterSize, network)
  founded.set(roster, { clusterSize, network, clusters })
  return clusters
}

/** What a policy's roster has made, for all who ask with the same one: in a simulation these are thousands. Rosters never change. */
const founded = new WeakMap<readonly RosterEntry[], { readonly clusterSize: number, readonly network: string, readonly clusters: readonly Cluster[] }>()

function found(roster: readonly RosterEntry[], clusterSize: number, network: string): Cluster[] {
  if (roster.length === 0) throw new HierarchyError('ROSTER_EMPTY', 'the founding roster names no peer: policy 1 of a network must name at least one')
  if (!Number.isSafeInteger(clusterSize) || clusterSize < 1) throw new HierarchyError('CLUSTER_SIZE', `a cluster of ${clusterSize} peers cannot be: set clusterSize to a whole number from 1 up`)
  if (new Set(roster.map(({ peer }) => peer)).size < roster.length) {
    throw new HierarchyError('ROSTER_DUPLICATE', `the founding roster of ${roster.length} entries names a peer twice: name each once, with one domain`)
  }
  const domains = [...new Set(roster.map(({ domain }) => domain))].sort()
  return domains.flatMap((domain) => {
    const peers = roster.filter((entry) => entry.domain === domain).map(({ peer }) => peer)
    const count = peers.length <= 2 * clusterSize ? 1 : Math.round(peers.length / clusterSize)
    return deal(peers, clusterIds(domain, count), network).map(([id, members]) => ({ id, level: 0, domain, members: members.sort() }))
  })
}

/**
 * The cluster of its domain in which a later joiner belongs; a cluster that comes or goes moves those alone who belong there.
 *
 * @param salt - a record's hash that nobody knew when the peer made its key
 * @see Thaler and Ravishankar 1998, "Using name-based mappings to increase hit rates" (rendezvous hashing)
 */
export function clusterFor(peer: PeerId, domain: string, clusters: readonly Cluster[], salt: string): Cluster | undefined {
  const places = placed.get(clusters) ?? new Map<string, Cluster | undefined>()
  placed.set(clusters, places)
  const key = `${peer} ${domain} ${salt}`
  if (places.has(key)) return places.get(key)
  const place = lowestLot(clusters.filter((cluster) => cluster.level === 0 && cluster.domain === domain), ({ id }) => lot('place', salt, id, peer))
  places.set(key, place)
  if (places.size > PLACES_KEPT) places.delete(places.keys().next().value!)
  return place
}

/** Places drawn last: whoever asks to join asks all members, and again at every heartbeat. */
const PLACES_KEPT = 16_384
const placed = new WeakMap<readonly Cluster[], Map<string, Cluster | undefined>>()

/** A cluster as the level above lists it. */
export interface Placeable {
  readonly seat: string
  readonly domain: string
}

/**
 * The seat of its domain to which a peer goes whose own cluster is silent.
 *
 * @param seats - the active ones
 * @param salt - the network's id: whoever could choose another one could choose its place
 * @returns undefined where the domain has none
 */
export function seatFor<T extends Placeable>(peer: PeerId, domain: string, seats: readonly T[], salt: string): T | undefined {
  return lowestLot(seats.filter((one) => one.domain === domain), ({ seat }) => lot('place', salt, seat, peer))
}

/** Seats of one cluster above, at the most aimed at; more are grouped. In multiples of the cluster size. */
const SEATS_AT_MOST = 2

/** Fewer groups would leave a level at which a single silent one stops the others. */
const GROUPS_AT_LEAST = 4

/**
 * The clusters of seats above some clusters, the level next to them first and the root last; none where one cluster is the whole network.
 * Seats are grouped as founders are: by lot, evenly.
 */
export function levelsAbove(clusters: readonly Cluster[], clusterSize: number, network: string): readonly Cluster[] {
  const known = raised.get(clusters)
  if (known !== undefined) return known
  const above: Cluster[] = []
  for (let below = clusters; below.length > 1;) {
    const level = below[0]!.level + 1
    const ids = below.map(({ id }) => id)
    const isTop = ids.length <= SEATS_AT_MOST * clusterSize
    const names = isTop ? [ROOT] : Array.from({ length: Math.max(GROUPS_AT_LEAST, Math.round(ids.length / clusterSize)) }, (_, index) => `level${level}-${index}`)
    below = deal(ids, names, network).map(([id, seats]) => ({ id, level, domain: '', members: seats.sort() }))
    above.push(...below)
  }
  raised.set(clusters, above)
  return above
}

const raised = new WeakMap<readonly Cluster[], readonly Cluster[]>()

/** The clusters above one, the next first and the root last. */
export function pathAbove(cluster: string, levels: readonly Cluster[]): Cluster[] {
  const path: Cluster[] = []
  for (let seat = cluster; ;) {
    const next = levels.find(({ members }) => members.includes(seat))
    if (next === undefined) return path
    path.push(next)
    seat = next.id
  }
}

function clusterIds(domain: string, count: number): string[] {
  return Array.from({ length: count }, (_, index) => `${domain}.${index}`)
}

/** Dealt in the order of their lots, so that groups differ by one at most and nobody chooses where it lands. */
function deal(items: readonly string[], ids: readonly string[], salt: string): [string, string[]][] {
  const groups = ids.map((id): [string, string[]] => [id, []])
  byLot(items, (one) => lot('place', salt, one)).forEach((item, at) => { groups[at % groups.length]![1].push(item) })
  return groups
}

function lowestLot<T>(items: readonly T[], draw: (item: T) => string): T | undefined {
  let lowest: { readonly item: T, readonly drawn: string } | undefined
  for (const item of items) {
    const drawn = draw(item)
    if (lowest === undefined || drawn < lowest.drawn) lowest = { item, drawn }
  }
  return lowest?.item
}

function byLot<T>(items: readonly T[], draw: (item: T) => string): T[] {
  return items.map((item) => ({ item, drawn: draw(item) })).sort((a, b) => (a.drawn < b.drawn ? -1 : 1)).map(({ item }) => item)
}
