import { RoundsError } from './errors.js'
import type { RoundPolicy } from './policy.js'

/** The owners' policies as this peer has them: they come by file and from other peers, to one earlier than to another. */
export interface Policies {
  newest(): RoundPolicy
  /** The policy of a version; for what is older than all known ones, the oldest of these. Undefined for what is newer than all. */
  of(version: number): RoundPolicy | undefined
  /** The newest as its owners signed it, for peers that lack it; policies do not travel where this is absent. */
  signed?(): Uint8Array
  /**
   * Takes over what another peer sent.
   *
   * @returns false where it is in order and yet not to be taken this way
   * @throws Error where it is not what this network's owners signed
   */
  take?(bytes: Uint8Array): Promise<boolean>
}

/** A network whose owners never change anything. */
export function onePolicy(policy: RoundPolicy): Policies {
  return { newest: () => policy, of: (version) => (version <= policy.version ? policy : undefined) }
}

/**
 * The policy by which a peer's current round runs: the one that the last record names. A new one counts for all of a cluster from the same round on,
 * whoever had it first.
 */
export class PolicyInForce {
  private version: number

  constructor(private readonly policies: Policies) {
    this.version = policies.newest().version
  }

  /** The newest known one where the one in force has not come here yet: for times only, since nothing is computed by it. */
  get policy(): RoundPolicy { return this.policies.of(this.version) ?? this.policies.newest() }

  /** Called with each new record of the own cluster. */
  follow(version: number): void { this.version = version }
}

/**
 * The policy that something is computed by.
 *
 * @param what - is computed by it, for the message
 * @throws RoundsError EVIDENCE_REFUSED where it has not come here yet
 */
export function policyFor(what: string, version: number, policies: Policies): RoundPolicy {
  const policy = policies.of(version)
  if (policy === undefined) throw new RoundsError('EVIDENCE_REFUSED', `${what} goes by policy ${version}, which has not come here: get the newest network.config.json from the network's owners, and run \`meshwright network update\``)
  return policy
}
