import { mkdir, writeFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'

import { toString } from 'uint8arrays'

import { DEFAULT_POLICY, genesisSchema, loadNetworkConfig, networkConfigSchema, networkId, parseConfig } from '../../src/config/index.js'
import type { Genesis, NetworkConfig, Policy } from '../../src/config/index.js'
import { loadOrCreateIdentity, signPolicy, verifyNetworkConfig } from '../../src/identity/index.js'
import type { Identity } from '../../src/identity/index.js'

/** The adapter of the learning trials. */
export const DEFAULT_ADAPTER: Genesis['adapter'] = {
  rank: 16, alpha: 32, targets: ['q_proj', 'k_proj', 'v_proj', 'o_proj', 'gate_proj', 'up_proj', 'down_proj'],
}

export interface NewNetwork {
  readonly name: string
  /** Content id of the base model. */
  readonly base: string
  readonly owner: Identity
  readonly founders: Policy['foundingRoster']
  /** What differs from the default policy. */
  readonly policy?: Partial<Policy>
}

/**
 * A new network: its genesis, and policy 1 signed by its owner.
 *
 * @throws ConfigError CONFIG_INVALID
 */
export function createNetwork({ name, base, owner, founders, policy }: NewNetwork): NetworkConfig {
  const genesis = parseConfig(genesisSchema, {
    name, base, adapter: DEFAULT_ADAPTER, codec: 'sign-block64-1', owners: { keys: [toString(owner.publicKey, 'hex')], threshold: 1 },
  }, 'the genesis')
  return signed({ genesis, policy: { ...DEFAULT_POLICY, ...policy, foundingRoster: founders }, signatures: [] }, owner)
}

/** The same network under its owner's signature; what has been signed before stays where it still holds. @throws ConfigError CONFIG_INVALID */
export function signed(config: NetworkConfig, owner: Identity): NetworkConfig {
  const checked = parseConfig(networkConfigSchema, config, 'the network')
  const own = signPolicy(owner, checked.genesis, checked.policy)
  return { ...checked, signatures: [...checked.signatures.filter(({ key }) => key !== own.key), own] }
}

export async function writeNetwork(file: string, config: NetworkConfig): Promise<void> {
  await mkdir(dirname(file), { recursive: true })
  await writeFile(file, `${JSON.stringify(config, undefined, 2)}\n`)
}

/** The key of a network's owner lies beside its file, and belongs into a safe place once the network is real. */
export function ownerOf(networkFile: string): Promise<Identity> {
  return loadOrCreateIdentity(ownerFolder(networkFile))
}

export function ownerFolder(networkFile: string): string {
  return join(dirname(networkFile), `${basename(networkFile, '.json')}.owner`)
}

/** A network's configuration, its owners' signatures checked. @throws ConfigError, IdentityError OWNERS_SIGNATURES_TOO_FEW */
export async function loadVerifiedNetwork(file: string): Promise<{ readonly config: NetworkConfig, readonly id: string }> {
  const config = await loadNetworkConfig(file)
  verifyNetworkConfig(config)
  return { config, id: networkId(config.genesis) }
}
