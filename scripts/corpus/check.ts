import { parseArgs } from 'node:util'

import { families } from './families/index.js'
import type { Family, Point } from './family.js'
import type { HouseStyle } from './house.js'
import { house, PLAIN_HOUSE } from './house.js'
import type { Judge } from './judge.js'
import { openJudge } from './judge.js'
import { Random } from './random.js'
import { structuralFaults } from './structure.js'
import type { Judgement } from './verdict-cache.js'

/** How many designs of random houses per family are looked at for syntax: renaming cannot change function. */
const RANDOM_HOUSES = 12

const { values: options } = parseArgs({
  options: {
    family: { type: 'string', multiple: true },
    kind: { type: 'string', multiple: true },
    sample: { type: 'string' },
    workers: { type: 'string', default: '2' },
    cache: { type: 'string', default: 'build/corpus' },
    timeout: { type: 'string', default: '60' },
    show: { type: 'boolean', default: false },
  },
})

const chosen = families.filter((family) =>
  (options.family?.includes(family.name) ?? true) && (options.kind?.includes(family.kind) ?? true))
if (chosen.length === 0) {
  console.error(`No family fits. There are: ${families.map((family) => family.name).join(', ')}`)
  process.exit(2)
}

const judge = openJudge(options.cache, { workers: Number(options.workers), timeoutMs: 1000 * Number(options.timeout) })
const faulty: string[] = []
let undecided = 0
let bounded = 0
let leftOpen = 0
for (const family of chosen) {
  if (options.show) show(family)
  const started = performance.now()
  undecided = bounded = 0
  const faults = [...structuralFaults(family), ...await functionalFaults(judge, family)]
  leftOpen += undecided
  const cycles = bounded === 0 ? '' : `, ${bounded} comparisons equal for a number of cycles only`
  const open = undecided === 0 ? '' : `, ${undecided} checks undecided after ${options.timeout} s each`
  const seconds = ((performance.now() - started) / 1000).toFixed(1)
  console.log(`${faults.length === 0 ? 'ok  ' : 'FAIL'} ${family.name}: ${family.trainingPoints.length}+${family.evaluationPoints.length} points, ${family.codings} codings, ${lengths(family)} characters, ${seconds} s${cycles}${open}`)
  for (const fault of faults.slice(0, 5)) console.log(`     ${fault.replaceAll('\n', '\n     ')}`)
  if (faults.length > 5) console.log(`     and ${faults.length - 5} more`)
  if (faults.length > 0) faulty.push(family.name)
}
await judge.close()
if (leftOpen > 0) console.log(`${leftOpen} checks were cut off and say nothing: run again, or with a longer --timeout.`)
console.log(faulty.length === 0 ? `No faults found in ${chosen.length} families.` : `${faulty.length} of ${chosen.length} families have faults: ${faulty.join(', ')}`)
process.exitCode = faulty.length === 0 ? 0 : 1

/** Every coding at every point must be accepted and be equal in function to coding 0, under every kind of reset. */
async function functionalFaults(judge: Judge, family: Family): Promise<string[]> {
  const random = new Random(`check ${family.name}`)
  const points = [...family.trainingPoints, ...family.evaluationPoints]
  const sampled = options.sample === undefined ? points : random.shuffled(points).slice(0, Number(options.sample))
  const jobs: Promise<string | null>[] = []
  for (const point of sampled) {
    for (const style of plainStyles(family)) {
      const reference = family.write(point, style, 0)
      for (let coding = 0; coding < family.codings; coding++) jobs.push(fault(judge, family, point, style, coding, coding === 0 ? null : reference))
    }
  }
  // The other layouts and language versions in plain names, which go by the house's id: a wrongly nested else would show here.
  for (const point of random.shuffled(sampled).slice(0, 3)) {
    const other: HouseStyle = { ...PLAIN_HOUSE, alwaysBegin: true, dialect: 'systemverilog' }
    for (let coding = 0; coding < family.codings; coding++) jobs.push(fault(judge, family, point, other, coding, family.write(point, PLAIN_HOUSE, coding)))
  }
  for (let sample = 0; sample < RANDOM_HOUSES; sample++) {
    const style = house(`random ${sample}`, (length) => random.below(length))
    jobs.push(fault(judge, family, random.one(sampled), style, sample % family.codings, null))
  }
  return (await Promise.all(jobs)).filter((found) => found !== null)
}

async function fault(judge: Judge, family: Family, point: Point, style: HouseStyle, coding: number, reference: string | null): Promise<string | null> {
  const design = family.write(point, style, coding)
  const at = `${JSON.stringify(point)}, coding ${coding}, house ${style.id}`
  const syntax = await judge.syntax(family.domain, design)
  if (cutOff(syntax)) return null
  if (syntax.outcome !== 'pass') return `${at}: ${syntax.outcome} of syntax: ${syntax.reason}\n${design}`
  if (reference === null) return null
  const same = await judge.equivalence(family.domain, reference, design)
  if (cutOff(same)) return null
  if (same.outcome !== 'pass') return `${at}: equivalence is ${same.outcome}: ${same.reason}\n${reference}\nand\n${design}`
  if (same.reason.startsWith('bounded')) bounded++
  return null
}

/** Counts a check that ran into its time limit, which says nothing about the design. */
function cutOff({ outcome, reason }: Judgement): boolean {
  const cut = outcome === 'unknown' && reason.includes('no verdict within')
  if (cut) undecided++
  return cut
}

/** The plain house under all resets that a specification may ask for. */
function plainStyles(family: Family): HouseStyle[] {
  if (family.kind !== 'sequential') return [PLAIN_HOUSE]
  return [false, true].flatMap((activeLow) => [false, true].map((asynchronous) => ({
    ...PLAIN_HOUSE,
    id: `plain, ${activeLow ? 'active-low' : 'active-high'} ${asynchronous ? 'asynchronous' : 'synchronous'} reset`,
    reset: { name: activeLow ? 'rst_n' : 'rst', activeLow, asynchronous },
  })))
}

/** Shortest and longest specification with its design. */
function lengths(family: Family): string {
  const all = [...family.trainingPoints, ...family.evaluationPoints].flatMap((point) =>
    Array.from({ length: family.codings }, (_, coding) => (family.describe(point, PLAIN_HOUSE, coding) + family.write(point, PLAIN_HOUSE, coding)).length))
  return `${Math.min(...all)}-${Math.max(...all)}`
}

function show(family: Family): void {
  const random = new Random(`show ${family.name}`)
  for (let phrasing = 0; phrasing < family.phrasings; phrasing++) {
    const style = house('shown', (length) => random.below(length))
    const point = random.one(phrasing % 4 === 3 ? family.evaluationPoints : family.trainingPoints)
    console.log(`\n--- ${family.name} ${JSON.stringify(point)}, phrasing ${phrasing}\n${family.describe(point, style, phrasing)}\n${family.write(point, style, phrasing % family.codings)}`)
  }
}
