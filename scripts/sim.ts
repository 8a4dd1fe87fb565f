/**
 * sim: thousands of peers in one process and in virtual time, on the code of src/rounds and src/hierarchy. See docs/guides/simulation.md.
 *
 *   npm run sim -- --peers 10000 --rounds 20 --churn 0.3 --byzantine 0.2
 */
import { Simulation } from './sim/simulation.js'
import { readOptions } from './sim/arguments.js'
import { heading, line, summaryLines } from './sim/table.js'

const { world, rounds, json } = readOptions(process.argv.slice(2))
const say = (text: string): void => { (json ? process.stderr : process.stdout).write(`${text}\n`) }

const simulation = new Simulation(world, { onRound: (row) => { say(line(row)) } })
await simulation.open()
say(heading(world, simulation.tally.clusterCount))
for (let round = 1; round <= rounds; round++) await simulation.round()
const summary = simulation.summary()
for (const text of summaryLines(summary)) say(text)
if (json) console.log(JSON.stringify({ options: world, ...summary }))
simulation.stop()
