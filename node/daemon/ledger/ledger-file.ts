import * as z from 'zod'

import type { WireTraffic } from '../../../src/network/index.js'
import type { Store } from '../../../src/store/index.js'
import type { Clock, Logger } from '../../../src/telemetry/index.js'

import { fromStored, toStored } from './entry.js'
import type { LedgerEntry } from './entry.js'
import { addTraffic, leastTraffic, NO_TRAFFIC, Totals, totalsSchema, wireSchema } from './totals.js'
import type { LedgerTotal } from './totals.js'

const NAME = 'outgoing'
const VERSION = 1

/** Entries and totals are written so often; a crash loses at most what is younger. Milliseconds. */
export const WRITE_EVERY_MS = 5000
/** Entries on disk: 70,000, or 90 minutes of a busy cluster, read in half a second. The log is cut to its newer half where it would grow beyond. */
const MAXIMUM_BYTES = 8 << 20
/** Entries that wait while the disk is full; the oldest go first. */
const WAITING = 4000
/** Crashes that are remembered. */
const CRASHES = 20

/** A run that ended without notice: what left in its last moments is missing from the totals. Milliseconds since 1970. */
export interface Crash {
  /** When the totals were last written. */
  readonly written: number
  /** When the node was started again. */
  readonly restarted: number
}

/** What is durable besides the entries. */
export interface Summary {
  readonly totals: readonly LedgerTotal[]
  readonly wire: WireTraffic
}

const time = z.int().min(0)
const number = z.int().min(1).max(2 ** 44)
const stateSchema = z.strictObject({
  since: time, written: time, next: number, unbroken: number, runs: number, ended: z.boolean(), totals: totalsSchema, wire: wireSchema,
  crashes: z.array(z.strictObject({ written: time, restarted: time })),
})
/**
 * `totals` and `wire` hold what has left up to entry `next`, which is not among it, and from entry `unbroken` on none was missing at
 * `written`. `ended` only where the run came to its end.
 */
type State = z.infer<typeof stateSchema>

export interface LedgerFileOptions {
  readonly store: Pick<Store, 'readState' | 'readLog' | 'writeState' | 'appendLog'>
  readonly clock: Clock
  readonly log: Logger
  /** Milliseconds since 1970. */
  readonly now: () => number
  /** The log's bound; default 8 MiB. */
  readonly maximumBytes?: number
}

/** The ledger on disk. It never fails and never makes anybody wait: what cannot be written stays in memory, and that is said once. */
export class LedgerFile {
  #waiting: LedgerEntry[] = []
  /** The first entry of each write that is in the log, oldest first; 0 where it cannot be read. */
  readonly #writes: { readonly number: number, readonly time: number }[] = []
  #next: number
  #unbroken: number
  #warned = false
  #closed = false
  #writing: Promise<void> = Promise.resolve()
  #cancel: () => void = () => undefined
  #summary: () => Summary = () => ({ totals: [], wire: NO_TRAFFIC })

  private constructor(private readonly options: LedgerFileOptions, private readonly state: State) {
    this.#next = state.next
    this.#unbroken = state.unbroken
  }

  /**
   * Reads what earlier runs wrote. Damage is moved aside by the store, and reported; the ledger goes on with what is left.
   *
   * @returns the file, and its newest entries, oldest first
   */
  static async open(options: LedgerFileOptions): Promise<{ readonly file: LedgerFile, readonly entries: readonly LedgerEntry[] }> {
    const { store, log, now } = options
    const batches = await readBatches(store, log)
    const entries = batches.flat()
    const next = entries.reduce((largest, { number }) => Math.max(largest, number), 0) + 1
    const fresh: State = { since: now(), written: now(), next, unbroken: 1, runs: 0, ended: true, totals: [], wire: NO_TRAFFIC, crashes: [] }
    const before = await readState(store, log) ?? fresh
    const file = new LedgerFile(options, carriedOn(before, entries, next, now()))
    for (const [first] of batches) file.#writes.push({ number: first?.number ?? 0, time: first?.time ?? 0 })
    file.#findBreak(entries)
    // What a crash kept from being written left no gap in the numbers.
    if (!before.ended) file.#unbroken = file.#next
    return { file, entries }
  }

