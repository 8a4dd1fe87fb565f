import * as z from 'zod'

import type { WireProtocol, WireTraffic } from '../../../src/network/index.js'

import { ACTIONS, count } from './entry.js'
import type { Action, LedgerEntry } from './entry.js'

export interface LedgerTotal {
  readonly kind: string
  readonly action: Action
  readonly count: number
  /** Bytes of one copy of each. */
  readonly bytes: number
  /** Bytes that left: times recipients for messages, 0 for what is only offered. */
  readonly sentBytes: number
}

/** What the sockets sent, as lines that add up to it. */
export interface WireLine {
  readonly name: string
  readonly bytes: number
}

/** 4 PiB: room for as much again. */
const sum = z.int().min(0).max(2 ** 52)
export const totalsSchema = z.array(z.strictObject({ kind: z.string(), action: z.enum(ACTIONS), count, bytes: sum, sentBytes: sum }))

/** Protocols with a line of their own; of gossip and pulls, a part is listed by kind. */
const WHOLE = ['discovery', 'hello', 'identify', 'ping', 'other'] as const
const PROTOCOLS: readonly WireProtocol[] = ['gossip', 'pull', ...WHOLE]
export const wireSchema = z.strictObject({ socketBytes: sum, plainBytes: sum, protocols: z.partialRecord(z.enum(['gossip', 'pull', ...WHOLE]), sum) })

export const NO_TRAFFIC: WireTraffic = { socketBytes: 0, plainBytes: 0, protocols: {} }

/** Sums of entries, by kind. */
export class Totals {
  readonly #byKind = new Map<string, LedgerTotal>()

  constructor(totals: readonly LedgerTotal[] = []) {
    for (const total of totals) this.#byKind.set(keyOf(total), total)
  }

  add({ action, kind, bytes, recipients }: Pick<LedgerEntry, 'action' | 'kind' | 'bytes' | 'recipients'>): void {
    const key = keyOf({ action, kind })
    const before = this.#byKind.get(key)
    this.#byKind.set(key, {
      kind,
      action,
      count: (before?.count ?? 0) + 1,
      bytes: (before?.bytes ?? 0) + bytes,
      sentBytes: (before?.sentBytes ?? 0) + bytes * recipients,
    })
  }

  /** Those that sent most first. */
  list(): LedgerTotal[] {
    return [...this.#byKind.values()].sort((x, y) => y.sentBytes - x.sentBytes || y.bytes - x.bytes)
  }

  sentBytes(action: Action): number {
    return this.list().reduce((sum, total) => sum + (total.action === action ? total.sentBytes : 0), 0)
  }
}

export function addTraffic(x: WireTraffic, y: WireTraffic): WireTraffic {
  const protocols = PROTOCOLS.flatMap((name) => {
    const bytes = (x.protocols[name] ?? 0) + (y.protocols[name] ?? 0)
    return bytes > 0 ? [[name, bytes] as const] : []
  })
  return { socketBytes: x.socketBytes + y.socketBytes, plainBytes: x.plainBytes + y.plainBytes, protocols: Object.fromEntries(protocols) }
}

/** What the entries alone say of the traffic, at least. */
export function leastTraffic(totals: Totals): WireTraffic {
  const [gossip, pull] = [totals.sentBytes('sent'), totals.sentBytes('pulled')]
  return { socketBytes: gossip + pull, plainBytes: gossip + pull, protocols: { gossip, pull } }
}

/** Splits what the sockets sent into lines that add up to it; lines without bytes are left out. */
export function wireLines({ socketBytes, plainBytes, protocols }: WireTraffic, totals: Totals): WireLine[] {
  const { gossip = 0, pull = 0 } = protocols
  // A message counts when it is handed to gossip, a moment before it is in the stream.
  const messages = Math.min(gossip, totals.sentBytes('sent'))
  const content = Math.min(pull, totals.sentBytes('pulled'))
  const inStreams = Object.values(protocols).reduce((sum, bytes) => sum + bytes, 0)
  return [
    { name: 'own messages by gossip', bytes: messages },
    { name: 'gossip relayed and control', bytes: gossip - messages },
    { name: 'content pulled by others', bytes: content },
    { name: 'pull requests and chunk lists', bytes: pull - content },
    ...WHOLE.map((name) => ({ name, bytes: protocols[name] ?? 0 })),
    { name: 'stream control', bytes: Math.max(0, plainBytes - inStreams) },
    { name: 'encryption', bytes: Math.max(0, socketBytes - Math.max(plainBytes, inStreams)) },
  ].filter(({ bytes }) => bytes > 0)
}

function keyOf({ action, kind }: Pick<LedgerTotal, 'action' | 'kind'>): string {
  return `${action} ${kind}`
}
