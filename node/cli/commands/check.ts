import { Command, InvalidArgumentError } from 'commander'

import { jsonOption, path, whole } from '../options.js'
import { print, printJson } from '../output.js'

interface CheckOptions {
  readonly socket: string
  readonly workers: number
  readonly timeout: number
  readonly json: boolean
}

export function checkCommand(): Command {
  return new Command('check')
    .description('Run the checkers as a service of its own that several nodes of one machine share.')
    .requiredOption('--socket <path>', 'the socket to serve on', socket)
    .option('--workers <number>', 'checks at a time', whole(1, 256), 1)
    .option('--timeout <milliseconds>', 'the longest check', whole(100, 600_000), 10_000)
    .addOption(jsonOption())
    .addHelpText('after', `
A checker takes some 300 MB, so that nodes of one machine better share it:
  $ meshwright check --socket /tmp/checks.sock --workers 2
  $ meshwright start --data alice --checker /tmp/checks.sock`)
    .action(async ({ socket: address, workers, timeout, json }: CheckOptions) => {
      const { openChecker, serveChecker } = await import('../../../src/quality/index.js')
      const { stopSignal } = await import('../../daemon/signals.js')
      const checker = openChecker({ workers, timeoutMs: timeout })
      const service = await serveChecker(checker, address)
      if (json) printJson({ socket: address, workers })
      else print(`Checking at ${address} with ${workers} ${workers === 1 ? 'worker' : 'workers'}`)
      await stopSignal()
      await service.close()
      await checker.close()
    })
}

function socket(value: string): string {
  if (value === '') throw new InvalidArgumentError('Name a path.')
  return path(value)
}
