/**
 * bench:sim: how long a simulated round takes, how a peer's bytes grow with the network, and how many rounds end without a root record.
 *
 *   node dist/scripts/bench/sim.js [--json] [--keep]                          the figures as docs/benchmarks/README.md defines them
 *   node dist/scripts/bench/sim.js --world 1000                               runs this world alone; a later call takes it from build/sim
 *   node dist/scripts/bench/sim.js --largest 100 --rounds 3 --churn 0.1       a small run of the same
 */
import { createHash } from 'node:crypto'
import { mkdir, readFile, rm } from 'node:fs/promises'
import path from 'node:path'

import { findPackageRoot } from '../../src/config/index.js'
import { calledWith } from '../command/command.js'
import { flag, share as shareOption, whole } from '../command/kinds.js'
import { writeAtomically } from '../../src/store/index.js'
import { DEFAULT_WORLD } from '../sim/options.js'
import { Simulation } from '../sim/simulation.js'
import type { Summary } from '../sim/simulation.js'
import { heading, line, summaryLines } from '../sim/table.js'
import { benchmarkReport, commit, keepReport, mean, say } from './report.js'
import { slopeOfLogs } from './sim/slope.js'

/** Peers of the world whose rounds are timed. */
const LARGEST = 10_000

const { largest, rounds, seed, churn, world: single, fresh, keep } = calledWith({
  call: 'npm run bench:sim --',
  about: 'How long a simulated round takes, how a peer\'s bytes grow with the network, and how many rounds end without a root record.',
  options: {
    largest: whole('peers of the largest world', LARGEST, 100),
    rounds: whole('rounds of each world', 20, 1),
    churn: shareOption('part of the peers that leave in each round', 0.3),
    seed: whole('equal options give equal runs', 1, 0),
    world: whole('peers of a single world to run, for a call to come; 0 for all', 0, 0),
    fresh: flag('forget the worlds that have run (build/sim)'),
    keep: flag('write docs/benchmarks/sim.json'),
    json: flag('accepted as by all benchmarks: the report is a line of JSON anyway'),
  },
  examples: ['--largest 100 --rounds 3 --churn 0.1', '--world 1000'],
})

const folder = path.join(findPackageRoot(), 'build', 'sim')
if (fresh) await rm(folder, { recursive: true, force: true })
if (single > 0) {
  await run(single)
  process.exit(0)
}

/** Ten peers and every power of ten up to the largest world. */
const sizes = Array.from({ length: Math.floor(Math.log10(largest) + 1e-9) }, (_, power) => 10 ** (power + 1)).filter((size) => size < largest).concat(largest)
/** The two largest worlds count for records, as long as they are networks of more than one cluster. */
const judged = sizes.slice(-2)

const runs: { readonly peers: number, readonly summary: Summary }[] = []
for (const peers of sizes) runs.push({ peers, summary: await run(peers) })

const bytes = runs.map(({ peers, summary }) => ({ peers, mean: mean(summary.rounds.map(({ sent, received }) => sent.mean + received.mean)), max: Math.max(...summary.rounds.map(({ sent, received }) => sent.max + received.max)) }))
const records = runs.filter(({ peers }) => judged.includes(peers)).flatMap(({ summary }) => summary.records)
const share = (pick: (counts: Summary['records'][number]) => number): number => records.reduce((sum, counts) => sum + pick(counts), 0) / records.reduce((sum, { full, provisional, none }) => sum + full + provisional + none, 0)
/** Figures of a smaller world than the one asked for say so in their names. */
const suffix = largest === LARGEST ? '' : `_at_${largest}`
const results = {
  [`sim_round_s${suffix}`]: mean(runs.at(-1)!.summary.rounds.map(({ wallSeconds }) => wallSeconds)),
  [`sim_round_cpu_s${suffix}`]: mean(runs.at(-1)!.summary.rounds.map(({ cpuSeconds }) => cpuSeconds)),
  [`bytes_growth_exponent${suffix}`]: slopeOfLogs(bytes.map(({ peers, mean }) => [peers, mean])),
  [`incomplete_rounds${suffix}`]: runs.filter(({ peers }) => judged.includes(peers)).reduce((sum, { summary }) => sum + summary.incompleteRounds, 0),
  full_share: share(({ full }) => full),
  provisional_share: share(({ provisional }) => provisional),
  max_bytes: Math.max(...bytes.map(({ max }) => max)),
}
for (const { peers, mean, max } of bytes) say(`${peers} peers: ${(mean / 1000).toFixed(0)} kB a peer and round sent and received, ${(max / 1000).toFixed(0)} kB at most`)
for (const [name, value] of Object.entries(results)) say(`${name.padEnd(24)} ${value.toFixed(3)}`)
const report = benchmarkReport('sim', results, { options: { ...DEFAULT_WORLD, churn, seed, rounds }, bytes, runs })
if (keep) await keepReport(report, { indent: 1 })
console.log(JSON.stringify(report))

/** A world's rounds; from disk where the same commit has run them. */
async function run(peers: number): Promise<Summary> {
  const world = { ...DEFAULT_WORLD, peers, churn, seed }
  const file = path.join(folder, `${commit()}-${createHash('sha256').update(JSON.stringify({ ...world, rounds })).digest('hex').slice(0, 16)}.json`)
  const before = await readFile(file, 'utf8').catch(() => undefined)
  if (before !== undefined) return JSON.parse(before) as Summary
  const simulation = new Simulation(world, { onRound: (row) => { say(line(row)) } })
  await simulation.open()
  say(heading(world, simulation.tally.clusterCount))
  for (let round = 1; round <= rounds; round++) await simulation.round()
  const summary = simulation.summary()
  for (const text of summaryLines(summary)) say(text)
  simulation.stop()
  await mkdir(folder, { recursive: true })
  await writeAtomically(file, Buffer.from(JSON.stringify(summary)))
  return summary
}
