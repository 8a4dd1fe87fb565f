import { Command } from 'commander'

import { dataOption, jsonOption, path, whole } from '../options.js'
import { EXIT } from '../exit-codes.js'
import { print } from '../output.js'

interface ServeOptions {
  readonly data?: string
  readonly host?: string
  readonly port?: number
  readonly apiKeyFile?: string
  readonly threads?: number
  readonly checker?: string
  readonly json: boolean
}

export function serveCommand(): Command {
  return new Command('serve')
    .description('Serve the models of a data folder over an OpenAI-compatible API, without a node. A running node serves them itself.')
    .addOption(dataOption())
    .option('--host <host>', 'address to listen on (default: 127.0.0.1); others than this machine\'s own need a key')
    .option('--port <number>', 'port to listen on, 0 for any free one (default: 4180)', whole(0, 65_535))
    .option('--api-key-file <file>', 'file with the keys that clients must send, one a line', path)
    .option('--threads <number>', 'threads for the model', whole(1, 1024))
    .option('--checker <socket>', 'use the checkers of `meshwright check` instead of own ones', path)
    .addOption(jsonOption())
    .addHelpText('after', `
Options given here go before "api" in the data folder's meshwright.json. Without a data folder the base model alone is served.

Examples:
  $ meshwright serve --data alice
  $ openssl rand -hex 32 > api.key && meshwright serve --data alice --host 0.0.0.0 --api-key-file api.key
  $ curl http://127.0.0.1:4180/v1/models`)
    .action(async ({ data, host, port, apiKeyFile, threads, checker, json }: ServeOptions) => {
      const { dataFolderOf, loadSettings } = await import('../../settings/settings.js')
      const { createLogger } = await import('../../../src/telemetry/index.js')
      const { stopSignal } = await import('../../daemon/signals.js')
      const { openStandalone } = await import('../../serving/standalone.js')
      const { serveModels } = await import('../../serving/serve.js')
      const settings = await loadSettings(dataFolderOf(data), {
        // Whoever asks for it has it, also where a node would not serve; and is refused what a node would be.
        apiEnabled: true,
        ...host === undefined ? {} : { apiHost: host },
        ...port === undefined ? {} : { apiPort: port },
        ...apiKeyFile === undefined ? {} : { apiKeyFile },
        ...threads === undefined ? {} : { threads },
      })
      const log = createLogger({ level: settings.log.level, json: settings.log.format === 'json' })
      const stop = stopSignal()
      const { service, close } = await openStandalone(settings, checker)
      try {
        const server = await serveModels(settings.api, { service, log })
        print(json ? JSON.stringify({ ready: true, url: server.url, models: service.names, processId: process.pid }) : `Serving ${service.names.join(', ')} at ${server.url}; Ctrl-C stops it`)
        log.info('stopping', { by: await stop })
        await server.close()
      } finally {
        await close()
      }
      // Threads of libraries that outlive their owners must not keep the process.
      process.exit(EXIT.ok)
    })
}
