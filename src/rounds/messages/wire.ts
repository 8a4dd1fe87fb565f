import type { z } from 'zod'

import { contentId, decodeCanonical, encodeCanonical, open, seal } from '../../identity/index.js'
import type { Signer } from '../../identity/index.js'
import type { ContentId, PeerId } from '../../network/index.js'
import type { Verify } from '../../hierarchy/index.js'
import { messageOf, RoundsError } from '../errors.js'
import { MAXIMUM_ENVELOPE_BYTES } from '../limits.js'

import * as schemas from './schemas.js'

/** What a peer signs as a whole; `MAXIMUM_ENVELOPE_BYTES` has how many bytes such an envelope may have. */
export const SEALED = {
  heartbeat: schemas.heartbeatSchema,
  manifest: schemas.manifestSchema,
  list: schemas.listSchema,
  closing: schemas.closingSchema,
  mark: schemas.markSchema,
  audit: schemas.auditSchema,
  proposal: schemas.proposalSchema,
  roster: schemas.rosterSchema,
  join: schemas.joinSchema,
  leave: schemas.leaveSchema,
  report: schemas.reportSchema,
  summit: schemas.summitSchema,
  surrender: schemas.surrenderSchema,
} as const satisfies Record<keyof typeof MAXIMUM_ENVELOPE_BYTES, z.ZodType>

/** What is signed part by part, so that anybody may carry it. */
export const CARRIED = {
  votes: { schema: schemas.votesSchema, maximumBytes: 60 * 1024 },
  shares: { schema: schemas.sharesSchema, maximumBytes: 60 * 1024 },
  certificates: { schema: schemas.certificatesSchema, maximumBytes: 60 * 1024 },
} as const

export type SealedKind = keyof typeof SEALED
export type CarriedKind = keyof typeof CARRIED
export type SealedPayload<Kind extends SealedKind> = z.infer<(typeof SEALED)[Kind]>
export type CarriedPayload<Kind extends CarriedKind> = z.infer<(typeof CARRIED)[Kind]['schema']>

/** An envelope that has been opened: who signed what, and the bytes as they came, so that a record can carry them on. */
export interface Opened<Kind extends SealedKind> {
  readonly id: ContentId
  readonly envelope: Uint8Array
  readonly peer: PeerId
  readonly signature: Uint8Array
  readonly payload: SealedPayload<Kind>
}

/** Of which network a message must be, and how its signature is checked. */
export interface Reading {
  readonly network: ContentId
  readonly verify: Verify
}

/** Envelopes opened last: the same one comes by gossip, again by repetition, and once more within a record, and its signature costs most. */
const OPENED_KEPT = 2048
const opened = new Map<string, { readonly verify: Verify, readonly message: Opened<SealedKind> }>()

/**
 * The same again for bytes that are still at hand: in one process a message reaches all receivers as one object, which is then opened once. What comes out
 * is shared by all of them, so nobody may change it. Bytes that a transport has handed over never change.
 */
const openedBytes = new WeakMap<Uint8Array, Reading & { readonly kind: SealedKind, readonly message: Opened<SealedKind> }>()
const framedBytes = new WeakMap<Uint8Array, Framed>()
const carriedBytes = new WeakMap<Uint8Array, { readonly kind: CarriedKind, readonly payload: CarriedPayload<CarriedKind> }>()

/** What a topic's message holds. */
interface Framed {
  readonly kind: SealedKind | CarriedKind
  readonly body: Uint8Array
}

export function sealMessage<Kind extends SealedKind>(identity: Signer, kind: Kind, network: ContentId, payload: SealedPayload<Kind>): Uint8Array {
  return seal(identity, kind, network, payload)
}

/**
 * Opens an envelope from a stranger: size, form, signature, schema.
 *
 * @throws RoundsError MESSAGE_REFUSED
 */
export function openMessage<Kind extends SealedKind>(envelope: Uint8Array, kind: Kind, { network, verify }: Reading): Opened<Kind> {
  const seen = openedBytes.get(envelope)
  if (seen?.kind === kind && seen.network === network && seen.verify === verify) return seen.message
  const message = openBytes(envelope, kind, { network, verify })
  openedBytes.set(envelope, { kind, network, verify, message })
  return message
}

