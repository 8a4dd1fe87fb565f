import { Command } from 'commander'

import type { PersonalProgress } from '../../daemon/personal.js'
import type { PersonalNews } from '../../daemon/personaliser.js'
import { dataOption, jsonOption, whole } from '../options.js'
import { print, printJson } from '../output.js'

interface PersonaliseOptions {
  readonly data?: string
  readonly local: boolean
  readonly steps: number
  readonly json: boolean
}

export function personaliseCommand(): Command {
  return new Command('personalise')
    .description('Make the personal model now, instead of at the end of the campaign. It never leaves the node.')
    .addOption(dataOption())
    .option('--no-local', 'do not train a model without the network to compare with and to mix in; saves most of the time')
    .option('--steps <number>', 'steps of further training on own designs', whole(0, 10_000), 50)
    .addOption(jsonOption())
    .addHelpText('after', `
Candidates (the network's adapter, own aggregate, local, mixtures, and the best of them trained further) are compared on designs of yours that none was trained on.

Example:
  $ meshwright personalise --data alice --no-local`)
    .action(async ({ data, local, steps, json }: PersonaliseOptions) => {
      const { withNode } = await import('../control.js')
      const { table } = await import('../../terminal/table.js')
      const { percentText } = await import('../../terminal/numbers.js')
      const news = await withNode(data, (node) => node.call('personalise', { local, furtherSteps: steps }, (event) => {
        const { candidate, step, steps: all } = event as PersonalProgress
        if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${all === 0 ? `scored ${candidate}` : `${candidate}: step ${step} of ${all}`}`)
      })) as PersonalNews
      if (process.stderr.isTTY) process.stderr.write('\r\x1b[K')
      if (json) {
        printJson(news)
        return
      }
      print(`The personal model is: ${news.chosen}`, '')
      const hasOwn = news.scores.some(({ own }) => own !== undefined)
      print(...table(['candidate', 'exact', 'loss', ...hasOwn ? ['with your metrics'] : []], news.scores.map(({ name, exact, loss, own }) => [name, percentText(exact), loss.toFixed(4), ...own === undefined ? [] : [own.toFixed(4)]])).map((line) => `  ${line}`))
    })
}
