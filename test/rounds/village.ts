import { createHash } from 'node:crypto'

import { createIdentity, decodeCanonical, encodeCanonical, verifySignature } from '../../src/identity/index.js'
import type { Identity } from '../../src/identity/index.js'
import { DEFAULT_POLICY } from '../../src/config/index.js'
import { createMemoryNetwork } from '../../src/network/index.js'
import type { MemoryNetwork, MemoryNetworkOptions, Transport } from '../../src/network/index.js'
import { createPeer, ROUND_EVENT_NAMES } from '../../src/rounds/index.js'
import type { Auditor, Learner, Peer, PeerOptions, Policies, RoundEvents, RoundPolicy, RoundStore } from '../../src/rounds/index.js'
import { createRandom, createVirtualClock } from '../../src/telemetry/index.js'
import type { VirtualClock } from '../../src/telemetry/index.js'
import { CommonOptimum, toyAuditor, toyLearner } from '../../scripts/sim/toys.js'

/** Values of the toy adapter. */
export const LENGTH = 1000

/** Hash of a genesis that these tests never need to see. */
export const NETWORK = createHash('sha256').update('a network of toys').digest('hex')
/** How messages of that network are read. */
export const READING = { network: NETWORK, verify: verifySignature }

/** A store without a disk: what a restarted peer finds again. */
export function createToyStore(): RoundStore & { readonly blobs: Map<string, Uint8Array> } {
  const blobs = new Map<string, Uint8Array>()
  const states = new Map<string, Uint8Array>()
  return {
    blobs,
    writeState(name, version, value) {
      states.set(name, encodeCanonical([version, value]))
      return Promise.resolve()
    },
    readState(name) {
      const bytes = states.get(name)
      return Promise.resolve(bytes === undefined ? undefined : (decodeCanonical(bytes) as unknown[])[1])
    },
    putBlob(bytes) {
      const id = createHash('sha256').update(bytes).digest('hex')
      blobs.set(id, bytes.slice())
      return Promise.resolve(id)
    },
    getBlob: (id) => Promise.resolve(blobs.get(id)?.slice()),
    deleteBlob(id) {
      blobs.delete(id)
      return Promise.resolve()
    },
  }
}

/** What all houses together would learn: every honest optimum scatters around it. */
const common = new CommonOptimum(LENGTH, 7)

export function optimumOf(index: number, damaged: boolean, scatter = 0.3): Float32Array {
  const random = createRandom(100 + index)
  return common.values.map((value) => (damaged ? -2 * value : value) + (random() * 2 - 1) * scatter)
}

export function createToyLearner(optimum: Float32Array, { tokens, duration = () => Promise.resolve() }: { readonly tokens?: number, readonly duration?: () => Promise<void> } = {}): Learner {
  return toyLearner({ optimum, pause: duration, ...tokens === undefined ? {} : { tokens } })
}

/** Of so many coordinates that honest deltas are told apart, however few probes there are. */
export function createToyAuditor(shift = 0): Auditor {
  return toyAuditor(common, { coordinates: 40, shift })
}

export function distanceToCommon(adapter: Float32Array): number {
  return Math.sqrt(adapter.reduce((sum, value, i) => sum + (value - common.values[i]!) ** 2, 0) / adapter.length)
}

export interface Villager {
  readonly index: number
  readonly identity: Identity
  readonly id: string
  /** Throws before it has been started. */
  readonly peer: Peer
  readonly store: ReturnType<typeof createToyStore>
  readonly options: Omit<PeerOptions, 'transport'>
  /** Everything that happened at this peer, with its name. */
  readonly happened: { readonly name: keyof RoundEvents, readonly event: unknown }[]
  of<Name extends keyof RoundEvents>(name: Name): RoundEvents[Name][]
}

export interface VillageOptions {
  readonly domains: readonly string[]
  readonly damaged?: readonly number[]
  readonly policy?: Partial<RoundPolicy>
  /** Whose the founders are. */
  readonly organisations?: readonly string[]
  readonly network?: Partial<MemoryNetworkOptions>
  readonly seed?: number
  /** Further peers that are no founders, by domain. */
  readonly later?: readonly string[]
  readonly learner?: (index: number, clock: VirtualClock) => Learner | undefined
  readonly auditor?: (index: number) => Auditor | undefined
  readonly peer?: (index: number) => Partial<PeerOptions>
  /** The policies that have come to a peer by the moment, the first of them the village's. */
  readonly policies?: (index: number, first: RoundPolicy) => Policies
  /** Puts something between a peer and the network. */
  readonly between?: (index: number, transport: Transport) => Transport
}

