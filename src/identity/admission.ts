import { networkId } from '../config/index.js'
import type { ContentId, NetworkConfig, Owners } from '../config/index.js'

import { verifyCredential } from './credential.js'
import { IdentityError } from './errors.js'
import type { PeerId } from './keys.js'
import { verifyNetworkConfig } from './owners.js'

export interface AdmissionOptions {
  /** The only peers that this node connects to; all peers of the network where absent. */
  readonly allow?: readonly PeerId[]
  /** Milliseconds since 1970. */
  readonly now: () => number
}

interface Rules {
  readonly network: ContentId
  readonly owners: Owners
  readonly needsCredential: boolean
  readonly revoked: ReadonlySet<PeerId>
}

/** Whom a node lets in: by the policy that it follows (revocations, credentials), and by its own allow-list. */
export class Admission {
  private readonly allowed: ReadonlySet<PeerId> | undefined
  private readonly now: () => number
  private rules: Rules

  /** @throws IdentityError OWNERS_SIGNATURES_TOO_FEW */
  constructor(config: NetworkConfig, { allow, now }: AdmissionOptions) {
    this.allowed = allow === undefined ? undefined : new Set(allow)
    this.now = now
    this.rules = rulesOf(config)
  }

  /**
   * Goes by another configuration from now on.
   *
   * @throws IdentityError OWNERS_SIGNATURES_TOO_FEW; the one before then stays
   */
  follow(config: NetworkConfig): void {
    this.rules = rulesOf(config)
  }

  /** Whether the owners have shut a peer out: nothing is taken from it, also not by way of others. */
  isRevoked(peer: PeerId): boolean {
    return this.rules.revoked.has(peer)
  }

  /** Whether there may be a connection to a peer at all, whatever it shows. */
  mayConnect(peer: PeerId): boolean {
    return !this.isRevoked(peer) && (this.allowed === undefined || this.allowed.has(peer))
  }

  /**
   * Checks a peer and the credential that it showed.
   *
   * @param credential - null where it showed none
   * @throws IdentityError PEER_REVOKED, PEER_NOT_ALLOWED, CREDENTIAL_MISSING, CREDENTIAL_INVALID, CREDENTIAL_EXPIRED
   */
  check(peer: PeerId, credential: Uint8Array | null): void {
    if (this.isRevoked(peer)) throw new IdentityError('PEER_REVOKED', `${peer} is revoked by the network's owners: only they can let it in again, with a new policy`)
    if (!this.mayConnect(peer)) throw new IdentityError('PEER_NOT_ALLOWED', `${peer} is not on the allow-list of the node that it called: whoever runs that node adds it to transport.allow`)
    this.checkCredential(peer, credential)
  }

  /**
   * Checks only that a peer has the credential that it needs.
   *
   * @throws IdentityError CREDENTIAL_MISSING, CREDENTIAL_INVALID, CREDENTIAL_EXPIRED
   */
  checkCredential(peer: PeerId, credential: Uint8Array | null): void {
    const { needsCredential, network, owners } = this.rules
    if (needsCredential) verifyCredential(credential, { peer, network, owners, now: this.now() })
  }
}

function rulesOf(config: NetworkConfig): Rules {
  const { genesis, policy: { membership, revocations } } = config
  return { network: networkId(genesis), owners: verifyNetworkConfig(config), needsCredential: membership === 'credential', revoked: new Set(revocations) }
}
