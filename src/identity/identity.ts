import { createPrivateKey, sign } from 'node:crypto'

import { generateKeyPair, generateKeyPairFromSeed } from '@libp2p/crypto/keys'
import type { Ed25519PrivateKey } from '@libp2p/interface'
import { toString } from 'uint8arrays'

import { IdentityError } from './errors.js'
import { peerOf } from './keys.js'
import type { PeerId } from './keys.js'

/** Bytes of the secret from which an Ed25519 key is made. */
export const SEED_BYTES = 32

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
export async function createIdentity(seed?: Uint8Array): Promise<Identity> {
  if (seed !== undefined && seed.length !== SEED_BYTES) {
    throw new IdentityError('IDENTITY_SEED_LENGTH', `a seed has ${SEED_BYTES} bytes, and this one ${seed.length}: hash it to that length`)
  }
  return identityOf(seed === undefined ? await generateKeyPair('Ed25519') : await generateKeyPairFromSeed('Ed25519', seed))
}

function identityOf(privateKey: Ed25519PrivateKey): Identity {
  const publicKey = privateKey.publicKey.raw
  const key = createPrivateKey({
    format: 'jwk',
    key: {
      kty: 'OKP',
      crv: 'Ed25519',
      d: toString(privateKey.raw.subarray(0, SEED_BYTES), 'base64url'),
      x: toString(publicKey, 'base64url'),
    },
  })
  return {
    peerId: peerOf(publicKey),
    publicKey,
    privateKey,
    sign: (bytes) => Uint8Array.from(sign(null, bytes, key)),
  }
}
