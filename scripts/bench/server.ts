/**
 * node dist/scripts/bench/server.js [--json] [--only clients,ttft,soak] [--requests 10000] [--threads 1] [--writers <number>]
 *
 * The HTTP API as its clients see it: `meshwright serve` in a process of its own, asked over loopback.
 *
 *   clients16_over_1            tokens/s of 16 streams over those of one; embedded base, prompts of 128 tokens, 128 tokens each, no speculation
 *   ttft_uncached_over_cached   time to the first text, new prompt over one with 768 tokens of it in memory; SmolLM2-135M, or random weights of its shape
 *   soak_failures               of 10,000 requests, with cancelled and malformed ones: our 5xx + hung ones + 1 if memory grows by more than 10 % after the 1,000th
 */
import { mkdtemp, rm } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'

import { parseNodeConfig } from '../../src/config/index.js'
import { calledWith } from '../command/command.js'
import { flag, someOf, whole } from '../command/kinds.js'
import { benchmarkReport, say } from './report.js'
import { firstToken } from './server/first-token.js'
import { smollm2 } from './server/smollm2.js'
import { soak } from './server/soak.js'
import { endServers, startServer } from './server/started-server.js'
import type { StartedServer } from './server/started-server.js'
import { throughput } from './server/throughput.js'

const PARTS = ['clients', 'ttft', 'soak'] as const

const { json, only, requests, threads, writers } = calledWith({
  call: 'npm run bench:server --',
  about: 'The API under many clients, how soon it begins to answer, and whether it lasts.',
  options: {
    only: someOf(PARTS, 'what is measured'),
    requests: whole('requests of the soak', 10_000, 1),
    threads: whole('threads of the model', 1, 1),
    writers: whole('threads that write side by side; 0 for the server\'s own choice', 0, 0),
    json: flag('print the report as a line of JSON'),
  },
})

const folder = await mkdtemp(path.join(os.tmpdir(), 'meshwright-server-'))
const results: Record<string, number> = {}
const details: Record<string, unknown> = { threads, writers: writers === 0 ? parseNodeConfig({}, { source: 'no settings', folder: '/' }).api.writers : writers }

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.once(signal, () => {
    endServers()
    process.exit(1)
  })
}

try {
  if (only.includes('clients')) await part('clients', undefined, throughput, 'clients16_over_1')
  if (only.includes('ttft')) {
    const { name, folder: model } = await smollm2(path.join(folder, 'model'))
    say(`time to the first text: ${name}`)
    details['ttftModel'] = name
    await part('ttft', model, firstToken, 'ttft_uncached_over_cached')
  }
  if (only.includes('soak')) await part('soak', undefined, (server) => soak(server, requests), 'soak_failures')
} finally {
  endServers()
  await rm(folder, { recursive: true, force: true, maxRetries: 5 })
}
if (!json) for (const [name, value] of Object.entries(results)) say(`${name} ${value.toFixed(2)}`)
console.log(JSON.stringify(benchmarkReport('server', results, details)))
process.exit(0)

async function part<Figure extends string>(name: string, model: string | undefined, measure: (server: StartedServer) => Promise<Readonly<Record<Figure, number>>>, figure: Figure): Promise<void> {
  const server = await startServer(path.join(folder, name), { threads, ...model === undefined ? {} : { model }, ...writers === 0 ? {} : { api: { writers } } })
  const measured = await measure(server)
  await server.stop()
  results[figure] = measured[figure]
  details[name] = measured
}
