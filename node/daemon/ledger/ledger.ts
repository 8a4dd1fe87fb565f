import { contentId } from '../../../src/identity/index.js'
import type { SentLater, Served, Transport, WireTraffic } from '../../../src/network/index.js'

import { kindOf } from '../explain.js'
import type { LedgerEntry } from './entry.js'
import { LedgerFile } from './ledger-file.js'
import type { Crash, LedgerFileOptions } from './ledger-file.js'
import { addTraffic, leastTraffic, NO_TRAFFIC, Totals, wireLines } from './totals.js'
import type { LedgerTotal, WireLine } from './totals.js'

/** Entries in memory, and those of them of which the content is kept, too: about five minutes of a busy cluster. */
const ENTRIES_KEPT = 4000
/** Bytes of kept content; the oldest go first. */
const CONTENT_KEPT_BYTES = 8 << 20

export interface LedgerOptions {
  /** Milliseconds since 1970. */
  readonly now: () => number
  /** What content of so many bytes is. */
  readonly nameContent: (bytes: number) => string
}

export interface EntryFilter {
  readonly limit: number
  readonly kind?: string | undefined
  /** Milliseconds since 1970. */
  readonly since?: number | undefined
}

/** What has left, over all runs of the node. */
export interface LedgerReport {
  /** Totals cover everything from then on, but for the last moments before a crash. Milliseconds since 1970. */
  readonly since: number
  readonly runs: number
  readonly crashes: readonly Crash[]
  /** No entry from then on is missing. */
  readonly entriesSince: number
  readonly totals: readonly LedgerTotal[]
  /** Everything that the sockets sent, in lines that add up to `sentBytes`. */
  readonly wire: readonly WireLine[]
  /** Bytes that others pulled from here. */
  readonly servedBytes: number
  readonly sentBytes: number
}

/**
 * Every byte that leaves a node. What it means to say is written down entry by entry where it passes, for the protocol has no other way
 * out; what the transport adds to that is counted at the sockets.
 */
export class Ledger {
  readonly #now
  readonly #nameContent
  readonly #begun: number
  #next = 1
  #entries: LedgerEntry[] = []
  #file: LedgerFile | undefined
  readonly #run = new Totals()
  #all = new Totals()
  #wire: (() => WireTraffic) | undefined
  readonly #contents = new Map<number, Uint8Array>()
  #contentBytes = 0
  #receivedBytes = 0

  /** A ledger in memory. */
  constructor({ now, nameContent }: LedgerOptions) {
    this.#now = now
    this.#nameContent = nameContent
    this.#begun = now()
  }

