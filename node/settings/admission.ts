import type { NetworkConfig, NodeConfig } from '../../src/config/index.js'
import { Admission } from '../../src/identity/index.js'

/** Whom the node of these settings lets in: with an allow-list also the static peers, which are named once. @throws IdentityError OWNERS_SIGNATURES_TOO_FEW */
export function admissionOf({ transport: { allow, staticPeers } }: NodeConfig, config: NetworkConfig): Admission {
  const named = staticPeers.map((address) => address.slice(address.lastIndexOf('/') + 1))
  return new Admission(config, { now: () => Date.now(), ...allow === undefined ? {} : { allow: [...allow, ...named] } })
}
