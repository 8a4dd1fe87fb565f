import { publicKeyFromRaw } from '@libp2p/crypto/keys'
import type { Ed25519PrivateKey, Ed25519PublicKey } from '@libp2p/interface'

import { verifyWithKey } from '../../identity/index.js'
import type { Identity } from '../../identity/index.js'

type Bytes = Parameters<Ed25519PublicKey['verify']>[0]

let isDone = false

/**
 * Has libp2p check Ed25519 signatures by keys that are parsed once for each peer. Its own code parses the key anew for each signature, which takes half as long again as the check;
 * gossip checks one for each message.
 */
export function checkSignaturesQuickly(): void {
  if (isDone) return
  isDone = true
  // Its class is not exported.
  const keys = Object.getPrototypeOf(publicKeyFromRaw(new Uint8Array(32))) as Ed25519PublicKey
  keys.verify = function verify(this: Ed25519PublicKey, data: Bytes, signature: Uint8Array): boolean {
    return verifyWithKey(this.raw, data.subarray(), signature)
  }
}

/** The key that libp2p signs with, by way of the identity, which has parsed it. */
export function signingKeyOf(identity: Identity): Ed25519PrivateKey {
  return Object.assign(Object.create(identity.privateKey) as Ed25519PrivateKey, { sign: (data: Bytes) => identity.sign(data.subarray()) })
}