  /** A ledger that goes on where the last run ended, and writes down what leaves in this one. */
  static async open(options: LedgerOptions & LedgerFileOptions): Promise<Ledger> {
    const ledger = new Ledger(options)
    const { file, entries } = await LedgerFile.open(options)
    ledger.#file = file
    ledger.#next = file.next
    ledger.#entries = entries.slice(-ENTRIES_KEPT)
    ledger.#all = new Totals(file.before.totals)
    await file.start(() => ({ totals: ledger.#all.list(), wire: ledger.#traffic() }))
    return ledger
  }

  /** This run's bytes, payload and all. */
  traffic(): { readonly bytesSent: number, readonly bytesReceived: number } {
    return { bytesSent: (this.#wire?.() ?? leastTraffic(this.#run)).socketBytes, bytesReceived: this.#receivedBytes }
  }

  report(): LedgerReport {
    const wire = wireLines(this.#traffic(), this.#all)
    return {
      since: this.#file?.since ?? this.#begun,
      runs: this.#file?.runs ?? 1,
      crashes: this.#file?.crashes ?? [],
      entriesSince: this.#file?.completeSince ?? this.#entries[0]?.time ?? this.#begun,
      totals: this.#all.list(),
      wire,
      servedBytes: this.#all.sentBytes('pulled'),
      sentBytes: wire.reduce((sum, { bytes }) => sum + bytes, 0),
    }
  }

  /** The newest entries, oldest first; from disk where memory does not go back far enough. */
  async entries({ limit, kind, since = 0 }: EntryFilter): Promise<LedgerEntry[]> {
    const wanted = (entry: LedgerEntry): boolean => (kind === undefined || entry.kind === kind) && entry.time >= since
    const found = this.#entries.filter(wanted)
    const oldest = this.#entries[0]
    const older = this.#file && oldest && oldest.number > 1 && oldest.time >= since && found.length < limit
      ? (await this.#file.read()).filter((entry) => entry.number < oldest.number && wanted(entry))
      : []
    return limit === 0 ? [] : [...older, ...found].slice(-limit)
  }

  /** What an entry of this run consisted of, while it is kept. */
  content(entry: LedgerEntry): Uint8Array | undefined {
    return this.#contents.get(entry.number)
  }

  /** A transport that writes down what passes. */
  watch(transport: Transport): Transport {
    return {
      self: transport.self,
      publish: async (topic, message) => {
        const recipients = await transport.publish(topic, message)
        this.#addMessage({ topic, message, recipients })
        return recipients
      },
      subscribe: (topic, receive) => transport.subscribe(topic, (message, from) => {
        this.#receivedBytes += message.length
        receive(message, from)
      }),
      offer: (bytes) => {
        const id = transport.offer(bytes)
        this.#add({ action: 'offered', kind: this.#nameContent(bytes.length), to: '', recipients: 0, bytes: bytes.length, hash: id })
        return id
      },
      offerStored: (id, load) => transport.offerStored(id, load),
      withdraw: (id) => transport.withdraw(id),
      pull: async (id, holders, options) => {
        const bytes = await transport.pull(id, holders, options)
        this.#receivedBytes += bytes.length
        return bytes
      },
      rate: (peer, reputation) => transport.rate(peer, reputation),
    }
  }

  /** For the transport: what others pull, and what was only sent when it was tried again. */
  readonly onServed = ({ peer, content, contentBytes, bytes }: Served): void => {
    this.#add({ action: 'pulled', kind: this.#nameContent(contentBytes), to: peer, recipients: 1, bytes, hash: content, contentBytes })
  }

  readonly onSentLater = (sent: SentLater): void => this.#addMessage(sent)

  /** Takes the sockets' figures from here on. @param wire - bytes since the start of this run */
  followWire(wire: () => WireTraffic): void {
    this.#wire = wire
  }

  /** Writes what is not yet on disk. */
  async close(): Promise<void> {
    await this.#file?.close()
  }

  /** Of all runs. */
  #traffic(): WireTraffic {
    return addTraffic(this.#file?.before.wire ?? NO_TRAFFIC, this.#wire?.() ?? leastTraffic(this.#run))
  }

  #addMessage({ topic, message, recipients }: SentLater): void {
    this.#add({ action: 'sent', kind: kindOf(message), to: topic, recipients, bytes: message.length, hash: contentId(message) }, message)
  }

  #add(what: Omit<LedgerEntry, 'number' | 'time'>, content?: Uint8Array): void {
    const entry = { number: this.#next++, time: this.#now(), ...what }
    this.#entries.push(entry)
    if (content) {
      this.#contents.set(entry.number, content)
      this.#contentBytes += content.length
    }
    this.#forget()
    this.#run.add(entry)
    this.#all.add(entry)
    this.#file?.add(entry)
  }

  #forget(): void {
    if (this.#entries.length > 2 * ENTRIES_KEPT) this.#entries = this.#entries.slice(-ENTRIES_KEPT)
    for (const [number, content] of this.#contents) {
      if (this.#contentBytes <= CONTENT_KEPT_BYTES && this.#contents.size <= ENTRIES_KEPT) break
      this.#contents.delete(number)
      this.#contentBytes -= content.length
    }
  }
}
