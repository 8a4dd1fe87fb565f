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

/** How far something that owners must sign has come. */
export interface SignatureStanding {
  /** Who may sign, and how many must. */
  readonly owners: Owners
  /** Public keys of the owners whose signatures hold, hex. */
  readonly signers: readonly string[]
  /** Further owners that must sign; 0 where it holds. */
  readonly missing: number
}

/** How far the parts of a network's configuration have come. */
export interface Standing {
  /** One for each succession, in their order. */
  readonly successions: readonly SignatureStanding[]
  readonly policy: SignatureStanding
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
 * Who has signed what of a configuration, and what it still lacks. The owners before a succession sign that succession; those after the last one sign the policy.
 */
export function signatureStanding({ genesis, successions = [], policy, signatures }: NetworkConfig): Standing {
  let owners = genesis.owners
  const before = successions.map((succession, place) => {
    const standing = standingOf(owners, successionBytes(genesis, place, succession.owners), succession.signatures)
    owners = succession.owners
    return standing
  })
  return { successions: before, policy: standingOf(owners, policyBytes(genesis, policy), signatures) }
}

/**
 * Checks that the owners whom the genesis names, or those to whom they handed over, signed the policy.
 *
 * @returns the owners as of now
 * @throws IdentityError OWNERS_SIGNATURES_TOO_FEW
 */
export function verifyNetworkConfig(config: NetworkConfig): Owners {
  const { successions, policy } = signatureStanding(config)
  successions.forEach((standing, place) => requireThreshold(standing, `succession ${place + 1}`))
  requireThreshold(policy, `policy ${config.policy.version}`)
  return policy.owners
}

/**
 * The configuration with an owner's signature wherever this owner has a say: under the last succession while that lacks signatures, and under the policy.
 * Signatures that no longer hold are left out.
 *
 * @throws IdentityError OWNER_UNKNOWN where it has none
 */
export function coSign(config: NetworkConfig, owner: Identity): NetworkConfig {
  const { genesis, policy, successions = [] } = config
  const standing = signatureStanding(config)
  const key = toString(owner.publicKey, 'hex')
  const pending = standing.successions.findLast(({ missing }) => missing > 0)
  if (![standing.policy, ...pending === undefined ? [] : [pending]].some(({ owners }) => owners.keys.includes(key))) {
    throw new IdentityError('OWNER_UNKNOWN', `the key ${key.slice(0, 12)} is none of the ${standing.policy.owners.keys.length} owners of "${genesis.name}": use the folder of one of them (\`meshwright network show\` lists their keys)`)
  }
  const added = ({ owners, signers }: SignatureStanding, present: readonly OwnerSignature[], sign: () => OwnerSignature): OwnerSignature[] => {
    const held = present.filter((one, at) => signers.includes(one.key) && present.findIndex((other) => other.key === one.key) === at)
    return !owners.keys.includes(key) || signers.includes(key) ? held : [...held, sign()]
  }
  return {
    ...config,
    ...successions.length === 0
      ? {}
      : {
          successions: successions.map((succession, place) => standing.successions[place] !== pending
            ? succession
            : { ...succession, signatures: added(pending!, succession.signatures, () => signSuccession(owner, genesis, place, succession.owners)) }),
        },
    signatures: added(standing.policy, config.signatures, () => signPolicy(owner, genesis, policy)),
  }
}

/** The configuration with new owners to follow, and a policy of the next version: both still to be signed, see `coSign`. */
export function addSuccession(config: NetworkConfig, owners: Owners): NetworkConfig {
  return {
    ...config,
    successions: [...config.successions ?? [], { owners, signatures: [] }],
    policy: { ...config.policy, version: config.policy.version + 1 },
    signatures: [],
  }
}

function standingOf(owners: Owners, bytes: Uint8Array, signatures: readonly OwnerSignature[]): SignatureStanding {
  const signers = [...new Set(signatures
    .filter(({ key, signature }) => owners.keys.includes(key) && verifyWithKey(fromString(key, 'hex'), bytes, fromString(signature, 'hex')))
    .map(({ key }) => key))]
  return { owners, signers, missing: Math.max(0, owners.threshold - signers.length) }
}

function requireThreshold({ owners, signers, missing }: SignatureStanding, what: string): void {
  if (missing === 0) return
  throw new IdentityError('OWNERS_SIGNATURES_TOO_FEW', `${what} has valid signatures of ${signers.length} of ${owners.keys.length} owners, and ${owners.threshold} are needed: `
    + `${missing === 1 ? 'one more owner signs' : `${missing} more owners sign`} the file with \`meshwright network sign\`; a file that was changed after signing must be signed anew, or fetched from the owners again`)
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
