import { encodeCanonical, seal } from '../../src/identity/index.js'
import type { Identity } from '../../src/identity/index.js'

import type { Draw } from './draw.js'
import { NETWORK, OTHER_NETWORK, PEERS } from './examples/identities.js'
import { encodeAnyhow } from './loose-cbor.js'
import { foreignBytes } from './mutate-bytes.js'
import { foreignValue } from './mutate-values.js'

/**
 * An envelope that a stranger could send: mostly with a signature that holds, over a payload that was changed or encoded otherwise; else of another kind,
 * network or signer, or with its bytes changed.
 */
export function foreignEnvelope(kind: string, payload: unknown, draw: Draw): Uint8Array {
  const identity = draw.pick(PEERS)
  if (draw.chance(0.5)) return sealBytes(identity, kind, NETWORK, encodeAnyhow(foreignValue(payload, draw), draw))
  const valid = seal(identity, draw.chance(0.1) ? draw.pick(['manifest', 'list', 'addresses', 'heartbeat', '__proto__']) : kind, draw.chance(0.1) ? OTHER_NETWORK : NETWORK, payload)
  return draw.chance(0.1) ? withSigner(valid, draw.pick(PEERS)) : foreignBytes(valid, draw)
}

/** What `seal` does, for payloads that it would refuse to encode. */
function sealBytes(identity: Identity, kind: string, network: string, payload: Uint8Array): Uint8Array {
  const signature = identity.sign(encodeCanonical(['meshwright/envelope', 1, network, kind, payload]))
  return encodeCanonical([1, kind, identity.publicKey, payload, signature])
}

/** The envelope as if another peer had signed it. */
function withSigner(envelope: Uint8Array, { publicKey }: Identity): Uint8Array {
  const at = PEERS.map((peer) => Buffer.from(envelope).indexOf(Buffer.from(peer.publicKey))).find((found) => found >= 0) ?? -1
  const changed = envelope.slice()
  if (at >= 0) changed.set(publicKey, at)
  return changed
}
