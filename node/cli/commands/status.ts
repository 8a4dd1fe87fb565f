import { Command } from 'commander'

import type { NodeStatus } from '../../daemon/status.js'
import { dataOption, jsonOption } from '../options.js'
import { print, printJson } from '../output.js'

export function statusCommand(): Command {
  return new Command('status')
    .description('Show where the running node stands: its cluster, the round, its deltas, its models.')
    .addOption(dataOption())
    .option('--watch', 'show it anew every second until Ctrl-C', false)
    .addOption(jsonOption())
    .addHelpText('after', `
Examples:
  $ meshwright status --data alice
  $ meshwright status --data alice --json | jq .rounds.head`)
    .action(async ({ data, watch, json }: { readonly data?: string, readonly watch: boolean, readonly json: boolean }) => {
      const { withNode } = await import('../control.js')
      const { statusLines } = await import('../status-lines.js')
      await withNode(data, async (node) => {
        for (;;) {
          const status = await node.call('status') as NodeStatus
          if (json) printJson(status)
          else {
            if (watch && process.stdout.isTTY) process.stdout.write('\x1b[2J\x1b[H')
            print(...statusLines(status))
          }
          if (!watch) return
          await new Promise((resolve) => { setTimeout(resolve, 1000) })
        }
      })
    })
}
