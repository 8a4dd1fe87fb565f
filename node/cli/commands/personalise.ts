import { Command } from 'commander'

import type { PersonalProgress } from '../../daemon/personal-measures.js'
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
    .description('Make the personal model from all candidates now, instead of at the end of the campaign. It never leaves the node.')
    .addOption(dataOption())
    .option('--no-local', 'do not train a model without the network to compare with and to mix in; saves most of the time')
    .option('--steps <number>', 'steps of further training on own designs', whole(0, 10_000), 50)
    .addOption(jsonOption())
    .addHelpText('after', `
Candidates (the network's adapter, own aggregate, local, mixtures, the best of them and the network's trained further) are compared on designs of yours that none was
trained on: first by their loss, then the best, the network's and the local one by which of these designs they write so that the checkers pass them.

Example:
  $ meshwright personalise --data alice --no-local`)
    .action(async ({ data, local, steps, json }: PersonaliseOptions) => {
      const { withNode } = await import('../control.js')
      const { table } = await import('../../terminal/table.js')
      const { percentText } = await import('../../terminal/numbers.js')
      const news = await withNode(data, (node) => node.call('personalise', { local, furtherSteps: steps }, (event) => {
        const { candidate, doing, step, steps: all } = event as PersonalProgress
        if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${candidate}: ${doing}${all === 0 ? '' : ` ${step} of ${all}`}`)
      })) as PersonalNews
      if (process.stderr.isTTY) process.stderr.write('\r\x1b[K')
      if (json) {
        printJson(news)
        return
      }
      print(`The personal model is: ${news.chosen}`, '')
      const hasOwn = news.scores.some(({ own }) => own !== undefined)
      const rows = news.scores.map(({ name, passed, exact, loss, own }) => [
        name, passed === undefined ? '-' : percentText(passed), percentText(exact), loss.toFixed(4), ...hasOwn ? [own?.toFixed(4) ?? '-'] : [],
      ])
      print(...table(['candidate', 'passes', 'exact', 'loss', ...hasOwn ? ['with your metrics'] : []], rows).map((line) => `  ${line}`))
    })
}
