import { decodeCanonical, encodeCanonical } from '../config/index.js'

import { IdentityError } from './errors.js'
import type { Signer } from './identity.js'
import { peerOf, PUBLIC_KEY_BYTES, SIGNATURE_BYTES, verifyWithKey } from './keys.js'
import type { PeerId } from './keys.js'

/** Starts everything that an envelope's signature covers, so that it can never pass for a signature of another purpose. */
const DOMAIN = 'meshwright/envelope'

/** The first item of every envelope; others are refused. */
const ENVELOPE_VERSION = 1

export interface OpenOptions {
  /** What the envelope must be for, for example 'manifest'. */
  readonly kind: string
  /** The id of the network in which it must have been sealed. */
  readonly network: string
  /** Longer envelopes are refused before anything is read from them. */
  readonly maximumBytes: number
  /** Whether a peer signed some bytes; Ed25519 unless a simulation brings signatures of its own. */
  readonly verify?: ((peer: PeerId, bytes: Uint8Array, signature: Uint8Array) => boolean) | undefined
}

export interface Opened {
  /** Who sealed it; the signature has been checked. */
  readonly peer: PeerId
  /** What was sealed: canonical values, without a schema as yet. */
  readonly payload: unknown
  /** 64 bytes. */
  readonly signature: Uint8Array
}

/**
 * Signs a payload for one kind of use in one network: in any other, the envelope does not open.
 *
 * @throws CanonicalError VALUE_NOT_CANONICAL
 */
export function seal(identity: Signer, kind: string, network: string, payload: unknown): Uint8Array {
  const bytes = encodeCanonical(payload)
  const signature = identity.sign(signedBytes(kind, network, bytes))
  return encodeCanonical([ENVELOPE_VERSION, kind, identity.publicKey, bytes, signature])
}

/**
 * Opens bytes from a stranger: length, form, kind, signature, in this order.
 *
 * @throws IdentityError ENVELOPE_TOO_LARGE, ENVELOPE_MALFORMED, ENVELOPE_KIND, ENVELOPE_SIGNATURE
 */
export function open(bytes: Uint8Array, { kind, network, maximumBytes, verify }: OpenOptions): Opened {
  if (bytes.length > maximumBytes) {
    throw new IdentityError('ENVELOPE_TOO_LARGE', `an envelope of ${bytes.length} bytes is above the limit of ${maximumBytes} for a ${kind}: refuse it`)
  }
  const [version, sealedKind, publicKey, payloadBytes, signature, ...more] = items(decodeStrict(bytes))
  if (version !== ENVELOPE_VERSION) {
    throw new IdentityError('ENVELOPE_MALFORMED', `the envelope is of version ${String(version).slice(0, 20)}, and this node knows ${ENVELOPE_VERSION}: update the older of the two nodes`)
  }
  if (typeof sealedKind !== 'string' || !isBytes(publicKey, PUBLIC_KEY_BYTES) || !(payloadBytes instanceof Uint8Array)
    || !isBytes(signature, SIGNATURE_BYTES) || more.length > 0) {
    throw new IdentityError('ENVELOPE_MALFORMED', 'the bytes are no envelope (version, kind, public key, payload, signature): refuse them')
  }
  if (sealedKind !== kind) {
    throw new IdentityError('ENVELOPE_KIND', `the envelope holds a "${sealedKind.slice(0, 40)}" where a "${kind}" is expected: refuse it`)
  }
  const payload = decodeStrict(payloadBytes)
  const signed = signedBytes(kind, network, payloadBytes)
  if (!(verify?.(peerOf(publicKey), signed, signature) ?? verifyWithKey(publicKey, signed, signature))) {
    throw new IdentityError('ENVELOPE_SIGNATURE', `${nameOf(publicKey)} did not sign this ${kind} for network ${network.slice(0, 12)}: it is forged, damaged or from another network`)
  }
  return { peer: peerOf(publicKey), payload, signature }
}

function signedBytes(kind: string, network: string, payload: Uint8Array): Uint8Array {
  return encodeCanonical([DOMAIN, ENVELOPE_VERSION, network, kind, payload])
}

function decodeStrict(bytes: Uint8Array): unknown {
  try {
    return decodeCanonical(bytes)
  } catch (error) {
    throw new IdentityError('ENVELOPE_MALFORMED', `the envelope is not canonical: ${error instanceof Error ? error.message : String(error)}`, { cause: error })
  }
}

function items(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : []
}

function isBytes(value: unknown, length: number): value is Uint8Array {
  return value instanceof Uint8Array && value.length === length
}

function nameOf(publicKey: Uint8Array): string {
  try {
    return peerOf(publicKey)
  } catch {
    return 'an invalid key'
  }
}
