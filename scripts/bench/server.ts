/**
 * node dist/scripts/bench/server.js [--json] [--only clients,ttft,soak] [--requests 10000] [--threads 1]
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
import { parseArgs } from 'node:util'

import { benchmarkReport, say } from './report.js'
import { firstToken } from './server/first-token.js'
import { smollm2 } from './server/smollm2.js'
import { soak } from './server/soak.js'
import { endServers, startServer } from './server/started-server.js'
import type { StartedServer } from './server/started-server.js'
import { throughput } from './server/throughput.js'

const PARTS = ['clients', 'ttft', 'soak'] as const

const { values: options } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    only: { type: 'string', default: PARTS.join(',') },
    requests: { type: 'string', default: '10000' },
    threads: { type: 'string', default: '1' },
  },
})
const only = options.only.split(',')
const unknown = only.find((part) => !(PARTS as readonly string[]).includes(part))
if (unknown !== undefined) throw new Error(`--only ${unknown}: give some of ${PARTS.join(', ')}, with commas between them`)
const [requests, threads] = [wholeOf('requests', options.requests), wholeOf('threads', options.threads)]

const folder = await mkdtemp(path.join(os.tmpdir(), 'meshwright-server-'))
const results: Record<string, number> = {}
const details: Record<string, unknown> = { threads }

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
if (!options.json) for (const [name, value] of Object.entries(results)) say(`${name} ${value.toFixed(2)}`)
console.log(JSON.stringify(benchmarkReport('server', results, details)))
process.exit(0)

async function part<Figure extends string>(name: string, model: string | undefined, measure: (server: StartedServer) => Promise<Readonly<Record<Figure, number>>>, figure: Figure): Promise<void> {
  const server = await startServer(path.join(folder, name), { threads, ...model === undefined ? {} : { model } })
  const measured = await measure(server)
  await server.stop()
  results[figure] = measured[figure]
  details[name] = measured
}

function wholeOf(name: string, text: string): number {
  if (!/^[1-9]\d{0,6}$/.test(text)) throw new Error(`--${name} ${text}: give a whole number from 1 to 9999999`)
  return Number(text)
}
