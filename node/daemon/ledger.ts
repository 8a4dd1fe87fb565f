import { contentId } from '../../src/identity/index.js'
import type { Transport } from '../../src/network/index.js'
import type { Metrics } from '../../src/telemetry/index.js'

import { kindOf } from './explain.js'

/** Entries of which the content is kept, too: about five minutes of a busy cluster. */
const ENTRIES_KEPT = 4000
/** Bytes of kept content; the oldest go first. */
const CONTENT_KEPT_BYTES = 8 << 20

/** The transport's count of what others pulled from here. */
const SERVED_BYTES = 'network_pull_sent_bytes_total'

/** Something that left this node, or that others may now pull from it. */
export interface LedgerEntry {
  readonly number: number
  /** Milliseconds since 1970. */
  readonly time: number
  /** `sent` by gossip to so many peers, or `offered` for others to pull. */
  readonly action: 'sent' | 'offered'
  /** What it is: `heartbeat`, `manifest`, `votes`, ... for messages, `delta`, `checkpoint` or `record` for content. */
  readonly kind: string
  /** The topic of a message; empty for content. */
  readonly to: string
  readonly recipients: number
  readonly bytes: number
  readonly hash: string
}

export interface LedgerTotal {
  readonly kind: string
  readonly action: LedgerEntry['action']
  readonly count: number
  /** Bytes of one copy of each. */
  readonly bytes: number
  /** Bytes times recipients for messages; for content see `servedBytes`. */
  readonly sentBytes: number
}

/** Every byte that leaves a node, counted where it passes: the protocol has no other way out. */
export class Ledger {
  #next = 1
  #entries: LedgerEntry[] = []
  readonly #totals = new Map<string, LedgerTotal>()
  readonly #contents = new Map<number, Uint8Array>()
  #contentBytes = 0
  #servedBytes = 0
  #receivedBytes = 0

  /** @param nameContent - what content of so many bytes is */
  constructor(private readonly now: () => number, private readonly nameContent: (bytes: number) => string) {}

  /** Bytes that others pulled from here. */
  get servedBytes(): number { return this.#servedBytes }
  get sentBytes(): number {
    return this.#servedBytes + [...this.#totals.values()].reduce((sum, total) => sum + total.sentBytes, 0)
  }

  get receivedBytes(): number { return this.#receivedBytes }

  totals(): LedgerTotal[] {
    return [...this.#totals.values()].sort((x, y) => y.sentBytes - x.sentBytes || y.bytes - x.bytes)
  }

  /** The newest entries, oldest first. */
  entries(limit: number, kind?: string): LedgerEntry[] {
    return this.#entries.filter((entry) => kind === undefined || entry.kind === kind).slice(-limit)
  }

  /** What an entry consisted of, while it is kept. */
  content(entry: LedgerEntry): Uint8Array | undefined {
    return this.#contents.get(entry.number)
  }

  /** A transport that writes down what passes. */
  watch(transport: Transport): Transport {
    return {
      self: transport.self,
      publish: async (topic, message) => {
        const recipients = await transport.publish(topic, message)
        this.#add({ action: 'sent', kind: kindOf(message), to: topic, recipients, bytes: message.length, hash: contentId(message) }, message)
        return recipients
      },
      subscribe: (topic, receive) => transport.subscribe(topic, (message, from) => {
        this.#receivedBytes += message.length
        receive(message, from)
      }),
      offer: (bytes) => {
        const id = transport.offer(bytes)
        this.#add({ action: 'offered', kind: this.nameContent(bytes.length), to: '', recipients: 0, bytes: bytes.length, hash: id })
        return id
      },
      withdraw: (id) => transport.withdraw(id),
      pull: async (id, holders, options) => {
        const bytes = await transport.pull(id, holders, options)
        this.#receivedBytes += bytes.length
        return bytes
      },
      rate: (peer, reputation) => transport.rate(peer, reputation),
    }
  }

  /** Metrics that tell the ledger how many bytes of offered content others pulled. */
  watchMetrics(metrics: Metrics): Metrics {
    return {
      ...metrics,
      counter: (options) => {
        const counter = metrics.counter(options)
        if (options.name !== SERVED_BYTES) return counter
        return {
          add: (value = 1, labels = {}) => {
            this.#servedBytes += value
            counter.add(value, labels)
          },
        }
      },
    }
  }

  #add(what: Omit<LedgerEntry, 'number' | 'time'>, content?: Uint8Array): void {
    const entry = { number: this.#next++, time: this.now(), ...what }
    this.#entries.push(entry)
    if (content) {
      this.#contents.set(entry.number, content)
      this.#contentBytes += content.length
    }
    this.#forget()
    const key = `${what.action} ${what.kind}`
    const total = this.#totals.get(key)
    this.#totals.set(key, {
      kind: what.kind,
      action: what.action,
      count: (total?.count ?? 0) + 1,
      bytes: (total?.bytes ?? 0) + what.bytes,
      sentBytes: (total?.sentBytes ?? 0) + what.bytes * what.recipients,
    })
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
