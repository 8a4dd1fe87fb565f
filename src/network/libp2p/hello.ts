import { z } from 'zod'

import { contentId, decodeCanonical, encodeCanonical } from '../../identity/index.js'
import { MAXIMUM_ADDRESS_RECORD_BYTES, MAXIMUM_CREDENTIAL_BYTES } from '../constants.js'
import type { ContentId } from '../transport.js'

import { firstDifference } from './genesis-difference.js'
import { printable } from './printable.js'
import { readMessage } from './read-message.js'

/** The same in all networks, so that strangers can tell each other apart. */
export const HELLO_PROTOCOL = '/meshwright/hello/1'

/** Characters of a refusal's reason: a sentence or two. */
export const MAXIMUM_REASON_LENGTH = 400

const bytesOf = (maximum: number): z.ZodNullable<z.ZodCustom<Uint8Array>> =>
  z.custom<Uint8Array>((value) => value instanceof Uint8Array && value.length <= maximum).nullable()

const helloSchema = z.strictObject({
  version: z.literal(1),
  network: z.string().regex(/^[0-9a-f]{64}$/),
  /** Canonical bytes of what the network's id is the hash of; null where the peer was not given it. */
  genesis: bytesOf(16 * 1024),
  /** The peer's sealed addresses; null to a stranger. */
  addresses: bytesOf(MAXIMUM_ADDRESS_RECORD_BYTES),
  /** The owners' credential for the peer, where it has one. */
  credential: bytesOf(MAXIMUM_CREDENTIAL_BYTES),
  software: z.string().max(64),
  /** Milliseconds since 1970 by the peer's clock, so that a clock that is wrong can be noticed. */
  time: z.int().nonnegative(),
  /** Why the peer does not let the other in, and whether that lasts; null where it does, or does not know yet. */
  refusal: z.strictObject({ reason: z.string().max(MAXIMUM_REASON_LENGTH), lasting: z.boolean() }).nullable(),
})

/** What peers tell each other first, on every connection. */
export type Hello = Readonly<z.infer<typeof helloSchema>>

export function encodeHello(hello: Hello): Uint8Array {
  return encodeCanonical(hello)
}

/** @throws TransportError MESSAGE_MALFORMED */
export function decodeHello(bytes: Uint8Array): Hello {
  return readMessage(helloSchema, bytes, 'hello')
}

/** Why two peers are not of one network; undefined where they are. */
export function networkDifference(ours: { readonly network: ContentId, readonly genesis: Uint8Array | null }, theirs: Hello): string | undefined {
  if (ours.network === theirs.network) return undefined
  const ids = `network ${ours.network.slice(0, 12)} here, ${theirs.network.slice(0, 12)} there`
  if (ours.genesis === null || theirs.genesis === null) return `other network (${ids})`
  // A genesis that is not the id's would only mislead.
  if (contentId(theirs.genesis) !== theirs.network) return `other network (${ids}; the genesis that the peer shows is not its network's)`
  const difference = firstDifference(decodeCanonical(ours.genesis), decodeGenesis(theirs.genesis))
  return difference === undefined
    ? `other network (${ids})`
    : `other network: ${printable(`${difference.field} is ${difference.ours} here and ${difference.theirs} there`)} (${ids})`
}

function decodeGenesis(bytes: Uint8Array): unknown {
  try {
    return decodeCanonical(bytes)
  } catch {
    return undefined
  }
}
