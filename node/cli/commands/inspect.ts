import { Command } from 'commander'

import type { Explained } from '../../daemon/explain.js'
import type { LedgerEntry, LedgerTotal } from '../../daemon/ledger.js'
import { dataOption, jsonOption, whole } from '../options.js'
import { print, printJson, readable } from '../output.js'

interface OutgoingOptions {
  readonly data?: string
  readonly limit: number
  readonly kind?: string
  readonly content: boolean
  readonly json: boolean
}

interface Outgoing {
  readonly totals: readonly LedgerTotal[]
  readonly servedBytes: number
  readonly sentBytes: number
  readonly entries: readonly (LedgerEntry & { readonly content?: Explained })[]
}

export function inspectCommand(): Command {
  return new Command('inspect')
    .description('Look inside: what has left this node.')
    .addCommand(new Command('outgoing')
      .description('Every byte that leaves the node: totals by kind, then the last messages.')
      .addOption(dataOption())
      .option('--limit <number>', 'messages to list', whole(0, 10_000), 20)
      .option('--kind <kind>', 'only this kind, such as manifest, votes or delta')
      .option('--content', 'show what each message says', false)
      .addOption(jsonOption())
      .addHelpText('after', `
Examples:
  $ meshwright inspect outgoing --data alice
  $ meshwright inspect outgoing --data alice --kind manifest --limit 1 --content`)
      .action(async ({ data, limit, kind, content, json }: OutgoingOptions) => {
        const { withNode } = await import('../control.js')
        const { bytesText } = await import('../../terminal/numbers.js')
        const { table } = await import('../../terminal/table.js')
        const outgoing = await withNode(data, (node) => node.call('outgoing', { limit, content, ...kind === undefined ? {} : { kind } })) as Outgoing
        if (json) {
          printJson(outgoing)
          return
        }
        print(`Left this node since it started: ${bytesText(outgoing.sentBytes)}, of which others pulled ${bytesText(outgoing.servedBytes)}`, '')
        print(...table(['what', 'how', 'count', 'bytes', 'times receivers'], outgoing.totals.map((total) => [
          total.kind, total.action === 'sent' ? 'message' : 'pulled by hash', total.count, bytesText(total.bytes), total.action === 'sent' ? bytesText(total.sentBytes) : '-',
        ])))
        if (outgoing.entries.length === 0) return
        print('')
        for (const { time, kind: name, action, to, recipients, bytes, hash, content: said } of outgoing.entries) {
          const where = action === 'sent' ? `to ${recipients} ${recipients === 1 ? 'peer' : 'peers'} on ${to}` : 'offered to the cluster'
          print(`${new Date(time).toISOString()}  ${name.padEnd(12)} ${bytesText(bytes).padStart(9)}  ${hash.slice(0, 12)}  ${where}`)
          if (said) print(...readable(said.payload).split('\n').map((line) => `    ${line}`))
        }
      }))
}
