import { existsSync } from 'node:fs'
import { chmod, mkdir } from 'node:fs/promises'
import { dirname } from 'node:path'

import { DEFAULT_POLICY, genesisSchema, loadNetworkConfig, networkConfigSchema, networkId, parseConfig } from '../../src/config/index.js'
import type { Genesis, NetworkConfig, Owners, Policy } from '../../src/config/index.js'
import { coSign, verifyNetworkConfig } from '../../src/identity/index.js'
import type { Identity } from '../../src/identity/index.js'
import { writeAtomically } from '../../src/store/index.js'
import { NodeError } from '../errors.js'

/** The adapter of the learning trials. */
export const DEFAULT_ADAPTER: Genesis['adapter'] = {
  rank: 16, alpha: 32, targets: ['q_proj', 'k_proj', 'v_proj', 'o_proj', 'gate_proj', 'up_proj', 'down_proj'],
}

export interface NewNetwork {
  readonly name: string
  /** Content id of the base model. */
  readonly base: string
  readonly owners: Owners
  /** Those of the owners whose keys are at hand. */
  readonly signers: readonly Identity[]
  readonly founders: Policy['foundingRoster']
  /** What differs from the default policy. */
  readonly policy?: Partial<Policy>
}

/**
 * A new network: its genesis, and policy 1 with the signatures of the owners at hand.
 *
 * @throws ConfigError CONFIG_INVALID
 */
export function createNetwork({ name, base, owners, signers, founders, policy }: NewNetwork): NetworkConfig {
  const genesis = parseConfig(genesisSchema, { name, base, adapter: DEFAULT_ADAPTER, codec: 'sign-block64-1', owners }, 'the genesis')
  return signedBy({ genesis, policy: { ...DEFAULT_POLICY, ...policy, foundingRoster: founders }, signatures: [] }, signers)
}

/** The network under a policy of the next version, which is still to be signed. */
export function changePolicy(config: NetworkConfig, change: Partial<Omit<Policy, 'version'>>): NetworkConfig {
  return { ...config, policy: { ...config.policy, ...change, version: config.policy.version + 1 }, signatures: [] }
}

/**
 * The network with the signatures of these owners, too.
 *
 * @throws ConfigError CONFIG_INVALID, IdentityError OWNER_UNKNOWN
 */
export function signedBy(config: NetworkConfig, owners: readonly Identity[]): NetworkConfig {
  // Checked before it is signed: an owner's signature under nonsense could not be taken back.
  return owners.reduce(coSign, parseConfig(networkConfigSchema, config, 'the network'))
}

/** @throws NodeError NETWORK_FILE_UNWRITABLE */
export async function writeNetwork(file: string, config: NetworkConfig): Promise<void> {
  await writeNetworkFile(file, `${JSON.stringify(config, undefined, 2)}\n`, 0o644)
}

/**
 * Replaces one of a network's files whole.
 *
 * @param mode - who may read it: 0o600 for secrets
 * @throws NodeError NETWORK_FILE_UNWRITABLE
 */
export async function writeNetworkFile(file: string, text: string, mode: 0o600 | 0o644): Promise<void> {
  try {
    await mkdir(dirname(file), { recursive: true })
    await writeAtomically(file, Buffer.from(text))
    // It was written for its owner only.
    if (mode !== 0o600) await chmod(file, mode)
  } catch (error) {
    const reason = error instanceof Error && 'code' in error ? String(error.code) : String(error)
    throw new NodeError('NETWORK_FILE_UNWRITABLE', `${file} cannot be written (${reason}): give this user the right to write there, free some space, or choose another folder`, { cause: error })
  }
}

/** @throws NodeError NETWORK_FILE_EXISTS */
export function refuseToReplace(file: string): void {
  if (existsSync(file)) throw new NodeError('NETWORK_FILE_EXISTS', `there is a ${file} already, and a network that is replaced is lost: choose another name, or replace it with --force`)
}

/** A network's configuration, its owners' signatures checked. @throws ConfigError, IdentityError OWNERS_SIGNATURES_TOO_FEW */
export async function loadVerifiedNetwork(file: string): Promise<{ readonly config: NetworkConfig, readonly id: string }> {
  const config = await loadNetworkConfig(file)
  verifyNetworkConfig(config)
  return { config, id: networkId(config.genesis) }
}
