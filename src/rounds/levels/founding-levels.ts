import { drawDelegates, pathAbove } from '../../hierarchy/index.js'
import type { Cluster } from '../../hierarchy/index.js'
import type { PeerId } from '../../network/index.js'
import type { Context } from '../context.js'
import type { ClusterHeader, Link, Stored, StoredRecord } from '../records/cluster-record.js'
import { foundingRecord } from '../records/founding.js'
import { twinOf } from '../records/split.js'
import type { RecordState } from '../records/state.js'
import { foundingLink } from '../records/up-and-down.js'

import { topOf } from '../records/first-top.js'
import { foundingLevelRecord } from '../records/level-record.js'
import type { LevelRecord } from '../records/level-record.js'

/** The founding record of a level on a peer's path, and of the clusters of seats that have a seat in it. */
export interface Founding {
  readonly stored: Stored<LevelRecord>
  readonly ofSeat: (seat: string) => Stored<LevelRecord>
  /** The same of the clusters of peers, for a level above these: the record from which such a seat starts. */
  readonly ofCluster: (seat: string) => Stored<ClusterHeader>
}

type FoundingContext = Pick<Context, 'network' | 'clusters' | 'upper' | 'policy'>

/** The founding records above a cluster, the next level first; none where one cluster is the whole network. */
export function foundingsAbove(context: FoundingContext, cluster: string, first: RecordState): Founding[] {
  const records = recordsOf(context, first)
  return pathAbove(cluster, context.upper).map(({ id }) => ({ stored: records.of(id), ofSeat: (seat) => records.of(seat), ofCluster: (seat) => records.ofCluster(seat) }))
}

/** The first level above what was the only cluster, from the record that splits it. */
export function foundingOfTop(split: Stored<ClusterHeader>): Founding {
  const halves = new Map([split, twinOf(split)].map((half) => [half.record.cluster, half]))
  return {
    stored: topOf(split.record),
    ofSeat: (seat) => { throw new RangeError(`${seat} is no cluster of seats`) },
    ofCluster: (seat) => halves.get(seat)!,
  }
}

/** The founding record of a cluster of peers: one for all peers of this process. */
export function foundingOf(context: FoundingContext, cluster: string, first: RecordState): StoredRecord {
  return recordsOf(context, first).ofCluster(cluster)
}

function recordsOf(context: FoundingContext, first: RecordState): FoundingRecords {
  const known = made.get(context.upper)
  if (known?.isFor(context, first) === true) return known
  const records = new FoundingRecords(context, first)
  made.set(context.upper, records)
  return records
}

/** What some clusters' founding has made, for all peers of one process. */
const made = new WeakMap<readonly Cluster[], FoundingRecords>()

/** Made from the top down, since each record names the one above it; who signs for whom is known from the bottom up. */
class FoundingRecords {
  private readonly records = new Map<string, Stored<LevelRecord>>()
  private readonly signers = new Map<string, readonly PeerId[]>()
  private readonly ofPeers = new Map<string, StoredRecord>()
  /** The cluster in which each has a seat. */
  private readonly parents: ReadonlyMap<string, Cluster>
  private readonly clusters: ReadonlyMap<string, Cluster>

  constructor(private readonly context: FoundingContext, private readonly first: RecordState) {
    this.parents = new Map(context.upper.flatMap((cluster) => cluster.members.map((seat) => [seat, cluster] as const)))
    this.clusters = new Map([...context.clusters, ...context.upper].map((cluster) => [cluster.id, cluster]))
  }

  isFor({ network, policy }: FoundingContext, first: RecordState): boolean {
    return network === this.context.network && policy.clusterSize === this.context.policy.clusterSize && policy.foundingRoster === this.context.policy.foundingRoster && first.adapter.id === this.first.adapter.id
  }

  of(id: string): Stored<LevelRecord> {
    const known = this.records.get(id)
    if (known !== undefined) return known
    const cluster = this.clusters.get(id)!
    const stored = foundingLevelRecord({
      network: this.context.network,
      cluster,
      seats: this.seatsOf(cluster),
      clusterSize: this.context.policy.clusterSize,
      isTop: this.above(id) === undefined,
      upper: this.linkAbove(id),
    }, this.first)
    this.records.set(id, stored)
    return stored
  }

  ofCluster(id: string): StoredRecord {
    const known = this.ofPeers.get(id)
    if (known !== undefined) return known
    const stored = foundingRecord(this.context.network, this.clusters.get(id)!, this.context.policy.foundingRoster, this.first, this.linkAbove(id))
    this.ofPeers.set(id, stored)
    return stored
  }

  linkAbove(id: string): Link {
    const above = this.above(id)
    return foundingLink(this.first, above === undefined ? undefined : this.of(above.id).id)
  }

  private above(id: string): Cluster | undefined {
    return this.parents.get(id)
  }

  private seatsOf({ members }: Cluster): { readonly id: string, readonly domain: string, readonly members: readonly PeerId[] }[] {
    return members.map((id) => ({ id, domain: this.clusters.get(id)!.domain, members: this.signersOf(id) }))
  }

  private signersOf(id: string): readonly PeerId[] {
    const known = this.signers.get(id)
    if (known !== undefined) return known
    const cluster = this.clusters.get(id)!
    const signers = cluster.level === 0 ? cluster.members : drawDelegates(this.seatsOf(cluster), [], this.context.network, this.context.policy.clusterSize)
    this.signers.set(id, signers)
    return signers
  }
}
