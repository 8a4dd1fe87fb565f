import { Command } from 'commander'

import { jsonOption, path } from '../../options.js'
import { print, printJson } from '../../output.js'

export function showCommand(): Command {
  return new Command('show')
    .description('Print what a network.config.json or a credential says, who signed it, and what is still missing.')
    .argument('<file>', 'the network.config.json, or a credential', path)
    .option('--network <file>', 'the network.config.json by whose owners a credential is checked', path)
    .addOption(jsonOption())
    .addHelpText('after', `
Examples:
  $ meshwright network show house.config.json
  $ meshwright network show acme.credential --network house.config.json`)
    .action(async (file: string, { network, json }: { readonly network?: string, readonly json: boolean }) => {
      const { describeCredential, describeNetwork, credentialLines, networkLines } = await import('./describe.js')
      const { holdsCredential } = await import('../../../settings/credentials.js')
      if (await holdsCredential(file)) {
        const credential = await describeCredential(file, network, Date.now())
        if (json) printJson(credential)
        else print(...credentialLines(credential))
      } else {
        const described = await describeNetwork(file)
        if (json) printJson(described)
        else print(...networkLines(described))
      }
    })
}
