import { Command } from 'commander'

import { collect, jsonOption, path, whole } from '../../options.js'
import { print, printJson } from '../../output.js'
import { missingLines, missingSignatures } from './lines.js'
import { ownerOption } from './options.js'

interface SucceedOptions {
  readonly newOwner: readonly string[]
  readonly threshold: number
  readonly owner?: readonly string[]
  readonly json: boolean
}

export function succeedCommand(): Command {
  return new Command('succeed')
    .description('Hand a network over to other owners, for instance when an owner key is lost.')
    .argument('<file>', 'the network.config.json', path)
    .requiredOption('--new-owner <who>', 'an owner from now on: the folder of a key, or a public key; may be repeated, and those who stay are named, too', collect)
    .requiredOption('--threshold <number>', 'how many of the new owners must sign', whole(1, 32))
    .addOption(ownerOption())
    .addOption(jsonOption())
    .addHelpText('after', `
The present owners sign the succession, the new ones the policy, which gets the next version: an owner who is both signs both. The network's id stays.
Credentials that the former owners signed hold as long as enough of their signers are still owners; issue the others anew.

Example, where the key of owner 3 is lost:
  $ meshwright network succeed house.config.json --threshold 2 --new-owner owner-1 --new-owner owner-2 --new-owner owner-4 --owner owner-1 --owner owner-2`)
    .action(async (file: string, { newOwner, threshold, owner: folders, json }: SucceedOptions) => {
      const { signedBy, writeNetwork } = await import('../../../settings/network.js')
      const { loadOwners, ownersFrom, publicKeyNamed } = await import('../../../settings/owners.js')
      const { loadNetworkConfig } = await import('../../../../src/config/index.js')
      const { addSuccession } = await import('../../../../src/identity/index.js')
      const config = await loadNetworkConfig(file)
      const signers = await loadOwners(file, folders)
      const successors = ownersFrom([], await Promise.all(newOwner.map(publicKeyNamed)), threshold)
      const succeeded = signedBy(addSuccession(config, successors), signers)
      await writeNetwork(file, succeeded)
      if (json) printJson({ file, policy: succeeded.policy.version, owners: successors, missing: missingSignatures(succeeded) })
      else print(`"${config.genesis.name}" goes to ${successors.keys.length} owners, of whom ${threshold} must sign`, ...missingLines(succeeded, file))
    })
}
