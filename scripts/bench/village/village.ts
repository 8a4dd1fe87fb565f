import { fork } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { rmSync } from 'node:fs'
import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

import { createNetwork, writeNetwork } from '../../../node/settings/network.js'
import { makeOwners, ownersFrom } from '../../../node/settings/owners.js'
import { writeSettings } from '../../../node/settings/settings.js'
import { findPackageRoot } from '../../../src/config/index.js'
import { loadOrCreateIdentity } from '../../../src/identity/index.js'

import { freePorts } from './free-ports.js'
import type { Command, News } from './news.js'
import type { Setting } from './setting.js'

/** Bundled as the programs that users run are. */
const PEER = join(findPackageRoot(), 'dist', 'bench-program', 'peer.js')

/** Nothing that a bench waits for takes so long, also on a machine with much else to do; seconds. */
export const PATIENCE = 300

/** Everybody knows the addresses of the first two. */
const BOOTSTRAP_PEERS = 2

/** The last lines of a peer's log that are kept. */
const LINES_KEPT = 80

export interface Villager {
  readonly peer: string
  readonly folder: string
  /** From which its connections come; any address of loopback where it is not set. */
  readonly host: string | undefined
  process: ChildProcess | undefined
  /** What it has told, oldest first, also in earlier lives. */
  readonly news: News[]
  /** The end of its log. */
  readonly lines: string[]
}

/** Where a peer listens, and what others are told instead. */
export interface Place {
  readonly host?: string
  readonly listen: string
  readonly announce?: string
}

export interface VillageOptions extends Setting {
  readonly size: number
  /** One for each peer; default free ports of loopback. */
  readonly places?: readonly Place[]
  /** What a peer trains on: peers of one domain make clusters. Default one for all. */
  readonly domainOf?: (index: number) => string
  readonly logLevel?: 'error' | 'warn' | 'info'
  /** Called where a peer's process has ended without having been killed from here. By default, whatever is waited for then fails. */
  readonly ended?: (villager: Villager, how: string) => void
}

type NewsOf<Kind extends News['kind']> = Extract<News, { readonly kind: Kind }>

/** Founders of a network in a folder of its own, each a process on this machine. Whatever happens, none outlives this process. */
export class Village {
  private readonly listeners = new Set<() => void>()
  isOver = false
  private failure: Error | undefined

  private constructor(private readonly folder: string, readonly villagers: readonly Villager[], private readonly options: VillageOptions) {
    process.on('exit', this.end)
  }

  /** Makes folders, keys and the network's file; nobody runs yet. */
  static async found(options: VillageOptions): Promise<Village> {
    const { size, policy, domainOf = () => 'verilog', logLevel = 'error' } = options
    const folder = await mkdtemp(join(tmpdir(), 'meshwright-village-'))
    const networkFile = join(folder, 'network.config.json')
    const places = options.places ?? (await freePorts(size)).map((port): Place => ({ listen: `/ip4/127.0.0.1/tcp/${port}` }))
    const villagers = await Promise.all(places.map(async ({ host, listen, announce }, index): Promise<Villager> => {
      const own = join(folder, `peer-${index}`)
      const { peerId } = await loadOrCreateIdentity(own)
      await writeSettings(own, {
        dataFolder: own, network: networkFile,
        transport: { listen: [listen], ...announce === undefined ? {} : { announce: [announce] } },
        log: { level: logLevel },
      })
      return { peer: peerId, folder: own, host, process: undefined, news: [], lines: [] }
    }))
    const owners = (await makeOwners(networkFile, 1)).map(({ identity }) => identity)
    await writeNetwork(networkFile, createNetwork({
      name: 'village',
      base: '00'.repeat(32),
      owners: ownersFrom(owners, [], 1),
      signers: owners,
      founders: villagers.map(({ peer }, index) => ({ peer, domain: domainOf(index) })),
      policy: { ...policy, bootstrap: villagers.slice(0, BOOTSTRAP_PEERS).map(({ peer }, index) => `${places[index]!.announce ?? places[index]!.listen}/p2p/${peer}`) },
    }))
    return new Village(folder, villagers, options)
  }

  get running(): Villager[] {
    return this.villagers.filter(({ process }) => process !== undefined)
  }

  by(peer: string): Villager {
    return this.villagers.find((one) => one.peer === peer)!
  }

  /** Starts a peer's process, or starts it again. */
  start(villager: Villager): void {
    if (this.isOver) return
    const { toy, ended } = this.options
    const child = fork(PEER, [villager.folder, JSON.stringify({ ...toy, host: villager.host })], { stdio: ['ignore', 'inherit', 'pipe', 'ipc'] })
    villager.process = child
    createInterface({ input: child.stderr! }).on('line', (line) => this.keepLine(villager, line))
    child.on('message', (news: News) => {
      villager.news.push(news)
      this.look()
    })
    child.on('exit', (code, signal) => {
      if (villager.process === child) villager.process = undefined
      if (signal !== 'SIGKILL' && !this.isOver) {
        const how = signal ?? String(code)
        if (ended === undefined) this.failure = new Error(`a peer has ended with ${how}: see what it wrote above`)
        else ended(villager, how)
      }
      this.look()
    })
  }

  tell(villager: Villager, command: Command): void {
    // One that dies meanwhile hears nothing.
    villager.process?.send(command, () => undefined)
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

  private keepLine({ lines }: Villager, line: string): void {
    // Where its end is not looked after, it must be seen.
    if (this.options.ended === undefined) process.stderr.write(`${line}\n`)
    lines.push(line)
    if (lines.length > LINES_KEPT) lines.shift()
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
