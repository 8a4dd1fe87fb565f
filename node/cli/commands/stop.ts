import { Command } from 'commander'

import { dataOption } from '../options.js'
import { print } from '../output.js'

export function stopCommand(): Command {
  return new Command('stop')
    .description('Ask the running node to stop cleanly.')
    .addOption(dataOption())
    .option('--leave', 'for good: the other members take the node off the roster at once instead of waiting for it', false)
    .addHelpText('after', `
Example:
  $ meshwright stop --data alice

A node that is only restarted should not leave: it keeps its place for eight rounds, and with it its reputation.`)
    .action(async ({ data, leave }: { readonly data?: string, readonly leave: boolean }) => {
      const { withNode } = await import('../control.js')
      await withNode(data, (node) => node.call('stop', { leave }))
      print(leave ? 'The node leaves the network and stops.' : 'The node is stopping.')
    })
}
