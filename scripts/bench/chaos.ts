/**
 * bench:chaos: random schedules of faults over 16 real peers, each a process, in two clusters with a root. Looks for records and deltas that are lost, and for clusters that stand still.
 *
 *   node dist/scripts/bench/chaos.js [--schedules 100] [--seed 1] [--json] [--keep]     goes on after those that have run (build/chaos)
 *   node dist/scripts/bench/chaos.js --schedules 1 --seed 4711 --fresh                  the faults of one seed again
 *   node dist/scripts/bench/chaos.js --village 20 --cluster 4                           a new village every 20 schedules; two clusters of 4 instead of 8
 */
import { mkdir, rm } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'

import { findPackageRoot } from '../../src/config/index.js'
import { writeAtomically } from '../../src/store/index.js'

import { calledWith } from '../command/command.js'
import { flag, whole } from '../command/kinds.js'

import { NOTHING_CHECKED } from './chaos/check.js'
import type { Checked } from './chaos/check.js'
import { Finished } from './chaos/finished.js'
import type { Kept } from './chaos/finished.js'
import { runSchedule, standings } from './chaos/run-schedule.js'
import type { Finding, Outcome } from './chaos/run-schedule.js'
import { drawSchedule } from './chaos/schedule.js'
import type { Schedule } from './chaos/schedule.js'
import { DEADLINES_TO_WEDGE, HEALING_SECONDS, ROUND_DEADLINE_MS, ROUND_MS, SETTING } from './chaos/setting.js'
import { StrickenVillage } from './chaos/stricken-village.js'
import { benchmarkReport, commit, keepReport, say } from './report.js'

/** With a root above them. */
const CLUSTERS = 2

/** A village that has not formed by then has been kept from it by the machine; seconds. */
const FORMING_SECONDS = 300
/** Of which so many are tried before the benchmark gives up. */
const FOUNDINGS = 3

const { schedules, seed: firstSeed, village: perVillage, cluster, keep, fresh } = calledWith({
  call: 'npm run bench:chaos --',
  about: 'Random schedules of faults over real peers, each a process, in two clusters with a root: looks for what is lost, and for clusters that stand still.',
  options: {
    schedules: whole('how many; those that have run (build/chaos) are not run again', 100, 1),
    seed: whole('of the first; the next ones count on', 1, 0),
    village: whole('schedules before a new network is founded', 10, 1),
    cluster: whole('peers of each of the two clusters', 8, 3),
    fresh: flag('forget those that have run'),
    keep: flag('write docs/benchmarks/chaos.json'),
    json: flag('accepted as by all benchmarks: the report is a line of JSON anyway'),
  },
  examples: ['--schedules 1 --seed 4711 --fresh', '--village 20 --cluster 4'],
})
const folder = path.join(findPackageRoot(), 'build', 'chaos')
const file = path.join(folder, `finished-${CLUSTERS * cluster}-peers.jsonl`)
if (fresh) await rm(file, { force: true })
const finished = await Finished.open(file)

let stricken: StrickenVillage | undefined
let lived = 0
let checked: Checked = NOTHING_CHECKED

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.once(signal, () => {
    stricken?.village.end()
    process.exit(1)
  })
}

const outcomes: Kept[] = []
try {
  for (let seed = firstSeed; seed < firstSeed + schedules; seed++) {
    const outcome = finished.get(seed) ?? await run(drawSchedule(seed, { peers: CLUSTERS * cluster, roundMs: ROUND_MS }))
    outcomes.push(outcome)
    say(`${outcomes.length} of ${schedules}, ${lineOf(outcome)}`)
  }
} finally {
  await stricken?.end()
}

const sum = (of: (outcome: Outcome) => number): number => outcomes.reduce((total, outcome) => total + of(outcome), 0)
const results = {
  schedules: outcomes.filter(({ rounds, faults }) => faults.length >= 3 && rounds.every((count) => count >= 5)).length,
  lost: sum(({ lost }) => lost),
  wedged: sum(({ wedged }) => wedged),
  starved: outcomes.filter(({ starved }) => starved).length,
  unhandled: sum(({ unhandled }) => unhandled),
  ended_unasked: sum(({ endedUnasked }) => endedUnasked),
  counted_twice: sum(({ countedTwice }) => countedTwice),
  full_records: sum(({ full }) => full),
  provisional_records: sum(({ provisional }) => provisional),
  longest_wait_s: Math.max(...outcomes.map(({ longestWaitSeconds }) => longestWaitSeconds)),
}
const report = benchmarkReport('chaos', results, { peers: CLUSTERS * cluster, setting: SETTING, round_deadline_ms: ROUND_DEADLINE_MS, schedules: outcomes })
for (const [name, value] of Object.entries(results)) say(`${name.padEnd(24)} ${value}`)
if (keep) await keepReport(report, { indent: 1 })
console.log(JSON.stringify(report))

async function run(schedule: Schedule): Promise<Kept> {
  const living = stricken !== undefined && lived < perVillage ? stricken : await renewed(schedule.seed)
  const load = Math.round(os.loadavg()[0]! * 10) / 10
  const ran = await runSchedule(living, schedule, checked, { healingSeconds: HEALING_SECONDS, patienceMs: DEADLINES_TO_WEDGE * ROUND_DEADLINE_MS })
  lived++
  if (ran.finding !== undefined) await tellFinding(schedule, ran.outcome, ran.finding)
  if (ran.checked === undefined) {
    await living.end()
    stricken = undefined
  } else {
    checked = ran.checked
  }
  const kept = { ...ran.outcome, commit: commit(), load }
  await finished.add(kept)
  return kept
}

async function renewed(seed: number): Promise<StrickenVillage> {
  await stricken?.end()
  lived = 0
  checked = NOTHING_CHECKED
  for (let left = FOUNDINGS; ; left--) {
    stricken = await StrickenVillage.found({ clusters: CLUSTERS, clusterSize: cluster }, SETTING, seed)
    try {
      await stricken.formed(FORMING_SECONDS)
      return stricken
    } catch (error) {
      say(`a village did not form (load ${os.loadavg().map((load) => load.toFixed(1)).join(', ')}): ${error instanceof Error ? error.message : String(error)}`)
      for (const line of await standings(stricken)) say(`  ${line}`)
      await stricken.end()
      stricken = undefined
      if (left === 1) throw error
    }
  }
}

async function tellFinding(schedule: Schedule, outcome: Outcome, finding: Finding): Promise<void> {
  say(`seed ${schedule.seed}: ${JSON.stringify(schedule.faults)}`)
  for (const line of [...finding.what, ...finding.standings]) say(`  ${line}`)
  const place = path.join(folder, `finding-${schedule.seed}.json`)
  await mkdir(folder, { recursive: true })
  await writeAtomically(place, Buffer.from(JSON.stringify({ schedule, outcome, finding }, undefined, 1)))
  say(`  the last lines of all logs are in ${place}`)
}

function lineOf({ seed, faults, rounds, rootRounds, full, provisional, lost, wedged, starved, stalls, unhandled, endedUnasked, longestWaitSeconds, healingSeconds, seconds }: Outcome): string {
  return `seed ${seed}: ${faults.join(', ')}; rounds ${rounds.join('+')}, root ${rootRounds}; ${full} full, ${provisional} provisional; lost ${lost}, wedged ${wedged}${starved ? ' (starved)' : ''}, unhandled ${unhandled}, ended ${endedUnasked}; longest wait ${longestWaitSeconds} s, healed in ${healingSeconds} s, ${stalls} stalls, ${seconds} s`
}