  /** Since when there is a ledger; milliseconds since 1970. */
  get since(): number { return this.state.since }
  get runs(): number { return this.state.runs }
  get crashes(): readonly Crash[] { return this.state.crashes }
  /** The number that the next entry gets. */
  get next(): number { return this.#next }
  /** The sums of earlier runs. */
  get before(): Summary { return this.state }

  /** From when on no entry is missing, neither lost nor cut; milliseconds since 1970. */
  get completeSince(): number {
    if (this.#unbroken === 1 && (this.#writes[0]?.number ?? 1) === 1) return this.since
    return [...this.#writes, ...this.#waiting].find(({ number }) => number >= this.#unbroken)?.time ?? this.options.now()
  }

  /** Begins to write at intervals. @param summary - the sums of all runs */
  async start(summary: () => Summary): Promise<void> {
    this.#summary = summary
    await this.#write(false)
    this.#schedule()
  }

  add(entry: LedgerEntry): void {
    this.#next = entry.number + 1
    this.#waiting.push(entry)
    if (this.#waiting.length <= 2 * WAITING) return
    this.#waiting = this.#waiting.slice(-WAITING)
    this.#unbroken = this.#waiting[0]!.number
  }

  /** All entries that are on disk, oldest first. */
  async read(): Promise<LedgerEntry[]> {
    return (await readBatches(this.options.store, this.options.log)).flat()
  }

  async close(): Promise<void> {
    this.#closed = true
    this.#cancel()
    await this.#writing
    await this.#write(true)
  }

  #schedule(): void {
    if (this.#closed) return
    this.#cancel = this.options.clock.after(WRITE_EVERY_MS, () => {
      this.#writing = this.#write(false).then(() => this.#schedule())
    })
  }

  /** Entries first: totals that lag are made up for from the entries, but not the other way round. */
  async #write(ended: boolean): Promise<void> {
    const { store, log, now, maximumBytes = MAXIMUM_BYTES } = this.options
    const { totals, wire } = this.#summary()
    try {
      // Taken together: the totals hold just what comes before `next`.
      const state: State = { ...this.state, totals: [...totals], wire, next: this.#next, unbroken: this.#unbroken, written: now(), ended }
      const entries = this.#waiting.map(toStored)
      const [first, last] = [this.#waiting[0], this.#waiting.at(-1)]
      if (first && last) {
        const cut = await store.appendLog(NAME, entries, { maximumBytes })
        this.#writes.splice(0, cut)
        this.#writes.push({ number: first.number, time: first.time })
        this.#waiting = this.#waiting.filter(({ number }) => number > last.number)
      }
      await store.writeState(NAME, VERSION, state)
    } catch (error) {
      if (!this.#warned) log.warn('what leaves the node cannot be written to disk: it is kept in memory until it can, and lost where the node ends before', { error })
      this.#warned = true
    }
  }

  /** Says it once where entries are missing: lost with a damaged file, or on a full disk. */
  #findBreak(entries: readonly LedgerEntry[]): void {
    let expected = entries[0]?.number ?? 1
    let missing = 0
    for (const number of [...entries.map((entry) => entry.number), this.#next]) {
      if (number > expected && number > this.state.unbroken) {
        missing += number - expected
        this.#unbroken = number
      }
      expected = number + 1
    }
    if (missing > 0) this.options.log.warn('entries of what has left the node are missing on disk; the totals are not affected. If the disk damaged them, corrupted/ in the data folder holds a copy', { entries: missing })
  }
}

/** The state of a new run: a run before that did not end left entries that its last totals lack. */
function carriedOn(before: State, entries: readonly LedgerEntry[], next: number, now: number): State {
  const late = new Totals()
  const totals = new Totals(before.totals)
  for (const entry of entries.filter(({ number }) => number >= before.next)) {
    totals.add(entry)
    late.add(entry)
  }
  return {
    ...before,
    next: Math.max(before.next, next),
    runs: before.runs + 1,
    totals: totals.list(),
    wire: addTraffic(before.wire, leastTraffic(late)),
    crashes: before.ended ? before.crashes : [...before.crashes, { written: before.written, restarted: now }].slice(-CRASHES),
  }
}

async function readBatches(store: LedgerFileOptions['store'], log: Logger): Promise<LedgerEntry[][]> {
  const batches = await store.readLog(NAME).catch((error: unknown) => {
    log.warn('the entries of what has left the node could not be read', { error })
    return []
  })
  return batches.map(fromStored)
}

async function readState(store: LedgerFileOptions['store'], log: Logger): Promise<State | undefined> {
  try {
    const value = await store.readState(NAME, { version: VERSION })
    return value === undefined ? undefined : stateSchema.parse(value)
  } catch (error) {
    log.warn('the totals of what has left the node could not be read and start anew', { error })
    return undefined
  }
}
