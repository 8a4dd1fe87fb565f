import test from 'ava'

import { decodeClusterHeader } from '../../src/rounds/records/record-bytes.js'
import type { ClusterHeader } from '../../src/rounds/records/cluster-record.js'
import type { RoundPolicy, RoundStore } from '../../src/rounds/index.js'
import { openStore } from '../../src/store/index.js'
import { DyingDisk } from '../store/dying-disk.js'
import type { Change, Death } from '../store/dying-disk.js'

import { Sayings } from './sayings.js'
import { createVillage } from './village.js'
import type { Village } from './village.js'

/** Rounds in which the peer may die. */
const ROUNDS = 3

/** Deaths that are tried in each test: all of them with MESHWRIGHT_EVERY_WRITE=1, else so many, evenly spaced. */
const SAMPLE = process.env['MESHWRIGHT_EVERY_WRITE'] === '1' ? Infinity : 60

/** How long a peer that has died stays away: shorter than the others take to go on without it, or longer. Virtual milliseconds. */
const ABSENCES = [200, 9000]

interface Setting {
  readonly domains: readonly string[]
  readonly policy?: Partial<RoundPolicy>
}

interface Life {
  readonly changes: readonly Change[]
  readonly problems: readonly string[]
}

/** The first villager lives on a real store, dies where it is told to, and is started again from what its disk then holds. */
async function live({ domains, policy }: Setting, death: Death | undefined, absence: number): Promise<Life> {
  const problems: string[] = []
  const disk = new DyingDisk()
  let store: RoundStore | undefined
  const fate = { isDead: false }
  const own: RoundStore = {
    writeState: (name, version, value) => store!.writeState(name, version, value),
    readState: (name, options) => store!.readState(name, options),
    putBlob: (bytes) => store!.putBlob(bytes),
    getBlob: (id) => store!.getBlob(id),
    deleteBlob: (id) => store!.deleteBlob(id),
  }
  const sayings: Sayings[] = []
  const village = await createVillage({
    domains,
    policy: { upperEvery: 1, ...policy },
    peer: (index) => (index === 0 ? { store: own } : {}),
    between: (index, transport) => (index === 0 ? sayings[0]!.between(transport) : transport),
  })
  const { clock, network, villagers: [victim] } = village
  const others = village.villagers.slice(1).map(({ index }) => index)
  sayings.push(new Sayings(victim!.id))

  for (const index of others) await village.start(index)
  const files = disk.boot(death, () => {
    fate.isDead = true
    network.kill(victim!.id)
  })
  // It may die while it opens its store or starts, and then neither ever ends.
  const started = openStore('/data', { files }).then(async (opened) => {
    store = opened
    await village.start(0)
  })
  await clock.runUntil(() => fate.isDead || village.villagers.every(({ index, peer }) => index === 0 ? victim!.of('record:committed').some(({ round }) => round >= ROUNDS) : peer.status().round > ROUNDS), 200_000)
  const changes = [...disk.changes]
  if (!fate.isDead) await started
  if (fate.isDead) {
    // What is left of the dead process: its timers.
    if (victim!.happened.length > 0) victim!.peer.stop().catch((error: unknown) => { throw error })
    await clock.advance(absence)
    const told = sayings[0]!.round
    store = await openStore('/data', { files: disk.boot() })
    await village.revive(0)
    const { round } = victim!.peer.status()
    if (round - 1 < told - 1) problems.push(`holds round ${round - 1} after it had told of round ${told}`)
  }
  const goal = Math.max(...village.villagers.map(({ peer }) => peer.status().round)) + 1
  if (!await village.untilRound(goal, undefined, 120_000)) problems.push(`rounds ${village.villagers.map(({ peer }) => peer.status().round).join()} with phases ${village.villagers.map(({ peer }) => peer.status().phase).join()}: not all have come to round ${goal}`)
  problems.push(...sayings[0]!.contradictions, ...brokenPledges(sayings[0]!, village), ...rivals(village))
  for (const villager of village.villagers) {
    for (const { peer, round } of villager.of('peer:cheated')) problems.push(`${villager.index} has seen ${peer === victim!.id ? 'the one that died' : 'another'} cheat in round ${round}`)
    for (const { what } of villager.of('peer:troubled')) problems.push(`${villager.index} was troubled: ${what}`)
  }
  await village.stop()
  return { changes, problems }
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

/** Every death there is: before each change, and in the middle of each write. */
function deathsIn(changes: readonly Change[]): Death[] {
  return changes.flatMap((kind, change) => [{ change, half: false }, ...kind === 'write' ? [{ change, half: true }] : []])
}

function spaced<T>(all: readonly T[], count: number): T[] {
  return count >= all.length ? [...all] : Array.from({ length: count }, (_, at) => all[Math.floor(at * all.length / count)]!)
}

for (const [name, setting] of [
  ['one of four', { domains: ['verilog', 'verilog', 'verilog', 'verilog'] }],
  ['one of two clusters of three', { domains: ['verilog', 'verilog', 'verilog', 'qasm', 'qasm', 'qasm'] }],
  ['one of seven whose cluster splits', { domains: Array<string>(7).fill('verilog'), policy: { clusterMinimum: 2, clusterMaximum: 6 } }],
  ['one of eight whose cluster splits', { domains: Array<string>(8).fill('verilog'), policy: { clusterMinimum: 2, clusterMaximum: 7 } }],
] as readonly (readonly [string, Setting])[]) {
  test(`${name} dies at any write, starts again from its disk, contradicts nothing and goes on`, async (t) => {
    t.timeout(3_600_000)
    const undisturbed = await live(setting, undefined, 0)
    t.deepEqual(undisturbed.problems, [])
    const deaths = spaced(deathsIn(undisturbed.changes), setting.policy === undefined || SAMPLE === Infinity ? SAMPLE : SAMPLE / 2)
    t.log(`${deaths.length} of ${deathsIn(undisturbed.changes).length} deaths`)
    for (const [at, death] of deaths.entries()) {
      const { problems } = await live(setting, death, ABSENCES[at % ABSENCES.length]!)
      t.deepEqual(problems, [], `death ${death.half ? 'in the middle of' : 'before'} change ${death.change}, a ${undisturbed.changes[death.change]!}`)
    }
  })
}
