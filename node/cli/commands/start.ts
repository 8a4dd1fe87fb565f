import { Command, Option } from 'commander'

import { collect, collectPaths, dataOption, domainOption, jsonOption, path, whole } from '../options.js'
import { EXIT } from '../exit-codes.js'
import { print } from '../output.js'

interface StartOptions {
  readonly data?: string
  readonly network?: string
  readonly designs?: readonly string[]
  readonly domain?: string
  readonly listen?: readonly string[]
  readonly peer?: readonly string[]
  readonly threads?: number
  readonly checker?: string
  readonly rounds?: number
  readonly personalise: boolean
  readonly ownAggregate: boolean
  readonly logLevel?: string
  readonly logFormat?: string
  readonly json: boolean
}

export function startCommand(): Command {
  return new Command('start')
    .description('Run a node: it trains on its own designs, exchanges deltas with its cluster, and serves its models.')
    .addOption(dataOption())
    .option('--network <file>', 'the network.config.json to join', path)
    .option('--designs <folder>', 'folder with your own designs, may be repeated', collectPaths)
    .addOption(domainOption())
    .option('--listen <multiaddr>', 'address to listen on, may be repeated', collect)
    .option('--peer <multiaddr>', 'a peer to connect to, such as a bootstrap peer, may be repeated', collect)
    .option('--threads <number>', 'threads for the model', whole(1, 1024))
    .option('--checker <socket>', 'use the checkers of `meshwright check` instead of own ones', path)
    .option('--rounds <number>', 'take part in rounds up to this one, then only serve', whole(1, 1_000_000))
    .option('--no-personalise', 'make no personal model after rounds and at the end of a campaign, only on request')
    .option('--no-own-aggregate', 'do not weigh each round\'s deltas by own designs, too; saves computing')
    .addOption(new Option('--log-level <level>', 'which lines go to the log').choices(['debug', 'info', 'warn', 'error']))
    .addOption(new Option('--log-format <format>', 'the log\'s form').choices(['human', 'json']))
    .addOption(jsonOption())
    .addHelpText('after', `
Options given here go before those in the data folder's meshwright.json. The log goes to standard error. Ctrl-C stops the node cleanly.

Examples:
  $ meshwright start --data alice
  $ meshwright start --data alice --peer /ip4/10.0.0.7/tcp/4100/p2p/12D3KooW... --threads 2`)
    .action(async (options: StartOptions) => {
      const { dataFolderOf, loadSettings } = await import('../../settings/settings.js')
      const { createLogger } = await import('../../../src/telemetry/index.js')
      const data = dataFolderOf(options.data)
      const settings = await loadSettings(data, options)
      const log = createLogger({ level: settings.log.level, json: settings.log.format === 'json' })
      const { stopSignal } = await import('../../daemon/signals.js')
      const stop = stopSignal()
      const { startNode } = await import('../../daemon/start-node.js')
      const starting = startNode({
        settings, log,
        personalise: options.personalise,
        ownAggregate: options.ownAggregate,
        ...options.checker === undefined ? {} : { checkerSocket: options.checker },
        ...options.rounds === undefined ? {} : { rounds: options.rounds },
      })
      // Until the node is up there is nothing to take down: what it has written is whole, and its lock falls with the process.
      const node = await Promise.race([starting, stop.then(() => undefined)])
      if (!node) process.exit(EXIT.ok)
      if (options.json) print(JSON.stringify({ ready: true, dataFolder: data, processId: process.pid }))
      const why = await Promise.race([stop, node.asked.then(() => 'a command')])
      log.info('stopping', { by: why })
      await node.stop()
      // Threads of libraries that outlive their owners must not keep the process.
      process.exit(EXIT.ok)
    })
}
