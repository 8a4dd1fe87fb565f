import { Command } from 'commander'

import { jsonOption, path } from '../../options.js'
import { print, printJson } from '../../output.js'
import { missingLines, missingSignatures } from './lines.js'
import { ownerOption } from './options.js'

interface RenewOptions {
  readonly owner?: readonly string[]
  readonly networkKey?: string
  readonly json: boolean
}

export function renewKeyCommand(): Command {
  return new Command('renew-key')
    .description('Give a private network its next key, under a policy of the next version.')
    .argument('<file>', 'the network.config.json', path)
    .addOption(ownerOption())
    .option('--network-key <file>', 'the network\'s key file (default: the .key file beside the network)', path)
    .addOption(jsonOption())
    .addHelpText('after', `
The key file keeps the key before, too, so that nodes which have the new one and nodes which do not yet can talk. Hand both files to all members.

Example:
  $ meshwright network renew-key house.config.json --owner owner-1 --owner owner-2`)
    .action(async (file: string, { owner: folders, networkKey, json }: RenewOptions) => {
      const { NodeError } = await import('../../../errors.js')
      const { changePolicy, signedBy, writeNetwork } = await import('../../../settings/network.js')
      const { addNetworkKey, networkKeyFile, renewableKeyFile } = await import('../../../settings/network-keys.js')
      const { loadOwners } = await import('../../../settings/owners.js')
      const { loadNetworkConfig } = await import('../../../../src/config/index.js')
      const config = await loadNetworkConfig(file)
      const signers = await loadOwners(file, folders)
      const keyFile = renewableKeyFile(file, config.policy, networkKey)
      if (keyFile === undefined) throw new NodeError('USAGE_INVALID', `there is no network key ${networkKeyFile(file)}: name the network's key file with --network-key`)
      const keyEpoch = config.policy.keyEpoch + 1
      const renewed = signedBy(changePolicy(config, { keyEpoch }), signers)
      await addNetworkKey(keyFile, keyEpoch)
      await writeNetwork(file, renewed)
      if (json) printJson({ file, policy: renewed.policy.version, keyEpoch, networkKey: keyFile, missing: missingSignatures(renewed) })
      else print(`Policy ${renewed.policy.version} of "${config.genesis.name}" uses the network key of epoch ${keyEpoch}`, `  network key  ${keyFile}`, ...missingLines(renewed, file))
    })
}
