import { lot, rank } from '../../hierarchy/index.js'
import type { PeerId } from '../../network/index.js'
import type { Chain } from '../cluster/chain.js'
import type { Checkpoints } from '../cluster/checkpoints.js'
import type { Library } from '../cluster/library.js'
import type { Liveness } from '../cluster/liveness.js'
import { Signed } from '../cluster/signed.js'
import { attempt } from '../context.js'
import type { Context } from '../context.js'
import type { CarriedPayload, Opened } from '../messages/wire.js'
import type { ClusterHeader, Stored } from '../records/cluster-record.js'
import { decodeClusterHeader } from '../records/record-bytes.js'
import type { RecordState } from '../records/state.js'
import { hasLevelAbove } from '../records/up-and-down.js'

import { ClusterSeatReader } from './cluster-seat-reader.js'
import { topMadeBy, topOf } from '../records/first-top.js'
import { foundingOfTop } from './founding-levels.js'
import type { Founding } from './founding-levels.js'
import { Level } from './level.js'
import { LevelChain } from './level-chain.js'
import { LevelSeatReader } from './level-seat-reader.js'
import { seatTopic } from './seat-topic.js'

export interface LevelsPorts {
  /** Joins and leaves the topic of a cluster of seats. */
  listen(cluster: string): void
  ignore(cluster: string): void
}

/** Where a peer notes the record that split the network's only cluster: its first top follows from it. */
const FIRST_SPLIT = 'first-split'

/** What the levels stand on. */
export interface Ground {
  readonly library: Library
  readonly chain: Chain
  readonly liveness: Liveness
  readonly checkpoints: Checkpoints
}

/**
 * All levels above a peer's cluster, the next one first. A peer takes part in the first; higher up only where it is a delegate. It follows the level
 * above the highest in which it takes part, and hears nothing of those beyond.
 */
export class Levels {
  private levels: readonly Level[] = []
  private readonly heard = new Set<string>()
  private isStarted = false

  private constructor(private readonly context: Context, private ground: Ground, private readonly ports: LevelsPorts, private parts: readonly LevelFoundation[]) {
    this.seat()
  }

  /** Takes the seats of the peer's cluster and of those above it: again after a split, since the cluster may be another. */
  seat(): void {
    const { context, ground, parts } = this
    for (const level of this.levels) level.stop()
    this.levels = parts.map(({ chain, reader, signed }, at): Level => new Level(context, { library: ground.library, chain, reader, signed, below: at === 0 ? ground.chain : parts[at - 1]!.chain }, {
      above: () => this.levels[at + 1],
      turn: () => (at === 0 ? this.memberTurn() : this.delegateTurn(parts[at - 1]!.chain)),
      signers: () => (at === 0 ? ground.chain.tip.record.members.map(({ peer }) => peer) : parts[at - 1]!.chain.tip.record.delegates),
      moved: (level) => {
        this.moved()
        if (this.levels[at + 1] === undefined) attempt(context, 'a checkpoint could not be noted', () => ground.checkpoints.note(level.chain.tip))
        this.levels[at + 1]?.report()
      },
    }))
  }

  /** Stands on another cluster's chain from now on: the peer has given its own up for one with a seat at the same level. */
  standOn(ground: Ground): void {
    this.ground = ground
    this.seat()
    if (this.isStarted) this.moved()
  }

  static async open(context: Context, ground: Ground, foundings: readonly Founding[], first: RecordState, ports: LevelsPorts): Promise<Levels> {
    const parts: LevelFoundation[] = []
    for (const founding of foundings) parts.push(await openLevel(context, ground, founding, first))
    const levels = new Levels(context, ground, ports, parts)
    const split = parts.length > 0 ? undefined : await firstSplit(context) ?? splitIn(ground.chain)
    if (split !== undefined) await levels.followTop(split, [])
    return levels
  }

  /**
   * Takes up the first level above what was the only cluster.
   *
   * @param split - the record that makes it, agreed on
   * @param state - the values from which it starts; undefined where they are not here: then the level is followed until a later record is
   */
  async addTop(split: Stored<ClusterHeader>, state: RecordState | undefined): Promise<void> {
    if (this.parts.length > 0) return
    const founding = foundingOfTop(split)
    this.parts = [await openLevel(this.context, this.ground, founding, state)]
    await this.context.store.writeState(FIRST_SPLIT, 1, split.bytes)
    this.seat()
    if (this.isStarted) this.moved()
  }

  /** The same where this peer was not there: the values come from the disk or from others, as long as these have them. */
  async followTop(split: Stored<ClusterHeader>, holders: readonly PeerId[]): Promise<void> {
    if (this.parts.length > 0) return
    await this.addTop(split, await this.ground.library.stateOf(topOf(split.record).record, holders).catch(() => undefined))
  }

  /** The next level, if there is one. */
  get next(): Level | undefined { return this.levels[0] }

  /** Those of which this peer knows something: up to the one that it follows. */
  get known(): readonly Level[] {
    const highest = this.levels.findLastIndex((level) => level.takesPart)
    return this.levels.slice(0, highest + 2)
  }

