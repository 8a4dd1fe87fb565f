/**
 * Writes the repository's network.config.json: a genesis, the first policy, and the owner's signature under it.
 *
 *     node dist/scripts/network/create-testnet.js --base <content id of models/embedded> --owner-data <folder with the owner's key>
 *
 * The owner's key is made in its folder at the first call, and must be kept: without it the policy can never change. Run again with
 * the same key after a change of the policy's defaults; the genesis, and so the network's id, stays as long as base and adapter do.
 */
import { join } from 'node:path'

import { Command } from 'commander'
import { toString } from 'uint8arrays'

import { ADAPTER_TARGETS, DEFAULT_POLICY, findPackageRoot, networkConfigSchema, networkId, parseConfig } from '../../src/config/index.js'
import type { Genesis, NetworkConfig, Policy } from '../../src/config/index.js'
import { loadOrCreateIdentity, signPolicy, verifyNetworkConfig } from '../../src/identity/index.js'
import { writeAtomically } from '../../src/store/index.js'

interface Options {
  readonly base: string
  readonly ownerData: string
  readonly name: string
  readonly rank: string
  readonly alpha: string
  readonly policyVersion: string
  readonly bootstrap: readonly string[]
  readonly out: string
}

const options = new Command('create-testnet')
  .requiredOption('--base <content id>', 'content id of the base model')
  .requiredOption('--owner-data <folder>', 'folder with the owner\'s key; made where it is missing')
  .option('--name <name>', 'the network\'s name', 'meshwright-testnet')
  .option('--rank <number>', 'LoRA rank', '16')
  .option('--alpha <number>', 'LoRA alpha', '32')
  .option('--policy-version <number>', 'must rise with every change', '1')
  .option('--bootstrap <multiaddr...>', 'addresses of first peers', [])
  .option('--out <file>', 'where to write', join(findPackageRoot(), 'network.config.json'))
  .parse()
  .opts<Options>()

const owner = await loadOrCreateIdentity(options.ownerData)

const genesis: Genesis = {
  name: options.name,
  base: options.base,
  adapter: { rank: Number(options.rank), alpha: Number(options.alpha), targets: [...ADAPTER_TARGETS] },
  codec: 'sign-block64-1',
  owners: { keys: [toString(owner.publicKey, 'hex')], threshold: 1 },
}
const policy: Policy = { ...DEFAULT_POLICY, version: Number(options.policyVersion), bootstrap: [...options.bootstrap] }

// Checked before it is signed: an owner's signature under nonsense could not be taken back.
const unsigned: NetworkConfig = parseConfig(networkConfigSchema, { genesis, policy, signatures: [] }, 'the new network')
const config: NetworkConfig = { ...unsigned, signatures: [signPolicy(owner, unsigned.genesis, unsigned.policy)] }
verifyNetworkConfig(config)

await writeAtomically(options.out, Buffer.from(`${JSON.stringify(config, null, 2)}\n`))
console.log(`${options.out}: network ${networkId(config.genesis)}, policy ${config.policy.version}`)
