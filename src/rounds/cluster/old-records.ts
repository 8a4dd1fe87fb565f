import type { ContentId } from '../../network/index.js'
import type { Clock } from '../../telemetry/index.js'
import type { Context } from '../context.js'
import type { Stored } from '../records/cluster-record.js'
import { decodeClusterBody } from '../records/record-bytes.js'

/** What all records have that follow each other. */
export interface Linked {
  readonly round: number
  readonly parent: ContentId | null
  /** The hash of the body, where a record has one. */
  readonly body?: ContentId
}

/** A record of which only its place is known here: some 250 bytes of memory, 15 MB for a year of rounds of ten minutes. */
export interface Placed {
  readonly id: ContentId
  readonly round: number
  readonly body?: ContentId | undefined
}

/** Records that are looked at in one go while those on disk are found, and how long others then have their turn. */
const SLICE = 64
const PAUSE_MS = 20

/**
 * Records of a chain that are on disk and no longer in memory. They are offered all the same, and loaded when somebody asks: whoever joins verifies the
 * chain from its beginning. Nothing else on the disk can be had by way of them: only records of the chain are offered, and what is loaded must read as one.
 */
export class OldRecords<Header extends Linked> {
  private readonly known = new Map<ContentId, Placed>()

  constructor(private readonly context: Context, private readonly decode: (bytes: Uint8Array) => Stored<Header>) {}

  has(id: ContentId): boolean {
    return this.known.has(id)
  }

  add({ id, round, body }: Placed): void {
    const { transport } = this.context
    this.known.set(id, { id, round, body })
    transport.offerStored(id, this.loadHeader)
    if (body !== undefined) transport.offerStored(body, this.loadBody)
  }

  /** The oldest first. */
  after(round: number): Placed[] {
    return [...this.known.values()].filter((one) => one.round > round).sort((a, b) => a.round - b.round)
  }

  /** A part of the chain has given way: it is offered no more. */
  dropAfter(round: number): void {
    const { transport } = this.context
    for (const { id, body } of this.after(round)) {
      this.known.delete(id)
      transport.withdraw(id)
      if (body !== undefined) transport.withdraw(body)
    }
  }

  /** Undefined also where the disk has lost it. */
  async load(id: ContentId): Promise<Stored<Header> | undefined> {
    if (!this.known.has(id)) return undefined
    const bytes = await this.loadHeader(id).catch(() => undefined)
    return bytes === undefined ? undefined : this.decode(bytes)
  }

  /** Finds the records that an earlier life has left on disk, from one of them back to the first, a few at a time. Ends early when the peer stops. */
  async find(newest: ContentId | null): Promise<void> {
    const { store, signal, clock } = this.context
    let at = newest
    for (let count = 1; at !== null && !signal.aborted; count++) {
      const bytes: Uint8Array | undefined = await store.getBlob(at).catch(() => undefined)
      if (bytes === undefined) return
      const { id, record } = this.decode(bytes)
      this.add({ id, round: record.round, body: record.body })
      at = record.parent
      if (count % SLICE === 0) await pause(clock, signal)
    }
  }

  private readonly loadHeader = (id: ContentId): Promise<Uint8Array | undefined> => this.read(id, this.decode)
  private readonly loadBody = (id: ContentId): Promise<Uint8Array | undefined> => this.read(id, decodeClusterBody)

  private async read(id: ContentId, decode: (bytes: Uint8Array) => unknown): Promise<Uint8Array | undefined> {
    const bytes = await this.context.store.getBlob(id)
    if (bytes !== undefined) decode(bytes)
    return bytes
  }
}

function pause(clock: Clock, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = (): void => {
      cancel()
      signal.removeEventListener('abort', end)
      resolve()
    }
    const cancel = clock.after(PAUSE_MS, end)
    signal.addEventListener('abort', end, { once: true })
  })
}
