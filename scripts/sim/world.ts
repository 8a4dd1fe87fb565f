import { createHash } from 'node:crypto'

import { DEFAULT_POLICY } from '../../src/config/index.js'
import type { Signer } from '../../src/identity/index.js'
import { createMemoryNetwork } from '../../src/network/index.js'
import type { MemoryNetwork, PeerId, Transport } from '../../src/network/index.js'
import { createPeer } from '../../src/rounds/index.js'
import type { Peer, RoundEvents, RoundPolicy } from '../../src/rounds/index.js'
import { createRandom, createVirtualClock } from '../../src/telemetry/index.js'
import type { Clock, Random, VirtualClock } from '../../src/telemetry/index.js'

import { disguise, through } from './adversaries.js'
import type { Behaviour } from './adversaries.js'
import { simulatedIdentity, verifySimulated } from './identities.js'
import { linksOf } from './links.js'
import type { WorldOptions } from './options.js'
import { SharedContents, simulatedStore } from './store.js'
import { CommonOptimum, toyAuditor, toyLearner } from './toys.js'

/** The kinds of hardware that peers train on, in turn: every third one on quantum programs. */
const DOMAINS = ['verilog', 'verilog', 'qasm'] as const

/** Machines differ: half of them are slower than the median, one in forty twice as slow or more. */
const SPEED_SPREAD = 0.35

/** Hash of a genesis that a simulation never needs to see. */
export const NETWORK = createHash('sha256').update('a simulated network').digest('hex')

/** One peer of the world, from its coming to its leaving. */
export interface Inhabitant {
  readonly index: number
  readonly id: PeerId
  readonly behaviour: Behaviour | 'honest'
  readonly peer: Peer
}

/** What can be watched from outside. */
export interface Watcher {
  happened<Name extends keyof RoundEvents>(inhabitant: Inhabitant, name: Name, event: RoundEvents[Name]): void
  /** Something put between a peer and the network, to see what it sends. */
  between?(transport: Transport): Transport
}

/** Many peers in one process and in virtual time, on the real protocol. */
export class World {
  readonly clock: VirtualClock
  readonly network: MemoryNetwork
  readonly optimum: CommonOptimum
  readonly policy: RoundPolicy
  private readonly living: Inhabitant[] = []
  private readonly random: Random
  private readonly contents = new SharedContents()
  private readonly wholeClock: Clock
  private readonly adapter: Float32Array
  private born = 0

  constructor(private readonly options: WorldOptions, private readonly watcher: Watcher) {
    const { peers, seed, values, links, loss } = options
    this.random = createRandom(seed)
    this.clock = createVirtualClock(0, { settle: 'instant' })
    // Whole milliseconds, so that many timers share an instant.
    this.wholeClock = { now: () => this.clock.now(), after: (milliseconds, run) => this.clock.after(Math.ceil(milliseconds), run) }
    this.network = createMemoryNetwork({ clock: this.wholeClock, random: createRandom(seed + 1), ...linksOf(links, createRandom(seed + 2), loss), isShared: true, nameOf: (bytes) => this.contents.nameOf(bytes) })
    this.optimum = new CommonOptimum(values, seed + 3)
    this.adapter = new Float32Array(values)
    const founders = Array.from({ length: peers }, (_, index) => simulatedIdentity(seed, index))
    this.policy = policyOf(options, founders)
    for (const founder of founders) this.schedule(founder)
  }

  /** Those who are here now. */
  get inhabitants(): readonly Inhabitant[] { return this.living }

  /** Somebody leaves, with or without a word, and a stranger comes. @returns who has left */
  replaceOne(): PeerId | undefined {
    const at = Math.floor(this.random() * this.living.length)
    const leaving = this.living[at]
    const last = this.living.pop()
    if (leaving === undefined || last === undefined) return undefined
    if (last !== leaving) this.living[at] = last
    this.end(leaving, this.random() < this.options.announced)
    this.bring(this.born, simulatedIdentity(this.options.seed, this.born))
    this.born++
    return leaving.id
  }