  start(): void {
    this.isStarted = true
    this.moved()
  }

  stop(): void { for (const level of this.levels) level.stop() }

  /** The cluster has a new record. */
  report(): void { this.levels[0]?.report() }

  /** Called every heartbeat. */
  tick(): void {
    for (const [at, level] of this.levels.entries()) {
      level.tick()
      // Those who only follow this level listen one below it.
      const lower = this.levels[at - 1]
      if (lower !== undefined && level.takesPart) level.tellSummit(lower.cluster)
    }
  }

  receiveReport(report: Opened<'report'>): void { this.at(report.payload.level)?.receiveReport(report) }

  receiveProposal(proposal: Opened<'proposal'>): void { this.at(proposal.payload.level)?.receiveProposal(proposal) }

  receiveShares(shares: CarriedPayload<'shares'>): void { this.at(shares.level)?.receiveShares(shares) }

  receiveCertificates(certificates: CarriedPayload<'certificates'>): void { this.at(certificates.level)?.receiveCertificates(certificates) }

  receiveSummit(summit: Opened<'summit'>): void {
    this.levels.find(({ cluster }) => cluster === summit.payload.cluster)?.receiveSummit(summit)
  }

  private at(level: number): Level | undefined { return this.levels[level - 1] }

  /** Listens where this peer takes part, or is about to. */
  private moved(): void {
    for (const [at, level] of this.levels.entries()) {
      const isDelegate = at > 0 && (level.takesPart || this.levels[at - 1]!.isDelegate)
      this.hear(level.cluster, at === 0 || isDelegate)
      // The members of a cluster of peers hear its topic anyway.
      if (at > 0) this.hear(seatTopic(level.seat, level.chain.level), isDelegate)
    }
  }

  private hear(topicOf: string, isHere: boolean): void {
    if (isHere === this.heard.has(topicOf)) return
    if (isHere) {
      this.heard.add(topicOf)
      this.ports.listen(topicOf)
    } else {
      this.heard.delete(topicOf)
      this.ports.ignore(topicOf)
    }
  }

  /** 0 for the head of the cluster, then its other live members in rank. */
  private memberTurn(): number {
    const { chain, liveness } = this.ground
    const { record } = chain.tip
    const ranked = rank(record.members, record.cluster)
    const order = liveness.live([...chain.head === undefined ? [] : [chain.head], ...ranked.filter((peer) => peer !== chain.head)], this.context.clock.now())
    return turnIn(order, this.context.self)
  }

  /** Delegates know little of each other: a lot decides, a new one every round. */
  private delegateTurn({ tip }: LevelChain): number {
    return turnIn(turnsOf(tip), this.context.self)
  }
}

/** The delegates that a record names, in the order of their turns. */
function turnsOf({ id, record: { delegates } }: LevelChain['tip']): readonly PeerId[] {
  const known = turns.get(delegates)
  if (known?.record === id) return known.order
  const order = delegates.map((peer) => ({ peer, drawn: lot('turn', id, peer) })).sort((a, b) => (a.drawn < b.drawn ? -1 : 1)).map(({ peer }) => peer)
  turns.set(delegates, { record: id, order })
  return order
}

/** Asked for with every message that may have to be said. */
const turns = new WeakMap<readonly PeerId[], { readonly record: string, readonly order: readonly PeerId[] }>()

async function openLevel(context: Context, { library }: Ground, { stored, ofSeat, ofCluster }: Founding, first: RecordState | undefined): Promise<LevelFoundation> {
  const chain = await LevelChain.open(context, library, stored, first)
  attempt(context, 'old records of seats could not be found', () => chain.findOld())
  const signed = new Signed(context.store, `signed-level-${chain.level}`)
  await signed.load()
  const reader = chain.level === 1 ? new ClusterSeatReader(context, library, chain, ofCluster) : new LevelSeatReader(context, library, ofSeat)
  return { chain, signed, reader }
}

/** The record that made the first level above, as this peer has noted it. */
async function firstSplit({ store }: Context): Promise<Stored<ClusterHeader> | undefined> {
  const saved = await store.readState(FIRST_SPLIT, { version: 1 })
  return saved instanceof Uint8Array ? decodeClusterHeader(saved) : undefined
}

/** The same where the peer was stopped before it could note it. */
function splitIn(chain: Chain): Stored<ClusterHeader> | undefined {
  if (!hasLevelAbove(chain.tip.record)) return undefined
  const found = chain.backTo('').map((id) => chain.get(id)!).find((stored) => {
    const parent = stored.record.parent === null ? undefined : chain.get(stored.record.parent)
    return parent !== undefined && topMadeBy(parent.record, stored) !== undefined
  })
  return found === undefined ? undefined : decodeClusterHeader(found.bytes)
}

interface LevelFoundation {
  readonly chain: LevelChain
  readonly reader: ClusterSeatReader | LevelSeatReader
  readonly signed: Signed
}

function turnIn(order: readonly PeerId[], self: PeerId): number {
  const turn = order.indexOf(self)
  return turn < 0 ? order.length : turn
}
