import { Command } from 'commander'

import type { RoundNews } from '../../daemon/history.js'
import { dataOption, jsonOption, whole } from '../options.js'
import { print, printJson } from '../output.js'

export function roundsCommand(): Command {
  return new Command('rounds')
    .description('Show what became of the deltas of the last rounds, and why: was mine used?')
    .addOption(dataOption())
    .option('--limit <number>', 'rounds to show', whole(1, 10_000), 5)
    .option('--mine', 'only this node\'s own deltas', false)
    .addOption(jsonOption())
    .addHelpText('after', `
Examples:
  $ meshwright rounds --data alice --mine --limit 20
  $ meshwright rounds --data alice --json`)
    .action(async ({ data, limit, mine, json }: { readonly data?: string, readonly limit: number, readonly mine: boolean, readonly json: boolean }) => {
      const { withNode } = await import('../control.js')
      const { roundLines } = await import('../round-lines.js')
      const answer = await withNode(data, (node) => node.call('rounds', { limit })) as { self: string, rounds: RoundNews[] }
      if (json) printJson(answer)
      else if (answer.rounds.length === 0) print('No round has ended yet.')
      else print(...answer.rounds.flatMap((round) => roundLines(round, answer.self, mine)))
    })
}
