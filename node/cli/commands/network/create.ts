import { readFile } from 'node:fs/promises'

import { Command } from 'commander'

import { collect, collectPaths, jsonOption, path, whole } from '../../options.js'
import { print, printJson } from '../../output.js'
import { missingLines } from './lines.js'

interface CreateOptions {
  readonly name: string
  readonly founder: readonly string[]
  readonly bootstrap?: readonly string[]
  readonly owners?: number
  readonly owner?: readonly string[]
  readonly ownerKey?: readonly string[]
  readonly threshold: number
  readonly private: boolean
  readonly model?: string
  readonly clusterSize?: number
  readonly campaignRounds?: number
  readonly policy?: string
  readonly force: boolean
  readonly json: boolean
}

export function createCommand(): Command {
  return new Command('create')
    .description('Write a network.config.json with its founders, signed by new owner keys beside it.')
    .argument('<file>', 'where to write it', path)
    .requiredOption('--name <name>', 'the network\'s name')
    .requiredOption('--founder <who>', 'a founder: the data folder of a node, or <peer id>:<domain>[:<organisation>]; may be repeated', collect)
    .option('--bootstrap <peer>', 'a bootstrap peer: its full address, or <data folder>=<address>; may be repeated', collect)
    .option('--owners <number>', 'owner keys to make, each in a folder of its own beside the file (default: 1, or none with --owner or --owner-key)', whole(0, 32))
    .option('--owner <folder>', 'an owner whose key is in this folder already; may be repeated', collectPaths)
    .option('--owner-key <key>', 'an owner by the public key that `meshwright network owner` prints; may be repeated', collect)
    .option('--threshold <number>', 'how many of the owners must sign', whole(1, 32), 1)
    .option('--private', 'make a network key, without which nobody gets through the handshake, and ask every peer for a credential', false)
    .option('--model <folder>', 'the base model (default: the embedded one)', path)
    .option('--cluster-size <number>', 'peers of a cluster (default: 8)', whole(1, 64))
    .option('--campaign-rounds <number>', 'rounds of one learning-rate schedule (default: 30)', whole(1, 100_000))
    .option('--policy <file>', 'JSON with further fields of the policy, laid over the defaults', path)
    .option('--force', 'replace the file where there is one', false)
    .addOption(jsonOption())
    .addHelpText('after', `
Examples:
  $ meshwright network create house.config.json --name house --founder alice --founder bob --bootstrap seed=/ip4/127.0.0.1/tcp/4100
  $ meshwright network create lab.config.json --name lab --founder 12D3KooW...:verilog --founder 12D3KooW...:qasm
  $ meshwright network create house.config.json --name house --private --owners 3 --threshold 2 --founder alice --founder bob`)
    .action(async (file: string, options: CreateOptions) => {
      const { createNetwork, refuseToReplace, writeNetwork } = await import('../../../settings/network.js')
      const { makeOwners, ownersFrom } = await import('../../../settings/owners.js')
      const { createNetworkKey, networkKeyFile } = await import('../../../settings/network-keys.js')
      const { bootstrapOf, foundersOf } = await import('../../../settings/founders.js')
      const { modelFolderOf } = await import('../../../settings/model-data.js')
      const { DEFAULT_POLICY, LARGEST_CLUSTER, networkId } = await import('../../../../src/config/index.js')
      const { loadIdentity } = await import('../../../../src/identity/index.js')
      const { loadCheckpoint } = await import('../../../../src/model/index.js')
      const { name, private: isPrivate, force, owner: ownerFolders = [], ownerKey: keys = [], threshold } = options
      const keyFile = networkKeyFile(file)
      if (!force) for (const made of [file, ...isPrivate ? [keyFile] : []]) refuseToReplace(made)
      const founders = await foundersOf(options.founder)
      const { contentId } = await loadCheckpoint(modelFolderOf(options.model === undefined ? {} : { modelFolder: options.model }))
      const bootstrap = options.bootstrap === undefined ? undefined : await Promise.all(options.bootstrap.map(bootstrapOf))
      const given = await Promise.all(ownerFolders.map((folder) => loadIdentity(folder)))
      const made = await makeOwners(file, options.owners ?? (keys.length + given.length > 0 ? 0 : 1))
      const { clusterSize = DEFAULT_POLICY.clusterSize, campaignRounds } = options
      const config = createNetwork({
        name,
        base: contentId,
        owners: ownersFrom([...made.map(({ identity }) => identity), ...given], keys, threshold),
        signers: [...made.map(({ identity }) => identity), ...given],
        founders,
        policy: {
          clusterSize,
          clusterMinimum: Math.min(DEFAULT_POLICY.clusterMinimum, clusterSize),
          // A domain of twice the size starts as one cluster.
          clusterMaximum: Math.min(LARGEST_CLUSTER, Math.max(DEFAULT_POLICY.clusterMaximum, 2 * clusterSize)),
          ...isPrivate ? { membership: 'credential' } : {},
          ...campaignRounds === undefined ? {} : { campaignRounds },
          ...bootstrap === undefined ? {} : { bootstrap },
          ...options.policy === undefined ? {} : await readPolicy(options.policy),
        },
      })
      if (isPrivate) await createNetworkKey(keyFile, config.policy.keyEpoch)
      await writeNetwork(file, config)
      const id = networkId(config.genesis)
      const folders = made.map(({ folder }) => folder)
      if (options.json) {
        printJson({ file, id, owner: folders[0] ?? null, owners: folders, networkKey: isPrivate ? keyFile : null, founders })
        return
      }
      print(
        `Made the network "${name}" (${id.slice(0, 12)}) with ${founders.length} founders`,
        `  file         ${file}`,
        ...isPrivate ? [`  network key  ${keyFile} (secret: hand it to members only)`] : [],
        ...folders.map((folder) => `  owner key    ${folder} (keep it safe: it signs the policy)`),
        ...folders.length > 1 ? ['Hand each owner key to another person, and remove it here.'] : [],
        ...isPrivate ? ['Every peer, the bootstrap peer too, needs a credential: `meshwright network invite` makes it.'] : [],
        ...missingLines(config, file),
      )
    })
}

async function readPolicy(file: string): Promise<object> {
  const { NodeError } = await import('../../../errors.js')
  try {
    const value: unknown = JSON.parse(await readFile(file, 'utf8'))
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value
  } catch (error) {
    throw new NodeError('USAGE_INVALID', `${file} cannot be read as JSON: ${error instanceof Error ? error.message : String(error)}`, { cause: error })
  }
  throw new NodeError('USAGE_INVALID', `${file} holds no JSON object: write the policy's fields as {"clusterSize": 4, ...}`)
}
