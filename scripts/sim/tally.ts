import { ROOT } from '../../src/hierarchy/index.js'
import type { PeerId } from '../../src/network/index.js'
import type { Contribution, RoundEvents } from '../../src/rounds/index.js'

import type { Behaviour } from './adversaries.js'
import { Digest } from './digest.js'
import type { Inhabitant, Watcher } from './world.js'

/** Records of one round, over all clusters. */
export interface RecordCounts {
  readonly full: number
  readonly provisional: number
  readonly none: number
}

/** What became of the deltas of each kind of peer, by outcome and reason. */
export type Outcomes = Partial<Record<Behaviour | 'honest', Record<string, number>>>

interface ClusterTally {
  /** Whether the best record of each round is full. */
  readonly rounds: Map<number, boolean>
  highest: number
}

interface Place {
  cluster: string
  /** The round of the last record that it has. */
  round: number
}

/** Keeps count of what the peers of a world report. */
export class Tally implements Watcher {
  readonly digest = new Digest()
  readonly outcomes: Outcomes = {}
  readonly refusals = new Map<string, number>()
  readonly troubles = new Map<string, number>()
  /** Peers whose two votes in one step somebody has proved. */
  readonly cheats = new Set<PeerId>()
  private readonly clusters = new Map<string, ClusterTally>()
  private readonly reached = new Map<number, number>()
  private readonly places = new Map<PeerId, Place>()
  private readonly behaviours = new Map<PeerId, Inhabitant['behaviour']>()
  private readonly counted = new Set<string>()
  /** When each root record was first agreed on, virtual milliseconds, by its round. */
  private readonly roots = new Map<number, number>()

  constructor(private readonly now: () => number) {}

  happened<Name extends keyof RoundEvents>(inhabitant: Inhabitant, name: Name, event: RoundEvents[Name]): void
  happened(inhabitant: Inhabitant, name: keyof RoundEvents, event: RoundEvents[keyof RoundEvents]): void {
    this.digest.add(this.now(), inhabitant.index, name, event)
    const handler = this.handlers[name] as ((inhabitant: Inhabitant, event: RoundEvents[keyof RoundEvents]) => void) | undefined
    handler?.(inhabitant, event)
  }

  /** Clusters that have a record of this round or a later one. */
  clustersAt(round: number): number {
    return this.reached.get(round) ?? 0
  }

  get clusterCount(): number { return this.clusters.size }

  recordsOf(round: number): RecordCounts {
    let full = 0
    let provisional = 0
    for (const { rounds } of this.clusters.values()) {
      const isFull = rounds.get(round)
      if (isFull === true) full++
      else if (isFull === false) provisional++
    }
    return { full, provisional, none: this.clusters.size - full - provisional }
  }

  /** Root records that were agreed on after one instant and up to another. */
  rootsBetween(after: number, upTo: number): number {
    return [...this.roots.values()].filter((at) => at > after && at <= upTo).length
  }

  /** Peers of these whose last record is more than one behind the newest of their cluster. */
  behind(peers: readonly Inhabitant[]): number {
    return peers.filter(({ id }) => {
      const place = this.places.get(id)
      return place === undefined || place.round + 1 < (this.clusters.get(place.cluster)?.highest ?? 0)
    }).length
  }

  /** Forgets a peer that has left. */
  forget(peer: PeerId): void {
    this.places.delete(peer)
  }

  private readonly handlers: { readonly [Name in keyof RoundEvents]?: (inhabitant: Inhabitant, event: RoundEvents[Name]) => void } = {
    'cluster:formed': ({ id, behaviour }, { cluster }) => {
      this.behaviours.set(id, behaviour)
      this.places.set(id, { cluster, round: 0 })
      if (!this.clusters.has(cluster)) this.clusters.set(cluster, { rounds: new Map(), highest: 0 })
    },
    'record:committed': ({ id }, event) => {
      this.stand(id, event.cluster, event.round)
      this.record(event)
    },
    'chain:switched': ({ id }, { round }) => {
      const place = this.places.get(id)
      if (place !== undefined) place.round = round
    },
    'upper:committed': (_, { cluster, round }) => {
      if (cluster === ROOT && !this.roots.has(round)) this.roots.set(round, this.now())
    },
    'peer:cheated': (_, { peer }) => { this.cheats.add(peer) },
    'message:refused': (_, { kind }) => { this.refusals.set(kind, (this.refusals.get(kind) ?? 0) + 1) },
    'peer:troubled': (_, { what }) => { this.troubles.set(what, (this.troubles.get(what) ?? 0) + 1) },
  }

  private stand(peer: PeerId, cluster: string, round: number): void {
    const place = this.places.get(peer)
    if (place === undefined) return
    place.cluster = cluster
    place.round = round
  }

  private record({ cluster, round, record, provisional, contributions }: RoundEvents['record:committed']): void {
    const tally = this.clusters.get(cluster)
    if (tally === undefined) return
    tally.rounds.set(round, tally.rounds.get(round) === true || !provisional)
    for (; tally.highest < round; tally.highest++) this.reached.set(tally.highest + 1, this.clustersAt(tally.highest + 1) + 1)
    if (this.counted.has(record)) return
    this.counted.add(record)
    for (const contribution of contributions) this.count(contribution)
  }

  private count({ peer, outcome, reason }: Contribution): void {
    const outcomes = this.outcomes[this.behaviours.get(peer) ?? 'honest'] ??= {}
    const what = reason === '' ? outcome : `${outcome} ${reason}`
    outcomes[what] = (outcomes[what] ?? 0) + 1
  }
}
