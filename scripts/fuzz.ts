/**
 * fuzz: thousands of hostile inputs on every surface that takes bytes from a stranger, from disk or from a user. Each must be taken, and then hold what
 * all that are taken hold, or be refused with a documented code, in bounded time and memory.
 *
 *   npm run fuzz -- [--cases 10000] [--surface name] [--seed 1] [--json]
 */
import { called } from './command/command.js'
import { commandFor, readOptions } from './fuzz/arguments.js'
import { runInLanes } from './fuzz/lanes.js'
import { surfaces } from './fuzz/surfaces/index.js'
import { findingLines, heading, line, totalLine } from './fuzz/table.js'

const known = surfaces.map(({ name }) => name)
const options = called(commandFor(known), (words) => readOptions(words, known))
const say = (text: string): void => { (options.json ? process.stderr : process.stdout).write(`${text}\n`) }

const start = performance.now()
say(heading())
const reports = await runInLanes(options.surfaces, options, (report) => say(line(report)))
say('')
for (const text of reports.flatMap(findingLines)) say(text)
say(totalLine(reports, (performance.now() - start) / 1000))
if (options.json) console.log(JSON.stringify({ seed: options.seed, cases: options.cases, reports }))
process.exit(reports.some(({ findings }) => findings.length > 0) ? 1 : 0)
