/**
 * bench:sim: how long a simulated round takes, how a peer's bytes grow with the network, and how many rounds end without a root record.
 *
 *   node dist/scripts/bench/sim.js [--json]                                   the figures as docs/benchmarks/README.md defines them
 *   node dist/scripts/bench/sim.js --largest 100 --rounds 3 --churn 0.1       a small run of the same
 */
import { calledWith } from '../command/command.js'
import { flag, share as shareOption, whole } from '../command/kinds.js'
import { DEFAULT_WORLD } from '../sim/options.js'
import { Simulation } from '../sim/simulation.js'
import type { Summary } from '../sim/simulation.js'
import { heading, line, summaryLines } from '../sim/table.js'
import { benchmarkReport, mean, say } from './report.js'
import { slopeOfLogs } from './sim/slope.js'

const { largest, rounds, seed, churn } = calledWith({
  call: 'npm run bench:sim --',
  about: 'How long a simulated round takes, how a peer\'s bytes grow with the network, and how many rounds end without a root record.',
  options: {
    largest: whole('peers of the largest world', 10_000, 100),
    rounds: whole('rounds of each world', 20, 1),
    churn: shareOption('part of the peers that leave in each round', 0.3),
    seed: whole('equal options give equal runs', 1, 0),
    json: flag('accepted as by all benchmarks: the report is a line of JSON anyway'),
  },
  examples: ['--largest 100 --rounds 3 --churn 0.1'],
})

/** Ten peers and every power of ten up to the largest world. */
const sizes = Array.from({ length: Math.floor(Math.log10(largest) + 1e-9) }, (_, power) => 10 ** (power + 1)).filter((size) => size < largest).concat(largest)
/** The two largest worlds count for records, as long as they are networks of more than one cluster. */
const judged = sizes.slice(-2)

const runs: { readonly peers: number, readonly summary: Summary }[] = []
for (const peers of sizes) runs.push({ peers, summary: await run(peers) })

const bytes = runs.map(({ peers, summary }) => ({ peers, mean: mean(summary.rounds.map(({ sent, received }) => sent.mean + received.mean)), max: Math.max(...summary.rounds.map(({ sent, received }) => sent.max + received.max)) }))
const records = runs.filter(({ peers }) => judged.includes(peers)).flatMap(({ summary }) => summary.records)
const share = (pick: (counts: Summary['records'][number]) => number): number => records.reduce((sum, counts) => sum + pick(counts), 0) / records.reduce((sum, { full, provisional, none }) => sum + full + provisional + none, 0)
const results = {
  sim_round_s: mean(runs.at(-1)!.summary.rounds.map(({ wallSeconds }) => wallSeconds)),
  sim_round_cpu_s: mean(runs.at(-1)!.summary.rounds.map(({ cpuSeconds }) => cpuSeconds)),
  bytes_growth_exponent: slopeOfLogs(bytes.map(({ peers, mean }) => [peers, mean])),
  incomplete_rounds: runs.filter(({ peers }) => judged.includes(peers)).reduce((sum, { summary }) => sum + summary.incompleteRounds, 0),
  full_share: share(({ full }) => full),
  provisional_share: share(({ provisional }) => provisional),
  max_bytes: Math.max(...bytes.map(({ max }) => max)),
}
for (const { peers, mean, max } of bytes) say(`${peers} peers: ${(mean / 1000).toFixed(0)} kB a peer and round sent and received, ${(max / 1000).toFixed(0)} kB at most`)
for (const [name, value] of Object.entries(results)) say(`${name.padEnd(24)} ${value.toFixed(3)}`)
console.log(JSON.stringify(benchmarkReport('sim', results, { options: { ...DEFAULT_WORLD, churn, seed, rounds }, bytes, runs })))

async function run(peers: number): Promise<Summary> {
  const world = { ...DEFAULT_WORLD, peers, churn, seed }
  const simulation = new Simulation(world, { onRound: (row) => { say(line(row)) } })
  await simulation.open()
  say(heading(world, simulation.tally.clusterCount))
  for (let round = 1; round <= rounds; round++) await simulation.round()
  const summary = simulation.summary()
  for (const text of summaryLines(summary)) say(text)
  simulation.stop()
  return summary
}
