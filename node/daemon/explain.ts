import { decodeCanonical, peerOf } from '../../src/identity/index.js'

/** Bytes are shown in hex up to here. */
const SHOWN_BYTES = 32
/** Values nested deeper are not unpacked: a record carries envelopes that carry envelopes. */
const DEEPEST = 8

/** A message as a person reads it. */
export interface Explained {
  readonly kind: string
  /** Who signed it, where it is signed as a whole. */
  readonly signer?: string
  readonly payload: unknown
}

/** What kind of message this is; 'unknown' where it is none. */
export function kindOf(message: Uint8Array): string {
  return framed(message)?.kind ?? 'unknown'
}

/** Unpacks a message of the protocol: frame, envelope, payload. */
export function explain(message: Uint8Array): Explained {
  const frame = framed(message)
  if (!frame) return { kind: 'unknown', payload: shortBytes(message) }
  const body = decoded(frame.body)
  const envelope = enveloped(body)
  return envelope ? { kind: frame.kind, signer: envelope.signer, payload: plain(envelope.payload, 0) } : { kind: frame.kind, payload: plain(body ?? frame.body, 0) }
}

function framed(message: Uint8Array): { kind: string, body: Uint8Array } | undefined {
  const value = decoded(message)
  if (!Array.isArray(value)) return undefined
  const [kind, body] = value as unknown[]
  return typeof kind === 'string' && body instanceof Uint8Array ? { kind, body } : undefined
}

/** An envelope is [version, kind, public key, payload, signature]. */
function enveloped(value: unknown): { signer: string, payload: unknown } | undefined {
  if (!Array.isArray(value) || value.length !== 5) return undefined
  const [version, kind, key, payload] = value as unknown[]
  if (version !== 1 || typeof kind !== 'string' || !(key instanceof Uint8Array) || !(payload instanceof Uint8Array)) return undefined
  try {
    return { signer: peerOf(key), payload: decoded(payload) }
  } catch {
    return undefined
  }
}

function plain(value: unknown, depth: number): unknown {
  if (value instanceof Uint8Array) {
    const inner = depth < DEEPEST ? enveloped(decoded(value)) : undefined
    return inner ? { signer: inner.signer, ...asObject(plain(inner.payload, depth + 1)) } : shortBytes(value)
  }
  if (Array.isArray(value)) return value.map((item) => plain(item, depth + 1))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, plain(item, depth + 1)]))
}

function asObject(value: unknown): object {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : { payload: value }
}

function decoded(bytes: Uint8Array): unknown {
  try {
    return decodeCanonical(bytes)
  } catch {
    return undefined
  }
}

function shortBytes(bytes: Uint8Array): string {
  const hex = Buffer.from(bytes.subarray(0, SHOWN_BYTES)).toString('hex')
  return bytes.length > SHOWN_BYTES ? `${hex}... (${bytes.length} bytes)` : hex
}
