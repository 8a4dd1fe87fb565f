import { readFile } from 'node:fs/promises'

import { Command } from 'commander'

import { collect, jsonOption, path, whole } from '../options.js'
import { print, printJson } from '../output.js'

interface CreateOptions {
  readonly name: string
  readonly founder: readonly string[]
  readonly bootstrap?: readonly string[]
  readonly model?: string
  readonly clusterSize?: number
  readonly campaignRounds?: number
  readonly policy?: string
  readonly json: boolean
}

export function networkCommand(): Command {
  return new Command('network')
    .description('Make a network of your own, or sign a change of its policy.')
    .addCommand(createCommand())
    .addCommand(signCommand())
    .addHelpText('after', `
A network is one file, network.config.json: a genesis that never changes (its hash is the network's id) and a policy that its owner signs.
Hand the file to every founder and to the bootstrap peer.`)
}

function createCommand(): Command {
  return new Command('create')
    .description('Write a network.config.json with its founders, signed by a new owner key beside it.')
    .argument('<file>', 'where to write it', path)
    .requiredOption('--name <name>', 'the network\'s name')
    .requiredOption('--founder <who>', 'a founder: the data folder of a node, or <peer id>:<domain>; may be repeated', collect)
    .option('--bootstrap <peer>', 'a bootstrap peer: its full address, or <data folder>=<address>; may be repeated', collect)
    .option('--model <folder>', 'the base model (default: the embedded one)', path)
    .option('--cluster-size <number>', 'peers of a cluster (default: 8)', whole(1, 64))
    .option('--campaign-rounds <number>', 'rounds of one learning-rate schedule (default: 30)', whole(1, 100_000))
    .option('--policy <file>', 'JSON with further fields of the policy, laid over the defaults', path)
    .addOption(jsonOption())
    .addHelpText('after', `
Example:
  $ meshwright network create house.config.json --name house --founder alice --founder bob --bootstrap seed=/ip4/127.0.0.1/tcp/4100
  $ meshwright network create lab.config.json --name lab --founder 12D3KooW...:verilog --founder 12D3KooW...:qasm`)
    .action(async (file: string, options: CreateOptions) => {
      const { createNetwork, ownerFolder, ownerOf, writeNetwork } = await import('../../settings/network.js')
      const { bootstrapOf, foundersOf } = await import('../../settings/founders.js')
      const { modelFolderOf } = await import('../../settings/model-data.js')
      const { DEFAULT_POLICY, networkId } = await import('../../../src/config/index.js')
      const { loadCheckpoint } = await import('../../../src/model/index.js')
      const founders = await foundersOf(options.founder)
      const { contentId } = await loadCheckpoint(modelFolderOf(options.model === undefined ? {} : { modelFolder: options.model }))
      const { clusterSize = DEFAULT_POLICY.clusterSize, campaignRounds, bootstrap } = options
      const config = createNetwork({
        name: options.name,
        base: contentId,
        owner: await ownerOf(file),
        founders,
        policy: {
          clusterSize,
          clusterMinimum: Math.min(DEFAULT_POLICY.clusterMinimum, clusterSize),
          clusterMaximum: Math.max(DEFAULT_POLICY.clusterMaximum, clusterSize),
          ...campaignRounds === undefined ? {} : { campaignRounds },
          ...bootstrap === undefined ? {} : { bootstrap: await Promise.all(bootstrap.map(bootstrapOf)) },
          ...options.policy === undefined ? {} : await readPolicy(options.policy),
        },
      })
      await writeNetwork(file, config)
      const id = networkId(config.genesis)
      if (options.json) {
        printJson({ file, id, owner: ownerFolder(file), founders })
        return
      }
      print(
        `Made the network "${options.name}" (${id.slice(0, 12)}) with ${founders.length} founders`,
        `  file       ${file}`,
        `  owner key  ${ownerFolder(file)} (keep it safe: it signs the policy)`,
      )
    })
}

function signCommand(): Command {
  return new Command('sign')
    .description('Sign the policy of a network.config.json after an edit; raise "version" first.')
    .argument('<file>', 'the network.config.json', path)
    .addHelpText('after', `
Example:
  $ meshwright network sign house.config.json`)
    .action(async (file: string) => {
      const { ownerOf, signed, writeNetwork } = await import('../../settings/network.js')
      const { loadNetworkConfig } = await import('../../../src/config/index.js')
      const { verifyNetworkConfig } = await import('../../../src/identity/index.js')
      const config = signed(await loadNetworkConfig(file), await ownerOf(file))
      verifyNetworkConfig(config)
      await writeNetwork(file, config)
      print(`Signed policy ${config.policy.version} of "${config.genesis.name}"`)
    })
}

async function readPolicy(file: string): Promise<object> {
  const { NodeError } = await import('../../errors.js')
  try {
    const value: unknown = JSON.parse(await readFile(file, 'utf8'))
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value
  } catch (error) {
    throw new NodeError('USAGE_INVALID', `${file} cannot be read as JSON: ${error instanceof Error ? error.message : String(error)}`, { cause: error })
  }
  throw new NodeError('USAGE_INVALID', `${file} holds no JSON object: write the policy's fields as {"clusterSize": 4, ...}`)
}
