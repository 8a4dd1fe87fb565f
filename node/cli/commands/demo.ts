import { Command } from 'commander'

import { whole } from '../options.js'

interface DemoOptions {
  readonly peers: number
  readonly rounds: number
  readonly seed: number
  readonly keep: boolean
}

export function demoCommand(): Command {
  return new Command('demo')
    .description('Watch a network of companies with private designs train together on this machine, in a few minutes.')
    .option('--peers <number>', 'companies; two of them write quantum circuits', whole(5, 16), 6)
    .option('--rounds <number>', 'rounds of training', whole(2, 200), 12)
    .option('--seed <number>', 'other companies and other specifications', whole(0, 2 ** 31 - 1), 1)
    .option('--keep', 'keep the folder with designs, logs and models afterwards', false)
    .addHelpText('after', `
One bootstrap peer, one checker service and the companies run as processes of their own in a temporary folder. One company's specifications
do not belong to its designs, and one cluster head is killed in mid-round. Every figure at the end is measured in that run.

Examples:
  $ meshwright demo
  $ meshwright demo --peers 8 --rounds 24 --seed 7 --keep`)
    .action(async (options: DemoOptions) => {
      const { runDemo } = await import('../../demo/run-demo.js')
      process.exitCode = await runDemo(options)
    })
}
