import type { PeerId } from '../network/index.js'

import { HierarchyError } from './errors.js'
import { lot } from './lot.js'

/** A peer and the kind of hardware that it trains on: clusters are formed within a domain. */
export interface RosterEntry {
  readonly peer: PeerId
  readonly domain: string
}

export interface Cluster {
  /** For example `verilog.0`; unique in the network. */
  readonly id: string
  readonly level: number
  readonly domain: string
  /** In a fixed order: sorted. */
  readonly members: readonly PeerId[]
}

/** The one cluster at the top, whose members are the seats of the clusters below. */
export const ROOT = 'root'

/**
 * The clusters of a network's founders: by domain, then by lot salted with the network's id, so that nobody chooses where it lands.
 *
 * @param clusterSize - the size aimed at; a domain with up to twice as many peers stays one cluster
 * @throws HierarchyError ROSTER_EMPTY, ROSTER_DUPLICATE, CLUSTER_SIZE
 * @see Thaler and Ravishankar 1998, "Using name-based mappings to increase hit rates" (rendezvous hashing); here with a capacity, so that clusters are even
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
    return place(peers, clusterIds(domain, count), network).map(([id, members]) => ({ id, level: 0, domain, members: members.sort() }))
  })
}

/** The cluster of its domain in which a later joiner belongs. `salt` is a record's hash that nobody knew when the peer made its key. */
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

/** The cluster of seats above, or nothing where one cluster is the whole network. */
export function rootCluster(clusters: readonly Cluster[]): Cluster | undefined {
  if (clusters.length < 2) return undefined
  return { id: ROOT, level: 1, domain: '', members: clusters.map(({ id }) => id).sort() }
}

function clusterIds(domain: string, count: number): string[] {
  return Array.from({ length: count }, (_, index) => `${domain}.${index}`)
}

function place(peers: readonly PeerId[], ids: readonly string[], salt: string): [string, PeerId[]][] {
  const even = Math.floor(peers.length / ids.length)
  let larger = peers.length % ids.length
  const places = new Map<string, PeerId[]>(ids.map((id) => [id, []]))
  for (const peer of byLot(peers, (one) => lot('place', salt, one))) {
    const open = ids.filter((id) => places.get(id)!.length < even || (places.get(id)!.length === even && larger > 0))
    const members = places.get(lowestLot(open, (id) => lot('place', salt, id, peer))!)!
    if (members.length === even) larger--
    members.push(peer)
  }
  return [...places]
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
