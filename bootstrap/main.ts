#!/usr/bin/env node
import '../node/engine.js'

import { join } from 'node:path'

import { findPackageRoot } from '../src/config/index.js'
import { createLogger } from '../src/telemetry/index.js'

import { parseOptions } from './options.js'
import { serveBootstrap } from './serve.js'

const options = parseOptions(process.argv.slice(2), join(findPackageRoot(), 'network.config.json'))
const log = createLogger({ level: options.verbose ? 'info' : 'warn', json: options.json })

try {
  const { transport, network } = await serveBootstrap(options, log)
  const stop = (): void => {
    transport.stop().then(() => process.exit(0), () => process.exit(1))
  }
  process.once('SIGINT', stop)
  process.once('SIGTERM', stop)
  if (options.json) {
    console.log(JSON.stringify({ peer: transport.self, network: network.id, name: network.name, addresses: transport.addresses() }))
  } else {
    console.log(`Bootstrap peer of the network "${network.name}" (${network.id.slice(0, 12)}). Others reach it at`)
    for (const address of transport.addresses()) console.log(`  ${address}`)
  }
} catch (error) {
  const code = error instanceof Error && 'code' in error ? ` (${String(error.code)})` : ''
  console.error(`The bootstrap peer did not start${code}: ${error instanceof Error ? error.message : String(error)}`)
  process.exitCode = 1
}
