import { fromString, toString } from 'uint8arrays'

import { encodeCanonical, networkId } from '../config/index.js'
import type { Genesis, NetworkConfig, Owners, Policy } from '../config/index.js'

import { IdentityError } from './errors.js'
import type { Identity } from './identity.js'
import { verifyWithKey } from './keys.js'

/** Start everything that owners sign, so that one kind of signature can never pass for another. */
const POLICY_DOMAIN = 'meshwright/policy/1'
const SUCCESSION_DOMAIN = 'meshwright/succession/1'

export interface OwnerSignature {
  /** The owner's Ed25519 public key, hex. */
  readonly key: string
  /** Hex. */
  readonly signature: string
}

/** An owner's signature under a policy of the network that the genesis makes. */
export function signPolicy(owner: Identity, genesis: Genesis, policy: Policy): OwnerSignature {
  return signature(owner, policyBytes(genesis, policy))
}

/**
 * An owner's signature under the set of owners that follows.
 *
 * @param place - of the succession in the network's list, from 0
 */
export function signSuccession(owner: Identity, genesis: Genesis, place: number, successors: Owners): OwnerSignature {
  return signature(owner, successionBytes(genesis, place, successors))
}

/**
 * Checks that the owners whom the genesis names, or those to whom they handed over, signed the policy.
 *
 * @returns the owners as of now
 * @throws IdentityError OWNERS_SIGNATURES_TOO_FEW
 */
export function verifyNetworkConfig({ genesis, successions = [], policy, signatures }: NetworkConfig): Owners {
  let owners = genesis.owners
  successions.forEach((succession, i) => {
    requireThreshold(owners, successionBytes(genesis, i, succession.owners), succession.signatures, `succession ${i + 1}`)
    owners = succession.owners
  })
  requireThreshold(owners, policyBytes(genesis, policy), signatures, `policy ${policy.version}`)
  return owners
}

/**
 * Whether a verified configuration replaces the one that a node follows: owners who handed over have no say any more, and versions only rise.
 */
export function supersedes(newer: NetworkConfig, current: NetworkConfig): boolean {
  const [after, before] = [newer.successions?.length ?? 0, current.successions?.length ?? 0]
  return networkId(newer.genesis) === networkId(current.genesis) && after >= before && newer.policy.version > current.policy.version
}

function requireThreshold(owners: Owners, bytes: Uint8Array, signatures: readonly OwnerSignature[], what: string): void {
  const signers = new Set(signatures
    .filter(({ key, signature }) => owners.keys.includes(key) && verifyWithKey(fromString(key, 'hex'), bytes, fromString(signature, 'hex')))
    .map(({ key }) => key))
  if (signers.size < owners.threshold) {
    throw new IdentityError('OWNERS_SIGNATURES_TOO_FEW', `${what} has valid signatures of ${signers.size} of ${owners.keys.length} owners, and ${owners.threshold} are needed: it was changed after signing, or get the file from the owners again`)
  }
}

function policyBytes(genesis: Genesis, policy: Policy): Uint8Array {
  return encodeCanonical([POLICY_DOMAIN, networkId(genesis), policy], { fractions: true })
}

function successionBytes(genesis: Genesis, place: number, successors: Owners): Uint8Array {
  return encodeCanonical([SUCCESSION_DOMAIN, networkId(genesis), place, successors])
}

function signature(owner: Identity, bytes: Uint8Array): OwnerSignature {
  return { key: toString(owner.publicKey, 'hex'), signature: toString(owner.sign(bytes), 'hex') }
}