  stop(): void {
    for (const one of this.living.splice(0)) this.end(one)
  }

  /** Founders start within one heartbeat of each other. */
  private schedule(founder: Signer): void {
    const index = this.born++
    this.clock.after(Math.floor(this.random() * this.options.heartbeatMs), () => { this.bring(index, founder) })
  }

  private end({ id, peer }: Inhabitant, leave = false): void {
    const stopped = peer.stop({ leave })
    // A farewell is on disk before it is said: who says one is here until it has.
    if (leave) {
      stopped.then(() => this.network.kill(id), (error: unknown) => { throw error })
      return
    }
    this.network.kill(id)
    stopped.catch((error: unknown) => { throw error })
  }

  private bring(index: number, identity: Signer): void {
    const { options, watcher, contents, adapter } = this
    const random = createRandom(options.seed * 1_000_003 + index)
    const behaviour = behaviourOf(index, options)
    const own = this.optimum.of(random)
    const joined = sharing(this.network.join(identity.peerId), contents)
    const honest = {
      learner: toyLearner({ optimum: behaviour === 'damaged' ? own.map((value) => -2 * value) : own, pause: this.trainingOf(random) }),
      auditor: toyAuditor(this.optimum),
      transport: watcher.between?.(joined) ?? joined,
    }
    const parts = behaviour === 'honest' ? honest : disguise(behaviour, honest, { reading: { network: NETWORK, verify: verifySimulated }, identity, length: adapter.length })
    const peer = createPeer({
      identity,
      network: NETWORK,
      policy: this.policy,
      domain: DOMAINS[index % DOMAINS.length]!,
      adapter,
      clock: this.wholeClock,
      store: simulatedStore(contents),
      verify: verifySimulated,
      ...parts,
    })
    const inhabitant: Inhabitant = { index, id: identity.peerId, behaviour, peer }
    peer.events.watch((name, event) => { watcher.happened(inhabitant, name, event) })
    this.living.push(inhabitant)
    peer.start().catch((error: unknown) => { throw error })
  }

  /** A peer's training time: its machine's speed, and a little of its own every time. */
  private trainingOf(random: Random): () => Promise<void> {
    const speed = Math.exp(SPEED_SPREAD * normal(random))
    return () => new Promise((resolve) => { this.clock.after(Math.round(this.options.trainingMs * speed * (0.9 + 0.2 * random())), resolve) })
  }
}

function policyOf({ clusterSize, upperEvery, auditors, heartbeatMs, trainingMs, deadlines }: WorldOptions, founders: readonly Signer[]): RoundPolicy {
  return {
    ...DEFAULT_POLICY,
    clusterSize,
    upperEvery,
    heartbeatMs,
    // Who is gone is waited for as long as a training takes, as with the defaults and trainings of half a minute.
    deadlines: { ...DEFAULT_POLICY.deadlines, grace: trainingMs, ...deadlines },
    // Who comes is let in at once and is on no probation, as where the owners have signed for each: churn shall be as hard as it can be.
    admissionDelayMs: 0,
    membership: 'credential',
    audit: { probesPerRound: 8, auditorsPerDelta: auditors, everyRounds: 2 },
    foundingRoster: founders.map(({ peerId }, index) => ({ peer: peerId, domain: DOMAINS[index % DOMAINS.length]! })),
  }
}

/** Spread evenly over all who come, so that the share is the same in every world and among newcomers; each behaviour in turn. */
function behaviourOf(index: number, { byzantine, behaviours }: WorldOptions): Inhabitant['behaviour'] {
  const before = Math.floor(index * byzantine)
  const isHostile = Math.floor((index + 1) * byzantine) > before
  return isHostile ? behaviours[before % behaviours.length] ?? 'honest' : 'honest'
}

/** Bytes that were pulled are one with those that others hold. */
function sharing(inner: Transport, contents: SharedContents): Transport {
  return { ...through(inner), pull: async (id, holders, options) => contents.share(id, await inner.pull(id, holders, options)) }
}

/** Box and Muller. */
function normal(random: Random): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random())
}
