import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'

import { Command } from 'commander'

import { collect, collectPaths, domainOption, jsonOption, path } from '../options.js'
import { print, printJson } from '../output.js'

interface InitOptions {
  readonly network?: string
  readonly domain?: string
  readonly designs?: readonly string[]
  readonly listen?: readonly string[]
  readonly peer?: readonly string[]
  readonly organisation?: string
  readonly networkKey?: string
  readonly credential?: string
  readonly allow?: readonly string[]
  readonly dialOnly: boolean
  readonly force: boolean
  readonly json: boolean
}

export function initCommand(): Command {
  return new Command('init')
    .description('Make a node\'s data folder: its identity (an Ed25519 key) and its settings.')
    .argument('[folder]', 'the data folder (default: $MESHWRIGHT_DATA, or .meshwright in the home folder)')
    .option('--designs <folder>', 'folder with your own designs, may be repeated; it is read, never changed', collectPaths)
    .addOption(domainOption())
    .option('--network <file>', 'the network.config.json to join (default: the public testnet)', path)
    .option('--listen <multiaddr>', 'address to listen on, may be repeated (default: /ip4/0.0.0.0/tcp/4101)', collect)
    .option('--peer <multiaddr>', 'a peer to stay connected to, may be repeated', collect)
    .option('--organisation <name>', 'peers of one organisation do not audit each other')
    .option('--network-key <file>', 'the key file of a private network', path)
    .option('--credential <file>', 'the owners\' credential for this peer, where the network asks for one; it may be put there later', path)
    .option('--allow <peer id>', 'connect to no other peers than these and those of --peer, may be repeated', collect)
    .option('--dial-only', 'listen on no address, behind a firewall that lets connections out only', false)
    .option('--force', 'write settings anew where there are some; the identity stays', false)
    .addOption(jsonOption())
    .addHelpText('after', `
Examples:
  $ meshwright init alice --designs ~/rtl --network house.config.json --listen /ip4/127.0.0.1/tcp/4111
  $ meshwright init bob --designs ~/circuits --domain qasm
  $ meshwright init carol --designs ~/rtl --network house.config.json --network-key house.config.key --credential carol.credential --dial-only

The settings are a small JSON file in the folder, meshwright.json: docs/reference/configuration.md explains each field.`)
    .action(async (folder: string | undefined, options: InitOptions) => {
      const { dataFolderOf, SETTINGS_FILE, writeSettings } = await import('../../settings/settings.js')
      const { loadOrCreateIdentity } = await import('../../../src/identity/index.js')
      const { NodeError } = await import('../../errors.js')
      const data = folder === undefined ? dataFolderOf(undefined) : resolve(folder)
      const { network, domain, designs, listen: addresses, peer, organisation, networkKey, credential, allow, dialOnly, force, json } = options
      if (existsSync(join(data, SETTINGS_FILE)) && !force) {
        throw new NodeError('SETTINGS_EXIST', `${data} has settings already: edit ${SETTINGS_FILE} there, or write them anew with --force`)
      }
      if (dialOnly && addresses !== undefined) throw new NodeError('USAGE_INVALID', 'a node that only dials listens nowhere: give either --listen or --dial-only')
      const listen = dialOnly ? [] : addresses
      const file = await writeSettings(data, {
        dataFolder: '.',
        ...network === undefined ? {} : { network },
        ...domain === undefined ? {} : { domain },
        ...organisation === undefined ? {} : { organisation },
        ...networkKey === undefined ? {} : { networkKeyFile: networkKey },
        ...credential === undefined ? {} : { credentialFile: credential },
        ...designs === undefined ? {} : { corpus: { folders: designs } },
        ...listen === undefined && peer === undefined && allow === undefined
          ? {}
          : {
              transport: { ...listen === undefined ? {} : { listen }, ...peer === undefined ? {} : { staticPeers: peer }, ...allow === undefined ? {} : { allow } },
            },
      })
      const { peerId } = await loadOrCreateIdentity(data)
      if (json) {
        printJson({ dataFolder: data, settings: file, peer: peerId })
        return
      }
      print(
        `Made ${data}`,
        `  peer id   ${peerId}`,
        `  settings  ${file}`,
        '',
        'Next: start it with',
        `  meshwright start --data ${folder ?? data}`,
      )
    })
}
