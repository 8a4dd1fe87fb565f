import { decodeClusterHeader } from '../../src/rounds/records/record-bytes.js'
import type { ClusterHeader } from '../../src/rounds/records/cluster-record.js'
import type { RoundEvents, RoundStore } from '../../src/rounds/index.js'
import { openStore } from '../../src/store/index.js'
import { DyingDisk } from '../store/dying-disk.js'
import type { Change, Death } from '../store/dying-disk.js'

import { Sayings } from './sayings.js'
import { createVillage } from './village.js'
import type { Village, VillageOptions, Villager } from './village.js'

/** Deaths that are tried in each test: all of them with MESHWRIGHT_EVERY_WRITE=1, else so many, evenly spaced. */
export const SAMPLE = process.env['MESHWRIGHT_EVERY_WRITE'] === '1' ? Infinity : 60

/** How long a peer that has died stays away: shorter than the others take to go on without it, or longer. Virtual milliseconds. */
export const ABSENCES = [200, 9000]

/** A village whose first peer lives on a real store, dies where it is told to, and is started again from what its disk then holds. */
export interface MortalVillage {
  readonly village: Village
  /** The first peer. */
  readonly victim: Villager
  readonly sayings: Sayings
  /** Changes of the disk in the life that goes on, up to now. */
  readonly changes: readonly Change[]
  readonly isDead: boolean
  /** What was found wrong when it came back. */
  readonly problems: string[]
  /** All start, the victim last. */
  begin(death?: Death): Promise<void>
  /** Notes how many changes of the disk there have been each time that something happens to the victim. */
  mark(name: keyof RoundEvents): readonly number[]
  /** The victim leaves for good, unless it dies before it has said so. */
  leave(): Promise<void>
  /** Where the victim has died or left the others live on without it for so long, and then it is started again. */
  bringBack(absence: number): Promise<void>
  /** What must not be, whatever has happened. */
  broken(): string[]
}

export async function createMortalVillage(options: VillageOptions): Promise<MortalVillage> {
  const disk = new DyingDisk()
  const problems: string[] = []
  const life: { store?: RoundStore, isDead: boolean, started: Promise<void> } = { isDead: false, started: Promise.resolve() }
  const own: RoundStore = {
    writeState: (name, version, value) => life.store!.writeState(name, version, value),
    readState: (name, reading) => life.store!.readState(name, reading),
    putBlob: (bytes) => life.store!.putBlob(bytes),
    getBlob: (id) => life.store!.getBlob(id),
    deleteBlob: (id) => life.store!.deleteBlob(id),
  }
  const heard: Sayings[] = []
  const village = await createVillage({
    ...options,
    peer: (index) => (index === 0 ? { store: own } : {}),
    between: (index, transport) => (index === 0 ? heard[0]!.between(transport) : transport),
  })
  const victim = village.villagers[0]!
  const sayings = new Sayings(victim.id)
  heard.push(sayings)
  return {
    village, victim, sayings, problems,
    get changes() { return disk.changes },
    get isDead() { return life.isDead },
    async begin(death) {
      for (const { index } of village.villagers.slice(1)) await village.start(index)
      const files = disk.boot(death, () => {
        life.isDead = true
        village.network.kill(victim.id)
      })
      // It may die while it opens its store or starts, and then neither ever ends.
      life.started = openStore('/data', { files }).then(async (opened) => {
        life.store = opened
        await village.start(0)
      })
    },
    mark(name) {
      const marks: number[] = []
      victim.peer.events.on(name, () => { marks.push(disk.changes.length) })
      return marks
    },
    async leave() {
      let hasLeft = false
      victim.peer.stop({ leave: true }).then(() => { hasLeft = true }, (error: unknown) => { throw error })
      await village.clock.runUntil(() => life.isDead || hasLeft, 60_000)
      life.isDead = true
      village.network.kill(victim.id)
    },
    async bringBack(absence) {
      if (!life.isDead) return life.started
      // What is left of the dead process: its timers.
      if (victim.happened.length > 0) victim.peer.stop().catch((error: unknown) => { throw error })
      await village.clock.advance(absence)
      life.store = await openStore('/data', { files: disk.boot() })
      await village.revive(0)
      const { cluster, round } = victim.peer.status()
      const told = sayings.rounds.get(cluster) ?? 0
      if (round - 1 < told - 1) problems.push(`holds round ${round - 1} of ${cluster} after it had told of round ${told}`)
    },
    broken() {
      const seen = village.villagers.flatMap((villager) => [
        ...villager.of('peer:cheated').map(({ peer, round }) => `${villager.index} has seen ${peer === victim.id ? 'the one that died' : 'another'} cheat in round ${round}`),
        ...villager.of('peer:troubled').map(({ what }) => `${villager.index} was troubled: ${what}`),
      ])
      return [...problems, ...sayings.contradictions, ...brokenPledges(sayings, village), ...rivals(village), ...seen]
    },
  }
}

