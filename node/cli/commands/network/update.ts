import { Command } from 'commander'

import type { NetworkUpdate } from '../../../daemon/followed-network.js'
import { dataOption, jsonOption } from '../../options.js'
import { print, printJson } from '../../output.js'

export function updateCommand(): Command {
  return new Command('update')
    .description('Make the running node read its network\'s file and its credential again.')
    .addOption(dataOption())
    .addOption(jsonOption())
    .addHelpText('after', `
A newer policy that enough owners signed is followed from then on: revoked peers are parted from at once. Fields that count from the next start only are
named. An older policy is refused.

Example:
  $ meshwright network update --data alice`)
    .action(async ({ data, json }: { readonly data?: string, readonly json: boolean }) => {
      const { withNode } = await import('../../control.js')
      const update = await withNode(data, (node) => node.call('update')) as NetworkUpdate
      if (json) {
        printJson(update)
        return
      }
      print(
        update.from === update.to ? `The node follows policy ${update.to} already; its credential was read again.` : `The node follows policy ${update.to} now (before: ${update.from}).`,
        ...update.atRestart.length === 0 ? [] : [`From its next start on, it follows the change of ${update.atRestart.join(', ')}, too: restart it when it suits.`],
      )
    })
}
