import { createPublicKey, verify } from 'node:crypto'
import type { KeyObject } from 'node:crypto'

import { publicKeyFromRaw } from '@libp2p/crypto/keys'
import { peerIdFromPublicKey, peerIdFromString } from '@libp2p/peer-id'
import { toString } from 'uint8arrays'

import { IdentityError } from './errors.js'

/** A peer's id: the base58 text of its libp2p peer id. */
export type PeerId = string

/** Bytes of an Ed25519 public key. */
export const PUBLIC_KEY_BYTES = 32

/** Bytes of an Ed25519 signature. */
export const SIGNATURE_BYTES = 64

/** Parsed keys kept for the peers heard last: parsing costs about a quarter of a verification. */
const KEPT_KEYS = 4096

const keys = new Map<string, KeyObject>()

/** The same by name, so that a name need not be read again each time. */
const keysByPeer = new Map<PeerId, KeyObject>()

/** Names of the keys seen last: some 150 bytes each. */
const KEPT_NAMES = 16_384

const names = new Map<string, PeerId>()

/** The peer id that belongs to an Ed25519 public key of 32 bytes. */
export function peerOf(publicKey: Uint8Array): PeerId {
  const text = Buffer.from(publicKey.buffer, publicKey.byteOffset, publicKey.length).toString('latin1')
  return kept(names, text, KEPT_NAMES, () => peerIdFromPublicKey(publicKeyFromRaw(publicKey)).toString())
}

/**
 * The Ed25519 public key in a peer's id, 32 bytes.
 *
 * @throws IdentityError PEER_ID_INVALID where the text is no peer id of an Ed25519 key in base58
 */
export function publicKeyOf(peer: PeerId): Uint8Array {
  try {
    const id = peerIdFromString(peer)
    if (id.type === 'Ed25519' && id.toString() === peer) return id.publicKey.raw
  } catch {
    // Said below, as for ids of other kinds.
  }
  throw new IdentityError('PEER_ID_INVALID', `"${peer.slice(0, 80)}" is no peer id: expected one like 12D3KooW..., the base58 text of an Ed25519 key's id`)
}

/** Whether the owner of an Ed25519 public key signed the bytes. False for keys and signatures of a wrong length, too. */
export function verifyWithKey(publicKey: Uint8Array, bytes: Uint8Array, signature: Uint8Array): boolean {
  if (publicKey.length !== PUBLIC_KEY_BYTES || signature.length !== SIGNATURE_BYTES) return false
  try {
    return verify(null, bytes, keyObject(publicKey), signature)
  } catch {
    return false
  }
}

/** Whether a peer signed the bytes. False for text that is no peer id, too. */
export function verifySignature(peer: PeerId, bytes: Uint8Array, signature: Uint8Array): boolean {
  if (signature.length !== SIGNATURE_BYTES) return false
  try {
    return verify(null, bytes, keyOf(peer), signature)
  } catch {
    return false
  }
}

/** @throws IdentityError PEER_ID_INVALID */
function keyOf(peer: PeerId): KeyObject {
  return kept(keysByPeer, peer, KEPT_KEYS, () => parseKey(publicKeyOf(peer)))
}

function keyObject(publicKey: Uint8Array): KeyObject {
  return kept(keys, Buffer.from(publicKey.buffer, publicKey.byteOffset, publicKey.length).toString('latin1'), KEPT_KEYS, () => parseKey(publicKey))
}

function parseKey(publicKey: Uint8Array): KeyObject {
  return createPublicKey({ format: 'jwk', key: { kty: 'OKP', crv: 'Ed25519', x: toString(publicKey, 'base64url') } })
}

/** What was made for a name before, or is made now; where too many are kept, the oldest goes. */
function kept<Value>(values: Map<string, Value>, name: string, atMost: number, make: () => Value): Value {
  const known = values.get(name)
  if (known !== undefined) return known
  const made = make()
  const oldest = values.keys().next()
  if (values.size >= atMost && oldest.done !== true) values.delete(oldest.value)
  values.set(name, made)
  return made
}
