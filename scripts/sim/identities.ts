import { createHash, hash } from 'node:crypto'

import { peerOf } from '../../src/identity/index.js'
import type { PeerId, Signer } from '../../src/identity/index.js'

/**
 * Who a simulated peer is. Its signatures cost a hash instead of a curve: 64 bytes of SHA-512 over its id and the bytes. Whoever runs the simulation could
 * forge them, and no behaviour in it does.
 */
export function simulatedIdentity(seed: number, index: number): Signer {
  const publicKey = new Uint8Array(createHash('sha256').update(`simulated peer ${index} of ${seed}`).digest())
  const peerId = peerOf(publicKey)
  return { peerId, publicKey, sign: (bytes) => signatureOf(peerId, bytes) }
}

/** The check that belongs to these signatures. */
export function verifySimulated(peer: PeerId, bytes: Uint8Array, signature: Uint8Array): boolean {
  return Buffer.compare(signatureOf(peer, bytes), signature) === 0
}

function signatureOf(peer: PeerId, bytes: Uint8Array): Uint8Array {
  const signed = Buffer.allocUnsafe(peer.length + bytes.length)
  signed.write(peer, 0, 'latin1')
  signed.set(bytes, peer.length)
  const digest = hash('sha512', signed, 'buffer')
  return new Uint8Array(digest.buffer, digest.byteOffset, digest.length)
}
