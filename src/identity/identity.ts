import { createPrivateKey, createPublicKey, randomBytes, sign } from 'node:crypto'

import { privateKeyFromRaw } from '@libp2p/crypto/keys'
import type { Ed25519PrivateKey } from '@libp2p/interface'

import { IdentityError } from './errors.js'
import { peerOf } from './keys.js'
import type { PeerId } from './keys.js'

/** Bytes of the secret from which an Ed25519 key is made. */
export const SEED_BYTES = 32

/** What stands before the seed of an Ed25519 key in PKCS #8 (RFC 8410, section 7). */
const PKCS8_PREFIX = Buffer.from('302e020100300506032b657004220420', 'hex')

/** Who a peer is: an Ed25519 key, whose public half names it. */
export interface Identity {
  /** The base58 text of the libp2p peer id. */
  readonly peerId: PeerId
  /** 32 bytes. */
  readonly publicKey: Uint8Array
  /** For libp2p only; sign with `sign`. */
  readonly privateKey: Ed25519PrivateKey
  /** An Ed25519 signature, 64 bytes; the same for the same bytes. Sign nothing but what starts with its own domain: see `seal`. */
  sign(bytes: Uint8Array): Uint8Array
}

/** What it takes to speak as a peer: all of an identity but the key that libp2p wants. */
export type Signer = Omit<Identity, 'privateKey'>

/**
 * A new identity, or the one that belongs to a seed.
 *
 * @param seed - 32 secret bytes
 * @throws IdentityError IDENTITY_SEED_LENGTH
 */
export function createIdentity(seed?: Uint8Array): Promise<Identity> {
  if (seed !== undefined && seed.length !== SEED_BYTES) {
    return Promise.reject(new IdentityError('IDENTITY_SEED_LENGTH', `a seed has ${SEED_BYTES} bytes, and this one ${seed.length}: hash it to that length`))
  }
  return Promise.resolve(identityOf(seed ?? randomBytes(SEED_BYTES)))
}

/** By Node's own Ed25519: libp2p derives a public key in JavaScript, which takes 40 ms of a process that has just begun. */
function identityOf(seed: Uint8Array): Identity {
  const key = createPrivateKey({ format: 'der', type: 'pkcs8', key: Buffer.concat([PKCS8_PREFIX, seed]) })
  const publicKey = Uint8Array.from(Buffer.from(createPublicKey(key).export({ format: 'jwk' }).x!, 'base64url'))
  return {
    peerId: peerOf(publicKey),
    publicKey,
    privateKey: privateKeyFromRaw(Buffer.concat([seed, publicKey])) as Ed25519PrivateKey,
    sign: (bytes) => Uint8Array.from(sign(null, bytes, key)),
  }
}
