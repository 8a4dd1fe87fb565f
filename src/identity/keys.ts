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

/** Names of the keys seen last: some 150 bytes each. */
const KEPT_NAMES = 16_384

const names = new Map<string, PeerId>()

/** The peer id that belongs to an Ed25519 public key of 32 bytes. */
export function peerOf(publicKey: Uint8Array): PeerId {
  const text = Buffer.from(publicKey.buffer, publicKey.byteOffset, publicKey.length).toString('latin1')
  let peer = names.get(text)
  if (peer === undefined) {
    peer = peerIdFromPublicKey(publicKeyFromRaw(publicKey)).toString()
    const oldest = names.keys().next()
    if (names.size >= KEPT_NAMES && oldest.done !== true) names.delete(oldest.value)
    names.set(text, peer)
  }
  return peer
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
  try {
    return verifyWithKey(publicKeyOf(peer), bytes, signature)
  } catch {
    return false
  }
}

function keyObject(publicKey: Uint8Array): KeyObject {
  const text = toString(publicKey, 'base64url')
  let key = keys.get(text)
  if (key === undefined) {
    key = createPublicKey({ format: 'jwk', key: { kty: 'OKP', crv: 'Ed25519', x: text } })
    const oldest = keys.keys().next()
    if (keys.size >= KEPT_KEYS && oldest.done !== true) keys.delete(oldest.value)
    keys.set(text, key)
  }
  return key
}
