/**
 * bench:network: how a network of real peers, each a process, forms and goes on without those that die or hang, what an idle peer costs, and how fast content is pulled.
 *
 *   node dist/scripts/bench/network.js [--json] [--keep]                      the figures as docs/benchmarks/README.md defines them
 *   node dist/scripts/bench/network.js --scenes form,pull --peers 16          some of them, and smaller
 */
import os from 'node:os'

import { calledWith } from '../command/command.js'
import { flag, someOf, whole } from '../command/kinds.js'

import { failOver } from './network/failover.js'
import { form } from './network/form.js'
import { hang } from './network/hang.js'
import { idleLast } from './network/idle.js'
import { pullRates } from './network/pull.js'
import { POLICY, SETTING } from './network/setting.js'
import { benchmarkReport, keepReport, median, say } from './report.js'
import { Village } from './village/village.js'

const SCENES = ['form', 'idle', 'failover', 'hang', 'pull'] as const
type Scene = typeof SCENES[number]

/** Members of the cluster in which peers idle, die and hang. */
const CLUSTER = 8

const { scenes, peers, trials, seconds, keep } = calledWith({
  call: 'npm run bench:network --',
  about: 'How a network of real peers, each a process, forms and goes on without those that die or hang, what an idle peer costs, and how fast content is pulled.',
  options: {
    scenes: someOf(SCENES, 'what is measured'),
    peers: whole('peers of the network that forms', 48, 4),
    trials: whole('peers that die, and that hang, one after the other', 20, 1),
    seconds: whole('seconds of idling', 60, 1),
    keep: flag('write docs/benchmarks/network.json'),
    json: flag('accepted as by all benchmarks: the report is a line of JSON anyway'),
  },
  examples: ['--scenes form,pull --peers 16'],
})
const results: Record<string, number> = {}
const details: Record<string, unknown> = { policy: POLICY, load: {} }
/** The network that runs now. */
let village: Village | undefined

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.once(signal, () => {
    village?.end()
    process.exit(1)
  })
}

try {
  if (scenes.includes('form')) await formed()
  if (scenes.some((scene) => scene === 'idle' || scene === 'failover' || scene === 'hang')) await lived()
  if (scenes.includes('pull')) await pulled()
} finally {
  village?.end()
}
const report = benchmarkReport('network', results, details)
for (const [name, value] of Object.entries(results)) say(`${name.padEnd(24)} ${value.toFixed(2)}`)
if (keep) await keepReport(report, { indent: 1 })
console.log(JSON.stringify(report))

async function formed(): Promise<void> {
  noteLoad('form')
  village = await Village.found({ size: peers, ...SETTING })
  results['form_s'] = await form(village)
  say(`${peers} peers report one record of the root after ${results['form_s'].toFixed(1)} s`)
  village.end()
}

async function lived(): Promise<void> {
  village = await Village.found({ size: CLUSTER, ...SETTING })
  noteLoad('idle')
  const { cpuPercent, pssMebibytes } = await idleLast(village, scenes.includes('idle') ? seconds : 0)
  if (scenes.includes('idle')) {
    results['idle_cpu_percent'] = cpuPercent
    results['idle_rss_mb'] = pssMebibytes
    say(`an idle peer takes ${cpuPercent.toFixed(2)} % of a core and ${pssMebibytes.toFixed(0)} MiB`)
  }
  if (scenes.includes('failover')) {
    noteLoad('failover')
    const heartbeats = await repeated((living) => failOver(living), 'without its proposer', (milliseconds) => milliseconds / POLICY.heartbeatMs!)
    details['failover_heartbeats'] = heartbeats
    results['failover_heartbeats'] = Math.max(...heartbeats)
  }
  if (scenes.includes('hang')) {
    noteLoad('hang')
    const waits = await repeated((living, trial) => hang(living, living.villagers[trial % CLUSTER]!), 'with one that hangs', (milliseconds) => milliseconds / 1000)
    details['hang_detect_s'] = waits
    results['hang_detect_s'] = Math.max(...waits)
  }
  village.end()
}

async function repeated(act: (living: Village, trial: number) => Promise<number>, what: string, inUnits: (milliseconds: number) => number): Promise<number[]> {
  const measured: number[] = []
  for (let trial = 0; trial < trials; trial++) {
    measured.push(inUnits(await act(village!, trial)))
    say(`${what}, ${trial + 1} of ${trials}: ${measured.at(-1)!.toFixed(2)}`)
  }
  return measured
}

async function pulled(): Promise<void> {
  noteLoad('pull')
  const { tcp, pull } = await pullRates()
  const ratios = pull.map((rate, run) => rate / tcp[run]!)
  results['pull_over_tcp'] = median(pull) / median(tcp)
  details['pull'] = { tcp_mib_s: tcp, pull_mib_s: pull, ratios }
  say(`pull ${median(pull).toFixed(0)} MiB/s, TCP ${median(tcp).toFixed(0)} MiB/s`)
}

/** Other work on the machine slows everything down: how much there was stands beside the figures. */
function noteLoad(scene: Scene): void {
  details['load'] = { ...details['load'] as object, [scene]: os.loadavg().map((load) => Math.round(load * 100) / 100) }
}
