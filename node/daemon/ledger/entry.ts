import * as z from 'zod'

/** `sent` by gossip to so many peers, `offered` for others to pull, or `pulled` by one. */
export const ACTIONS = ['sent', 'offered', 'pulled'] as const
export type Action = (typeof ACTIONS)[number]

/** Something that left this node, or that others may now pull from it. */
export interface LedgerEntry {
  /** From 1 on, also over restarts: a number that is missing is an entry that was lost or cut. */
  readonly number: number
  /** Milliseconds since 1970. */
  readonly time: number
  readonly action: Action
  /** What it is: `heartbeat`, `manifest`, `votes`, ... for messages, `delta`, `checkpoint` or `record` for content. */
  readonly kind: string
  /** The topic of a message, or the peer that pulled; empty for an offer. */
  readonly to: string
  readonly recipients: number
  /** Of one copy; of a pull, what was sent. */
  readonly bytes: number
  readonly hash: string
  /** Of a pull: bytes of the whole content. */
  readonly contentBytes?: number
}

/** Bounds far beyond what a node sends in its life, so that no sum of entries leaves the whole numbers, which alone can be written. */
export const count = z.int().min(0).max(2 ** 44)
const recipients = z.int().min(0).max(2 ** 16)
const bytes = z.int().min(0).max(2 ** 32)
const storedSchema = z.tuple([z.int().min(1).max(2 ** 44), count, z.int().min(0).max(ACTIONS.length - 1), z.string(), z.string(), recipients, bytes, z.instanceof(Uint8Array), bytes.nullable()])

/** An entry without its names, as it lies on disk. */
export type StoredEntry = z.infer<typeof storedSchema>

export function toStored({ number, time, action, kind, to, recipients, bytes, hash, contentBytes }: LedgerEntry): StoredEntry {
  return [number, time, ACTIONS.indexOf(action), kind, to, recipients, bytes, new Uint8Array(Buffer.from(hash, 'hex')), contentBytes ?? null]
}

/** What one write put into the log; empty where it is not what this node writes. */
export function fromStored(value: unknown): LedgerEntry[] {
  const parsed = z.array(storedSchema).safeParse(value)
  if (!parsed.success) return []
  return parsed.data.map(([number, time, action, kind, to, recipients, bytes, hash, contentBytes]) => ({
    number, time, action: ACTIONS[action]!, kind, to, recipients, bytes, hash: Buffer.from(hash).toString('hex'),
    ...contentBytes === null ? {} : { contentBytes },
  }))
}