function openBytes<Kind extends SealedKind>(envelope: Uint8Array, kind: Kind, { network, verify }: Reading): Opened<Kind> {
  const schema = SEALED[kind]
  const maximumBytes = MAXIMUM_ENVELOPE_BYTES[kind]
  const id = contentId(envelope)
  const key = `${network} ${kind} ${id}`
  const before = opened.get(key)
  if (before?.verify === verify) return before.message
  try {
    const { peer, payload, signature } = open(envelope, { kind, network, maximumBytes, verify })
    const message = { id, envelope, peer, signature, payload: schema.parse(payload) as SealedPayload<Kind> }
    const oldest = opened.keys().next()
    if (opened.size >= OPENED_KEPT && oldest.done !== true) opened.delete(oldest.value)
    opened.set(key, { verify, message })
    return message
  } catch (error) {
    throw new RoundsError('MESSAGE_REFUSED', `this is no ${kind} of the network ${network.slice(0, 12)}: ${firstLine(error)}`, { cause: error })
  }
}

/** Frames an envelope, or what needs none, for a topic. Most are said again, each time as the same bytes. */
export function frame(kind: SealedKind | CarriedKind, body: Uint8Array): Uint8Array {
  const before = frames.get(body)
  if (before?.kind === kind) return before.message
  const message = encodeCanonical([kind, body])
  frames.set(body, { kind, message })
  return message
}

const frames = new WeakMap<Uint8Array, { readonly kind: SealedKind | CarriedKind, readonly message: Uint8Array }>()

export function encodeCarried<Kind extends CarriedKind>(kind: Kind, payload: CarriedPayload<Kind>): Uint8Array {
  return frame(kind, encodeCanonical(payload))
}

/** @throws RoundsError MESSAGE_REFUSED */
export function decodeCarried<Kind extends CarriedKind>(body: Uint8Array, kind: Kind): CarriedPayload<Kind> {
  const seen = carriedBytes.get(body)
  if (seen?.kind === kind) return seen.payload as CarriedPayload<Kind>
  const payload = readCarried(body, kind)
  carriedBytes.set(body, { kind, payload })
  return payload
}

function readCarried<Kind extends CarriedKind>(body: Uint8Array, kind: Kind): CarriedPayload<Kind> {
  const { schema, maximumBytes } = CARRIED[kind]
  if (body.length > maximumBytes) throw new RoundsError('MESSAGE_REFUSED', `${body.length} bytes of ${kind} are above the limit of ${maximumBytes}`)
  try {
    return schema.parse(decodeCanonical(body)) as CarriedPayload<Kind>
  } catch (error) {
    throw new RoundsError('MESSAGE_REFUSED', `these are no ${kind}: ${firstLine(error)}`, { cause: error })
  }
}

/**
 * What kind of message came on a topic.
 *
 * @throws RoundsError MESSAGE_REFUSED
 */
export function unframe(message: Uint8Array): Framed {
  const seen = framedBytes.get(message)
  if (seen !== undefined) return seen
  const framed = readFrame(message)
  framedBytes.set(message, framed)
  return framed
}

function readFrame(message: Uint8Array): Framed {
  let value: unknown
  try {
    value = decodeCanonical(message)
  } catch (error) {
    throw new RoundsError('MESSAGE_REFUSED', `${message.length} bytes are no message: ${firstLine(error)}`, { cause: error })
  }
  const [kind, body, ...more] = Array.isArray(value) ? value as unknown[] : []
  // One message has one form: with more behind it, gossip would pass it on as another.
  if (typeof kind !== 'string' || !(Object.hasOwn(SEALED, kind) || Object.hasOwn(CARRIED, kind)) || !(body instanceof Uint8Array) || more.length > 0) {
    throw new RoundsError('MESSAGE_REFUSED', `a message of kind ${String(kind).slice(0, 40)} is not known here: update the older of the two nodes`)
  }
  return { kind: kind as SealedKind | CarriedKind, body }
}

function firstLine(error: unknown): string {
  return messageOf(error).replaceAll(/\s+/g, ' ').slice(0, 200)
}
