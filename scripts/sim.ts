/**
 * sim: thousands of peers in one process and in virtual time, on the code of src/rounds and src/hierarchy. See docs/guides/simulation.md.
 *
 *   npm run sim -- --peers 10000 --rounds 20 --churn 0.3 --byzantine 0.2
 */
import { writeFile } from 'node:fs/promises'

import { called } from './command/command.js'
import { COMMAND, readOptions } from './sim/arguments.js'
import { MessageLog } from './sim/message-log.js'
import { messagesPicture } from './sim/messages-picture.js'
import { Simulation } from './sim/simulation.js'
import { heading, line, summaryLines } from './sim/table.js'
import { newestViews, treePicture } from './sim/tree-picture.js'

const { world, rounds, json, tree, messages } = called(COMMAND, readOptions)
const say = (text: string): void => { (json ? process.stderr : process.stdout).write(`${text}\n`) }

/** The picture shows a round like most: the first has no parent to speak of, and hostile peers begin in it. */
const PICTURED_ROUND = Math.min(3, rounds)

const log: MessageLog | undefined = messages === undefined ? undefined : new MessageLog(() => simulation.world.clock.now())
const simulation: Simulation = new Simulation(world, { onRound: (row) => { say(line(row)) }, ...log === undefined ? {} : { watcher: log } })
await simulation.open()
say(heading(world, simulation.tally.clusterCount))
for (let round = 1; round <= rounds; round++) await simulation.round()
const summary = simulation.summary()
for (const text of summaryLines(summary)) say(text)
if (tree !== undefined) await writeFile(tree, treePicture(newestViews(simulation.world.inhabitants)))
if (messages !== undefined && log !== undefined) await writeFile(messages, messagesPicture(log, PICTURED_ROUND))
if (json) console.log(JSON.stringify({ options: world, ...summary }))
simulation.stop()
