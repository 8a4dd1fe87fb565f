import { Command } from 'commander'

import { jsonOption, path } from '../../options.js'
import { print, printJson } from '../../output.js'

export function ownerCommand(): Command {
  return new Command('owner')
    .description('Print the public key of an owner; the key is made where the folder has none.')
    .argument('<folder>', 'where the owner\'s key is kept', path)
    .addOption(jsonOption())
    .addHelpText('after', `
An owner makes the key on a machine of their own and hands over only what this prints.

Example:
  $ meshwright network owner ~/meshwright-owner`)
    .action(async (folder: string, { json }: { readonly json: boolean }) => {
      const { toString } = await import('uint8arrays')
      const { loadOrCreateIdentity } = await import('../../../../src/identity/index.js')
      const { publicKey } = await loadOrCreateIdentity(folder)
      const key = toString(publicKey, 'hex')
      if (json) printJson({ folder, key })
      else print(key)
    })
}