/** A few peers in one process and in virtual time, on the real protocol. */
export interface Village {
  readonly clock: VirtualClock
  readonly network: MemoryNetwork
  readonly villagers: readonly Villager[]
  readonly policy: RoundPolicy
  start(...indices: number[]): Promise<void>
  /** The process is gone, its disk stays. */
  kill(index: number): Promise<void>
  /** Starts a killed peer again from its disk. */
  revive(index: number): Promise<void>
  /** Lets time pass until each of these peers has committed the round. */
  untilRound(round: number, indices?: readonly number[], within?: number): Promise<boolean>
  stop(): Promise<void>
}

export function villagerIdentity(index: number): Promise<Identity> {
  return createIdentity(createHash('sha256').update(`villager ${index}`).digest())
}

export async function createVillage(options: VillageOptions): Promise<Village> {
  const clock = createVirtualClock()
  const network = createMemoryNetwork({ clock, random: createRandom(options.seed ?? 1), latency: { minimum: 2, maximum: 20 }, ...options.network })
  const domains = [...options.domains, ...options.later ?? []]
  const identities = await Promise.all(domains.map((_, index) => villagerIdentity(index)))
  const policy: RoundPolicy = {
    ...DEFAULT_POLICY,
    heartbeatMs: 500,
    deadlines: { ...DEFAULT_POLICY.deadlines, train: 20_000, close: 2000, reveal: 4000, audit: 4000, propose: 1500, prevote: 500, precommit: 500, grace: 4000 },
    audit: { probesPerRound: 16, auditorsPerDelta: 2, everyRounds: 1 },
    foundingRoster: options.domains.map((domain, index) => ({ peer: identities[index]!.peerId, domain, ...options.organisations === undefined ? {} : { organisation: options.organisations[index] } })),
    ...options.policy,
  }
  const peers: Peer[] = []
  const villagers = identities.map((identity, index): Villager => {
    const store = createToyStore()
    const peerOptions: Villager['options'] = {
      identity,
      network: NETWORK,
      policy,
      ...options.policies === undefined ? {} : { policies: options.policies(index, policy) },
      domain: domains[index]!,
      adapter: new Float32Array(LENGTH),
      clock,
      store,
      learner: options.learner?.(index, clock) ?? createToyLearner(optimumOf(index, options.damaged?.includes(index) ?? false), { duration: () => new Promise((resolve) => { clock.after(1200 + 50 * index, resolve) }) }),
      auditor: options.auditor?.(index) ?? createToyAuditor(),
      ...options.peer?.(index),
    }
    const happened: Villager['happened'] = []
    return {
      index, identity, id: identity.peerId, store, happened,
      options: peerOptions,
      get peer() {
        const peer = peers[index]
        if (peer === undefined) throw new Error(`villager ${index} has not been started`)
        return peer
      },
      of<Name extends keyof RoundEvents>(name: Name) { return happened.filter((one) => one.name === name).map(({ event }) => event as RoundEvents[Name]) },
    }
  })
  const bring = async (index: number): Promise<void> => {
    const villager = villagers[index]!
    peers[index] = createPeer({ ...villager.options, transport: options.between?.(index, network.join(villager.id)) ?? network.join(villager.id) })
    for (const name of ROUND_EVENT_NAMES) villager.peer.events.on(name, (event) => villager.happened.push({ name, event }))
    await villager.peer.start()
  }
  const village: Village = {
    clock, network, villagers, policy,
    async start(...indices) {
      for (const index of indices.length > 0 ? indices : villagers.keys()) await bring(index)
    },
    async kill(index) {
      network.kill(villagers[index]!.id)
      await villagers[index]!.peer.stop()
    },
    revive: bring,
    untilRound(round, indices = villagers.map(({ index }) => index), within = 600_000) {
      return clock.runUntil(() => indices.every((index) => villagers[index]!.peer.status().round > round), within)
    },
    async stop() {
      for (const { id, index } of villagers) {
        if (network.isAlive(id)) await peers[index]?.stop()
      }
    },
  }
  return village
}
