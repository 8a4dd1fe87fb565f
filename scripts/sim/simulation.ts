import { performance } from 'node:perf_hooks'

import type { PeerId } from '../../src/network/index.js'
import { createRandom } from '../../src/telemetry/index.js'

import type { WorldOptions } from './options.js'
import { Tally } from './tally.js'
import type { Outcomes, RecordCounts } from './tally.js'
import { World } from './world.js'
import type { Watcher } from './world.js'

/**
 * A round of the whole network is over when this share of the clusters has ended one more training. The slowest go on into the next one's time. Counted by
 * time and not by the clusters' own numbers: where one that had fallen behind is gone, several rounds would else be over in an instant, with all who leave in them.
 */
const OVER = 0.9

export interface Spread {
  readonly mean: number
  readonly max: number
}

/** One round of the whole network. */
export interface RoundRow {
  readonly round: number
  readonly peers: number
  /** What the clusters had made of this round when it was over; what became full later is in the summary. */
  readonly records: RecordCounts
  /** Root records that were agreed on in this round's time. */
  readonly roots: number
  /** Peers more than one checkpoint behind their cluster. */
  readonly behind: number
  /** Bytes of those who were here for the whole round. */
  readonly sent: Spread
  readonly received: Spread
  /** Messages that reached a peer. */
  readonly messages: number
  /** Mean distance of the peers' models to the common optimum; an adapter of zeros has 1. */
  readonly distance: number
  readonly virtualSeconds: number
  readonly wallSeconds: number
  readonly cpuSeconds: number
}

export interface Summary {
  readonly rounds: readonly RoundRow[]
  /** Records of each round as they stood at the end. */
  readonly records: readonly RecordCounts[]
  /** Spans of `upperEvery` rounds without a root record. */
  readonly incompleteRounds: number
  readonly outcomes: Outcomes
  readonly refusals: Readonly<Record<string, number>>
  readonly troubles: Readonly<Record<string, number>>
  readonly cheats: number
  /** Over all records and events: equal for equal options. */
  readonly digest: string
}

export interface SimulationHooks {
  readonly onRound?: (row: RoundRow) => void
  /** Sees everything that happens, and all that is sent. */
  readonly watcher?: Watcher
}

/** Runs the rounds of one world. */
export class Simulation {
  readonly world: World
  readonly tally: Tally
  private readonly random
  private readonly rows: RoundRow[] = []
  private readonly windows: (() => RecordCounts)[] = []
  /** How long the last round took: departures of the next are spread over as long. */
  private lastRoundMs: number
  private readonly roundEnds: number[] = [0]

  constructor(private readonly options: WorldOptions, private readonly hooks: SimulationHooks = {}) {
    this.random = createRandom(options.seed + 4)
    this.tally = new Tally(() => this.world.clock.now())
    const { watcher } = hooks
    this.world = new World(options, {
      happened: (...what) => {
        this.tally.happened(...what)
        watcher?.happened(...what)
      },
      between: (transport) => watcher?.between?.(transport) ?? transport,
    })
    this.lastRoundMs = 2 * options.trainingMs
  }

  /** Lets the founders start, so that all clusters are known. */
  async open(): Promise<void> {
    await this.world.clock.advance(this.options.heartbeatMs)
  }

  /** One more round. At the latest it is over after the time in which the policy would let one with two grace periods pass. */
  async round(): Promise<RoundRow> {
    const { world, tally } = this
    const { clock, policy: { deadlines } } = world
    const round = this.rows.length + 1
    const begun = { at: clock.now(), wall: performance.now(), cpu: process.cpuUsage(), traffic: this.traffic() }
    this.scatterChurn()
    const longest = deadlines.train + deadlines.close + deadlines.reveal + deadlines.audit + 2 * deadlines.grace
    await clock.runUntil(() => tally.shareSince(begun.at) >= OVER, longest)
    const records = tally.window(begun.at)
    this.windows.push(records)
    const at = clock.now()
    this.lastRoundMs = at - begun.at
    this.roundEnds.push(at)
    const cpu = process.cpuUsage(begun.cpu)
    const row: RoundRow = {
      round,
      peers: world.inhabitants.length,
      records: records(),
      roots: tally.rootsBetween(begun.at, at),
      behind: tally.behind(world.inhabitants),
      ...this.trafficSince(begun.traffic),
      distance: mean(world.inhabitants.map(({ peer }) => world.optimum.distance(peer.adapter()))),
      virtualSeconds: (at - begun.at) / 1000,
      wallSeconds: (performance.now() - begun.wall) / 1000,
      cpuSeconds: (cpu.user + cpu.system) / 1e6,
    }
    this.rows.push(row)
    this.hooks.onRound?.(row)
    // What comes of a round is a checkpoint of the digest, too: two runs that part are seen to part here.
    tally.digest.add(at, round, 'round', row.records)
    return row
  }

  summary(): Summary {
    const { tally, rows } = this
    return {
      rounds: rows,
      records: this.windows.map((records) => records()),
      incompleteRounds: this.spansWithoutRoot(),
      outcomes: tally.outcomes,
      refusals: Object.fromEntries(tally.refusals),
      troubles: Object.fromEntries(tally.troubles),
      cheats: tally.cheats.size,
      digest: tally.digest.value,
    }
  }

  stop(): void {
    this.world.stop()
  }

  /** Each departure at an instant of its own; those drawn for after the round's end come in the next. */
  private scatterChurn(): void {
    const { world, options, random } = this
    const leaving = Math.round(options.churn * world.inhabitants.length)
    for (let i = 0; i < leaving; i++) {
      world.clock.after(Math.floor(random() * this.lastRoundMs), () => {
        const left = world.replaceOne()
        if (left !== undefined) this.tally.forget(left)
      })
    }
  }

  private spansWithoutRoot(): number {
    const { upperEvery } = this.options
    if (this.tally.clusterCount < 2) return 0
    let without = 0
    for (let end = upperEvery; end < this.roundEnds.length; end += upperEvery) {
      if (this.tally.rootsBetween(this.roundEnds[end - upperEvery]!, this.roundEnds[end]!) === 0) without++
    }
    return without
  }

  private traffic(): Map<PeerId, { readonly sent: number, readonly received: number, readonly messages: number }> {
    const { inhabitants, network } = this.world
    return new Map(inhabitants.map(({ id }) => {
      const { bytesSent: sent, bytesReceived: received, messagesReceived: messages } = network.traffic(id)
      return [id, { sent, received, messages }]
    }))
  }

  private trafficSince(before: ReturnType<Simulation['traffic']>): Pick<RoundRow, 'sent' | 'received' | 'messages'> {
    const now = [...this.traffic()].flatMap(([id, traffic]) => {
      const then = before.get(id)
      return then === undefined ? [] : [{ sent: traffic.sent - then.sent, received: traffic.received - then.received, messages: traffic.messages - then.messages }]
    })
    return {
      sent: spread(now.map(({ sent }) => sent)),
      received: spread(now.map(({ received }) => received)),
      messages: now.reduce((sum, { messages }) => sum + messages, 0),
    }
  }
}

function spread(values: readonly number[]): Spread {
  return { mean: mean(values), max: values.reduce((most, value) => Math.max(most, value), 0) }
}

function mean(values: readonly number[]): number {
  return values.length === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / values.length
}
