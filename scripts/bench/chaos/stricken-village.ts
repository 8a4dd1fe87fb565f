import { createRandom } from '../../../src/telemetry/index.js'
import { quorumOf } from '../../../src/hierarchy/index.js'
import type { Setting } from '../village/setting.js'
import { told, Village } from '../village/village.js'
import type { Villager } from '../village/village.js'

import { Links } from './links.js'
import type { Fault } from './schedule.js'

/** A peer that has ended by itself is started again after so long, as a service manager would; milliseconds. */
const RESTART_MS = 1000

/** How it went with peers that nobody had asked to end. */
export interface Accident {
  readonly peer: number
  readonly how: string
  readonly lines: readonly string[]
}

/** Clusters of real peers, each a process, with links between them that can be disturbed. */
export class StrickenVillage {
  readonly accidents: Accident[] = []
  /** Under way now. */
  readonly faults = new Set<Fault>()

  private constructor(readonly village: Village, private readonly links: Links, readonly clusters: readonly (readonly number[])[]) {}

  /** Founds it and starts everybody. */
  static async found({ clusters: count, clusterSize }: { readonly clusters: number, readonly clusterSize: number }, setting: Setting, seed: number): Promise<StrickenVillage> {
    const size = count * clusterSize
    const links = await Links.open(size, createRandom(seed))
    const clusters = Array.from({ length: count }, (_, cluster) => Array.from({ length: clusterSize }, (_, index) => cluster * clusterSize + index))
    const village = await Village.found({
      ...setting,
      policy: { ...setting.policy, clusterSize, clusterMinimum: Math.min(4, clusterSize) },
      size,
      places: links.addresses.map(({ host, port, ownPort }) => ({ host, listen: `/ip4/${host}/tcp/${ownPort}`, announce: `/ip4/${host}/tcp/${port}` })),
      // Peers of one domain make one cluster.
      domainOf: (index) => `domain-${Math.floor(index / clusterSize)}`,
      logLevel: 'warn',
      ended: (villager, how) => stricken.ended(villager, how),
    })
    const stricken = new StrickenVillage(village, links, clusters)
    for (const villager of village.villagers) village.start(villager)
    return stricken
  }

  get quorum(): number { return quorumOf(this.clusters[0]!.length) }

  /** Waits until everybody has a record of the root. @throws Error where that takes longer */
  async formed(seconds: number): Promise<void> {
    await this.village.until('a record of the root at all peers', () => this.village.villagers.every((villager) => told(villager, 'root').length > 0) ? true : undefined, seconds)
  }

  /** Peers of a cluster. */
  members(cluster: number): Villager[] {
    return this.clusters[cluster]!.map((index) => this.village.villagers[index]!)
  }

  /** Makes a fault happen. @returns what ends it; resolves when it is over */
  begin(fault: Fault): () => Promise<void> {
    this.faults.add(fault)
    const lift = this.strike(fault)
    return async () => {
      await lift()
      this.faults.delete(fault)
    }
  }

  /** Starts whoever does not run for whatever reason. */
  startMissing(): void {
    for (const villager of this.village.villagers) if (villager.process === undefined) this.village.start(villager)
  }

  async end(): Promise<void> {
    this.village.end()
    await this.links.close()
  }

  private strike(fault: Fault): () => Promise<void> {
    const { village } = this
    const peers = new Set(fault.peers)
    const villagers = fault.peers.map((index) => village.villagers[index]!)
    const each = (act: (villager: Villager) => void) => (): Promise<void> => {
      for (const villager of villagers) act(villager)
      return Promise.resolve()
    }
    const disturbed = (lift: () => void) => (): Promise<void> => {
      lift()
      return Promise.resolve()
    }
    switch (fault.kind) {
      case 'kill':
        for (const villager of villagers) village.signal(villager, 'SIGKILL')
        return () => this.restart(villagers)
      case 'hang':
        for (const villager of villagers) village.signal(villager, 'SIGSTOP')
        return each((villager) => village.signal(villager, 'SIGCONT'))
      case 'disk':
        for (const villager of villagers) village.tell(villager, 'fill')
        return each((villager) => village.tell(villager, 'free'))
      case 'clock':
        for (const villager of villagers) village.tell(villager, { jump: fault.jumpMs })
        return () => Promise.resolve()
      case 'partition': return disturbed(this.links.disturb({ kind: 'partition', peers, isSilent: fault.isSilent }))
      case 'slow': return disturbed(this.links.disturb({ kind: 'slow', peers, latencyMs: fault.latencyMs, bytesPerSecond: fault.bytesPerSecond }))
      case 'corrupt': return disturbed(this.links.disturb({ kind: 'corrupt', peers, share: fault.share }))
    }
  }

  private async restart(villagers: readonly Villager[]): Promise<void> {
    const { village } = this
    await village.until('the death of those that were killed', () => villagers.every(({ process: running }) => running === undefined) ? true : undefined, 30)
    const begun = Date.now()
    for (const villager of villagers) village.start(villager)
    await village.until('those that were started again', () => villagers.every((villager) => told(villager, 'started', begun).length > 0) ? true : undefined, 60)
  }

  private ended(villager: Villager, how: string): void {
    const peer = this.village.villagers.indexOf(villager)
    this.accidents.push({ peer, how, lines: [...villager.lines] })
    setTimeout(() => { if (villager.process === undefined && !this.village.isOver) this.village.start(villager) }, RESTART_MS).unref()
  }
}
