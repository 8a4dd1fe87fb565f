import { Command } from 'commander'

import { dataOption, jsonOption, past, whole } from '../options.js'
import type { Outgoing } from '../outgoing-lines.js'
import { print, printJson } from '../output.js'

/** Entries that are listed unless said otherwise, and at most. */
const LISTED = 20
const MOST_LISTED = 10_000

interface OutgoingOptions {
  readonly data?: string
  readonly limit?: number
  readonly kind?: string
  readonly since?: number
  readonly content: boolean
  readonly json: boolean
}

export function inspectCommand(): Command {
  return new Command('inspect')
    .description('Look inside: what has left this node.')
    .addCommand(new Command('outgoing')
      .description('Every byte that has left the node, also in earlier runs: totals by kind and on the wire, then the last messages and pulls.')
      .addOption(dataOption())
      .option('--limit <number>', `entries to list (default: ${LISTED}, with --since up to ${MOST_LISTED})`, whole(0, MOST_LISTED))
      .option('--kind <kind>', 'only this kind, such as manifest, votes or delta')
      .option('--since <time>', 'only entries since a date, or of the last 90s, 30m, 2h, 7d', past)
      .option('--content', 'show what each message of this run says', false)
      .addOption(jsonOption())
      .addHelpText('after', `
Examples:
  $ meshwright inspect outgoing --data alice
  $ meshwright inspect outgoing --data alice --kind delta --since 2h
  $ meshwright inspect outgoing --data alice --kind manifest --limit 1 --content`)
      .action(async ({ data, limit, kind, since, content, json }: OutgoingOptions) => {
        const { withNode } = await import('../control.js')
        const { outgoingLines } = await import('../outgoing-lines.js')
        const asked = {
          content,
          limit: limit ?? (since === undefined ? LISTED : MOST_LISTED),
          ...kind === undefined ? {} : { kind },
          ...since === undefined ? {} : { since },
        }
        const outgoing = await withNode(data, (node) => node.call('outgoing', asked)) as Outgoing
        if (json) printJson(outgoing)
        else print(...outgoingLines(outgoing))
      }))
}
