import { fork } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { rmSync } from 'node:fs'
import { mkdtemp } from 'node:fs/promises'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { createNetwork, writeNetwork } from '../../../node/settings/network.js'
import { makeOwners, ownersFrom } from '../../../node/settings/owners.js'
import { writeSettings } from '../../../node/settings/settings.js'
import { findPackageRoot } from '../../../src/config/index.js'
import type { Policy } from '../../../src/config/index.js'
import { loadOrCreateIdentity } from '../../../src/identity/index.js'

import type { Command, News } from './news.js'
import { POLICY } from './setting.js'

/** Bundled as the programs that users run are. */
const PEER = join(findPackageRoot(), 'dist', 'bench-program', 'peer.js')

/** Nothing that a bench waits for takes so long, also on a machine with much else to do; seconds. */
export const PATIENCE = 300

/** Everybody knows the addresses of the first two. */
const BOOTSTRAP_PEERS = 2

export interface Villager {
  readonly peer: string
  readonly folder: string
  process: ChildProcess | undefined
  /** What it has told, oldest first, also in earlier lives. */
  readonly news: News[]
}

type NewsOf<Kind extends News['kind']> = Extract<News, { readonly kind: Kind }>

/** Founders of a network in a folder of its own, each a process on this machine. Whatever happens, none outlives this process. */
export class Village {
  private readonly listeners = new Set<() => void>()
  private isOver = false
  private failure: Error | undefined

  private constructor(private readonly folder: string, readonly villagers: readonly Villager[]) {
    process.on('exit', this.end)
  }

  /** Makes folders, keys and the network's file; nobody runs yet. */
  static async found(size: number, policy: Partial<Policy> = POLICY): Promise<Village> {
    const folder = await mkdtemp(join(tmpdir(), 'meshwright-village-'))
    const networkFile = join(folder, 'network.config.json')
    const listen = (await freePorts(size)).map((port) => `/ip4/127.0.0.1/tcp/${port}`)
    const villagers = await Promise.all(listen.map(async (address, index): Promise<Villager> => {
      const own = join(folder, `peer-${index}`)
      const { peerId } = await loadOrCreateIdentity(own)
      await writeSettings(own, { dataFolder: own, network: networkFile, transport: { listen: [address] }, log: { level: 'error' } })
      return { peer: peerId, folder: own, process: undefined, news: [] }
    }))
    const owners = (await makeOwners(networkFile, 1)).map(({ identity }) => identity)
    await writeNetwork(networkFile, createNetwork({
      name: 'village',
      base: '00'.repeat(32),
      owners: ownersFrom(owners, [], 1),
      signers: owners,
      founders: villagers.map(({ peer }) => ({ peer, domain: 'verilog' })),
      policy: { ...policy, bootstrap: villagers.slice(0, BOOTSTRAP_PEERS).map(({ peer }, index) => `${listen[index]}/p2p/${peer}`) },
    }))
    return new Village(folder, villagers)
  }

  get running(): Villager[] {
    return this.villagers.filter(({ process }) => process !== undefined)
  }

  by(peer: string): Villager {
    return this.villagers.find((one) => one.peer === peer)!
  }

  /** Starts a peer's process, or starts it again. */
  start(villager: Villager): void {
    const child = fork(PEER, [villager.folder])
    villager.process = child
    child.on('message', (news: News) => {
      villager.news.push(news)
      this.look()
    })
    child.on('exit', (code, signal) => {
      if (villager.process === child) villager.process = undefined
      if (signal !== 'SIGKILL' && !this.isOver) this.failure = new Error(`a peer has ended with ${signal ?? String(code)}: see what it wrote above`)
      this.look()
    })
  }

  tell(villager: Villager, command: Command): void {
    villager.process?.send(command)
  }

  signal(villager: Villager, signal: 'SIGKILL' | 'SIGSTOP' | 'SIGCONT'): void {
    villager.process?.kill(signal)
  }

  /**
   * Waits for something that the peers' news bring about.
   *
   * @throws Error where it does not come in time, or a peer ends by itself
   */
  until<T>(what: string, find: () => T | undefined, seconds: number): Promise<T> {
    return new Promise((resolve, reject) => {
      const look = (): void => {
        const found = this.failure === undefined ? find() : undefined
        if (found === undefined && this.failure === undefined) return
        done()
        if (found === undefined) reject(this.failure!)
        else resolve(found)
      }
      const timer = setTimeout(() => {
        done()
        reject(new Error(`${what}: not within ${seconds} s`))
      }, seconds * 1000)
      const done = (): void => {
        clearTimeout(timer)
        this.listeners.delete(look)
      }
      this.listeners.add(look)
      look()
    })
  }

  /** Kills everybody and removes what they have written. */
  readonly end = (): void => {
    if (this.isOver) return
    this.isOver = true
    process.off('exit', this.end)
    for (const { process: child } of this.villagers) child?.kill('SIGKILL')
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 5 })
  }

  private look(): void {
    for (const look of [...this.listeners]) look()
  }
}

/** What a peer has told of one kind since a moment, oldest first. */
export function told<Kind extends News['kind']>({ news }: Villager, kind: Kind, since = 0): NewsOf<Kind>[] {
  return news.filter((one): one is NewsOf<Kind> => one.kind === kind && one.at >= since)
}

/** The last round of which a peer has a record. */
export function roundOf(villager: Villager): number {
  return told(villager, 'committed').at(-1)?.round ?? 0
}

/** Ports of this machine that nobody listens on. */
async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(Array.from({ length: count }, async () => {
    const server = createServer().listen(0, '127.0.0.1')
    await once(server, 'listening')
    return server
  }))
  const ports = servers.map((server) => (server.address() as AddressInfo).port)
  await Promise.all(servers.map(async (server) => once(server.close(), 'close')))
  return ports
}
