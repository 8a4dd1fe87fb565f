import { createRandom } from '../../../src/telemetry/index.js'
import type { Random } from '../../../src/telemetry/index.js'

/** What happens to some peers, by their places in the village. Moments are milliseconds from the schedule's begin. */
export type Fault = {
  readonly at: number
  /** By then it is over: a killed peer is started again, a full disk has room. */
  readonly until: number
  readonly peers: readonly number[]
} & (
  | { readonly kind: 'kill' }
  | { readonly kind: 'hang' }
  | { readonly kind: 'disk' }
  | { readonly kind: 'partition', readonly isSilent: boolean }
  | { readonly kind: 'slow', readonly latencyMs: number, readonly bytesPerSecond: number }
  | { readonly kind: 'corrupt', readonly share: number }
  /** Forwards or, with a negative number, backwards; at once. */
  | { readonly kind: 'clock', readonly jumpMs: number }
)
export type FaultKind = Fault['kind']
export const FAULT_KINDS: readonly FaultKind[] = ['kill', 'hang', 'disk', 'partition', 'slow', 'corrupt', 'clock']

export interface Schedule {
  readonly seed: number
  /** It goes on until each cluster has so many more records. */
  readonly rounds: number
  /** By then all faults are over. */
  readonly durationMs: number
  /** In the order in which they begin. */
  readonly faults: readonly Fault[]
}

export interface ScheduleOptions {
  readonly peers: number
  /** About what a round takes without faults. */
  readonly roundMs: number
}

const ROUNDS = { least: 5, most: 7 }
const FAULTS = { least: 3, most: 6 }
const FAULT_MS = { least: 500, most: 12_000 }
/** The last fault begins in this share of the schedule. */
const BEGINS_WITHIN = 0.7
/** How often a fault of one peer's process or disk meets several at once, and how many at the most. */
const SEVERAL_SHARE = 0.4
const SEVERAL_AT_MOST = 4

/** Draws faults; equal seeds give equal schedules. */
export function drawSchedule(seed: number, { peers, roundMs }: ScheduleOptions): Schedule {
  const random = createRandom(seed)
  const rounds = between(random, ROUNDS.least, ROUNDS.most)
  const durationMs = rounds * roundMs
  const faults: Fault[] = []
  for (let left = between(random, FAULTS.least, FAULTS.most); left > 0; left--) faults.push(drawFault(random, faults, peers, durationMs))
  return { seed, rounds, durationMs, faults: faults.sort((one, other) => one.at - other.at) }
}

function drawFault(random: Random, before: readonly Fault[], peers: number, durationMs: number): Fault {
  // Two faults of one process would end each other; each peer has at most one of these in a schedule.
  const struck = new Set(before.filter((fault) => isOfProcess(fault.kind)).flatMap((fault) => fault.peers))
  const drawn = FAULT_KINDS[Math.floor(random() * FAULT_KINDS.length)]!
  const kind = isOfProcess(drawn) && struck.size === peers ? 'slow' : drawn
  const at = between(random, 0, Math.floor(durationMs * BEGINS_WITHIN))
  const until = kind === 'clock' ? at : Math.min(durationMs, at + between(random, FAULT_MS.least, FAULT_MS.most))
  const free = Array.from({ length: peers }, (_, index) => index).filter((index) => !isOfProcess(kind) || !struck.has(index))
  const most = kind === 'partition' ? Math.max(1, peers >> 1) : SEVERAL_AT_MOST
  const count = random() < SEVERAL_SHARE || kind === 'partition' ? between(random, 1, most) : 1
  const timed = { at, until, peers: draw(random, free, kind === 'clock' ? 1 : count) }
  switch (kind) {
    case 'kill':
    case 'hang':
    case 'disk': return { kind, ...timed }
    case 'partition': return { kind, ...timed, isSilent: random() < 0.5 }
    case 'slow': return { kind, ...timed, latencyMs: between(random, 50, 1000), bytesPerSecond: between(random, 4, 64) * 1024 }
    case 'corrupt': return { kind, ...timed, share: between(random, 1, 20) / 100 }
    case 'clock': return { kind, ...timed, jumpMs: (random() < 0.5 ? -1 : 1) * between(random, 1000, 60_000) }
  }
}

function isOfProcess(kind: FaultKind): boolean {
  return kind === 'kill' || kind === 'hang' || kind === 'disk'
}

/** Some of them, sorted. Half of the time neighbours, who are of one cluster. */
function draw(random: Random, from: readonly number[], count: number): number[] {
  if (random() < 0.5) {
    const first = Math.floor(random() * from.length)
    return Array.from({ length: Math.min(count, from.length) }, (_, index) => from[(first + index) % from.length]!).sort((one, other) => one - other)
  }
  const left = [...from]
  return Array.from({ length: Math.min(count, from.length) }, () => left.splice(Math.floor(random() * left.length), 1)[0]!).sort((one, other) => one - other)
}

/** A whole number, both ends included. */
function between(random: Random, least: number, most: number): number {
  return least + Math.floor(random() * (most - least + 1))
}
