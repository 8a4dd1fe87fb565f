/**
 * bench:demo: how long `npm run demo` takes with its defaults, and how much memory its worst peer needs at most.
 * A peer's memory is the sum over its process tree; the checkers are one process tree that all peers share, printed apart.
 */
import { spawn } from 'node:child_process'
import { performance } from 'node:perf_hooks'

import { calledWith } from '../command/command.js'
import { flag, whole } from '../command/kinds.js'
import { processes, proportionalSetSize, treeOf } from './process-memory.js'
import { benchmarkReport, say } from './report.js'

const SAMPLE_EVERY_MILLISECONDS = 250
const MEBIBYTE = 2 ** 20

const { peers, rounds, seed, keep } = calledWith({
  call: 'npm run bench:demo --',
  about: 'How long the demo takes, and how much memory its worst peer needs at most.',
  options: {
    peers: whole('companies of the demo', 6, 5),
    rounds: whole('rounds of training', 12, 2),
    seed: whole('other companies and other specifications', 1, 0),
    keep: flag('keep the folder with designs, logs and models afterwards'),
    json: flag('accepted as by all benchmarks: the report is a line of JSON anyway'),
  },
})

const begun = performance.now()
const demo = spawn('npm', ['run', '--silent', 'demo', '--', '--peers', `${peers}`, '--rounds', `${rounds}`, '--seed', `${seed}`, ...keep ? ['--keep'] : []], { stdio: ['ignore', 'pipe', 'inherit'] })
demo.stdout.pipe(process.stderr)

const peaks = new Map<number, number>()
let checkers = 0
const sampling = setInterval(() => {
  const all = processes()
  let checkersNow = 0
  for (const one of treeOf(demo.pid!, all)) {
    const memory = (): number => treeOf(one.id, all).reduce((sum, { id }) => sum + proportionalSetSize(id), 0)
    if (/\bmeshwright\.js start\b/.test(one.command)) peaks.set(one.id, Math.max(peaks.get(one.id) ?? 0, memory()))
    if (/\bmeshwright\.js check\b/.test(one.command)) checkersNow += memory()
  }
  checkers = Math.max(checkers, checkersNow)
}, SAMPLE_EVERY_MILLISECONDS)

const code = await new Promise<number | null>((resolve) => { demo.on('close', resolve) })
clearInterval(sampling)
const seconds = (performance.now() - begun) / 1000
const worst = Math.max(0, ...peaks.values()) / MEBIBYTE

say(`demo: ${seconds.toFixed(0)} s, exit ${String(code)}; peak memory of the worst of ${peaks.size} peers ${worst.toFixed(0)} MiB, of the shared checkers ${(checkers / MEBIBYTE).toFixed(0)} MiB`)
if (code !== 0 || peaks.size === 0) process.exit(1)
console.log(JSON.stringify(benchmarkReport('demo', { wall_s: seconds, peer_rss_mb: worst }, { peers: [...peaks.values()].map((bytes) => bytes / MEBIBYTE), checkers_mb: checkers / MEBIBYTE })))
