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

/** The record that ended a training: when there first was one, virtual milliseconds, and whether the best one is full. */
interface Ending {
  readonly at: number
  isFull: boolean
}

interface ClusterTally {
  /** By the number of the training. */
  readonly endings: Map<number, Ending>
  /** When a training ended last. */
  endedAt: number
  /** The round of the newest record, roll calls counted. */
  newest: number
  /** How many of those who are here now are members. */
  members: number
}

interface Place {
  cluster: string
  /** The round of the last record that it has. */
  round: number
  isMember: boolean
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
  private share: { readonly since: number, readonly of: number } | undefined
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

  /** Which share of the clusters in which somebody lives has ended a training after an instant. */
  shareSince(since: number): number {
    // Asked for after every event.
    if (this.share?.since !== since) {
      const inhabited = this.inhabited()
      this.share = { since, of: inhabited.filter(({ endedAt }) => endedAt > since).length / Math.max(1, inhabited.length) }
    }
    return this.share.of
  }

  get clusterCount(): number { return this.inhabited().length }

  /**
   * What the clusters that have members now have made of a round that began at an instant and is over now.
   *
   * @returns a function that says it as it stands whenever it is asked: a provisional record may be found to be full later, and who is slow may take as long again
   */
  window(since: number): () => RecordCounts {
    const upTo = this.now()
    const clusters = this.inhabited()
    return () => {
      const kinds = clusters.map(({ endings }) => {
        const all = [...endings.values()].filter(({ at }) => at > since)
        const inTime = all.filter(({ at }) => at <= upTo)
        const within = inTime.length > 0 ? inTime : all.filter(({ at }) => at <= 2 * upTo - since)
        return within.length === 0 ? 'none' : within.some(({ isFull }) => isFull) ? 'full' : 'provisional'
      })
      const count = (kind: typeof kinds[number]): number => kinds.filter((one) => one === kind).length
      return { full: count('full'), provisional: count('provisional'), none: count('none') }
    }
  }

  /** Clusters that have members: who has only been given a place is none yet. */
  private inhabited(): ClusterTally[] {
    return [...this.clusters.values()].filter(({ members }) => members > 0)
  }

  /** Root records that were agreed on after one instant and up to another. */
  rootsBetween(after: number, upTo: number): number {
    return [...this.roots.values()].filter((at) => at > after && at <= upTo).length
  }

  /** Peers of these whose last record is more than one behind the newest of their cluster. */
  behind(peers: readonly Inhabitant[]): number {
    return peers.filter(({ id }) => {
      const place = this.places.get(id)
      return place === undefined || place.round + 1 < (this.clusters.get(place.cluster)?.newest ?? 0)
    }).length
  }

  /** Forgets a peer that has left. */
  forget(peer: PeerId): void {
    this.place(peer, undefined)
  }

  private readonly handlers: { readonly [Name in keyof RoundEvents]?: (inhabitant: Inhabitant, event: RoundEvents[Name]) => void } = {
    'cluster:formed': ({ id, behaviour }, { cluster, members }) => {
      this.behaviours.set(id, behaviour)
      this.place(id, { cluster, round: 0, isMember: members.includes(id) })
    },
    'cluster:moved': ({ id }, { to, why }) => {
      const place = this.places.get(id)
      if (place !== undefined) this.place(id, { cluster: to, round: why === 'split' ? place.round : 0, isMember: why === 'split' && place.isMember })
    },
    'record:committed': ({ id }, event) => {
      this.stand(id, event)
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

  private stand(peer: PeerId, { cluster, round, members }: RoundEvents['record:committed']): void {
    if (this.places.has(peer)) this.place(peer, { cluster, round, isMember: members.includes(peer) })
  }

  private place(peer: PeerId, place: Place | undefined): void {
    const before = this.places.get(peer)
    if (before?.isMember === true) this.clusterOf(before.cluster).members--
    if (place === undefined) this.places.delete(peer)
    else this.places.set(peer, place)
    if (place?.isMember === true) this.clusterOf(place.cluster).members++
    this.share = undefined
  }

  private clusterOf(name: string): ClusterTally {
    const known = this.clusters.get(name) ?? { endings: new Map<number, Ending>(), endedAt: 0, newest: 0, members: 0 }
    this.clusters.set(name, known)
    return known
  }

  private record({ cluster, round, training, isRollCall, record, provisional, contributions }: RoundEvents['record:committed']): void {
    const tally = this.clusterOf(cluster)
    tally.newest = Math.max(tally.newest, round)
    if (!isRollCall) this.ended(tally, training, !provisional)
    if (this.counted.has(record)) return
    this.counted.add(record)
    for (const contribution of contributions) this.count(contribution)
  }

  private ended(tally: ClusterTally, training: number, isFull: boolean): void {
    const known = tally.endings.get(training)
    if (known !== undefined) {
      known.isFull ||= isFull
      return
    }
    const at = this.now()
    tally.endings.set(training, { at, isFull })
    tally.endedAt = at
    this.share = undefined
  }

  private count({ peer, outcome, reason }: Contribution): void {
    const outcomes = this.outcomes[this.behaviours.get(peer) ?? 'honest'] ??= {}
    const what = reason === '' ? outcome : `${outcome} ${reason}`
    outcomes[what] = (outcomes[what] ?? 0) + 1
  }
}