/** Every death there is: before each change, and in the middle of each write. */
export function deathsIn(changes: readonly Change[]): Death[] {
  return changes.flatMap((kind, change) => [{ change, half: false }, ...kind === 'write' ? [{ change, half: true }] : []])
}

/** Which of some deaths are tried: some close to some changes, and some of the others. */
export function deathsAround(all: readonly Death[], marks: readonly number[], others: number): Death[] {
  if (SAMPLE === Infinity) return [...all]
  const isClose = ({ change }: Death): boolean => marks.some((mark) => Math.abs(change - mark) <= CLOSE)
  const close = all.filter(isClose)
  return [...spaced(close, SAMPLE / 3), ...spaced(all.filter((death) => !isClose(death)), others)]
}

/** Changes of the disk before and after something happens that belong to it: writing a file takes six. */
const CLOSE = 30

function spaced<T>(all: readonly T[], count: number): T[] {
  return count >= all.length ? [...all] : Array.from({ length: count }, (_, at) => all[Math.floor(at * all.length / count)]!)
}

/** Full records of one round that differ. */
function rivals({ villagers }: Village): string[] {
  const known = new Map<string, string>()
  return villagers.flatMap((villager) => [
    ...villager.of('record:committed').filter(({ provisional }) => !provisional).map(({ cluster, round, record }) => ({ of: `${cluster} ${round}`, record })),
    ...villager.of('upper:committed').map(({ cluster, round, record }) => ({ of: `${cluster} ${round}`, record })),
  ]).filter(({ of, record }) => {
    const first = known.get(of) ?? record
    known.set(of, first)
    return first !== record
  }).map(({ of }) => `two full records: ${of}`)
}

/** Provisional records from one base, of different agreements and none before the other, to both of which the peer said that it is free. */
function brokenPledges({ free }: Sayings, { villagers }: Village): string[] {
  const headers = new Map<string, ClusterHeader>()
  for (const { store: { blobs } } of villagers.slice(1)) {
    for (const { record } of free) {
      for (let at: string | null = record; at !== null && !headers.has(at);) {
        const bytes = blobs.get(at)
        if (bytes === undefined) break
        headers.set(at, decodeClusterHeader(bytes).record)
        at = headers.get(at)!.parent
      }
    }
  }
  const leadsTo = (from: string, to: string): boolean => {
    for (let at: string | null = to; at !== null; at = headers.get(at)?.parent ?? null) if (at === from) return true
    return false
  }
  return free.flatMap((one, at) => free.slice(at + 1).filter((other) => {
    const base = headers.get(one.record)?.base?.record
    if (base === undefined || base !== headers.get(other.record)?.base?.record || one.instance === other.instance) return false
    return !leadsTo(one.record, other.record) && !leadsTo(other.record, one.record)
  }).map((other) => `free for ${one.record.slice(0, 12)} and for ${other.record.slice(0, 12)}`))
}
