import { Command } from 'commander'

import { dataOption } from '../options.js'
import { print } from '../output.js'

export function stopCommand(): Command {
  return new Command('stop')
    .description('Ask the running node to stop cleanly.')
    .addOption(dataOption())
    .addHelpText('after', `
Example:
  $ meshwright stop --data alice`)
    .action(async ({ data }: { readonly data?: string }) => {
      const { withNode } = await import('../control.js')
      await withNode(data, (node) => node.call('stop'))
      print('The node is stopping.')
    })
}
