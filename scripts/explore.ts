/**
 * explore: all that a few voters can do in an agreement, some of them hostile, with the machine of the protocol. Ends with code 1 where two values can be
 * decided, or where voters do not get on. See explore/README.md.
 *
 *   npm run explore -- [--voters 4] [--hostile 1] [--terms 3] [--values 2] [--exact] [--continue-every 20] [--forgets-lock] [--json]
 */
import { called } from './command/command.js'
import { COMMAND, readOptions } from './explore/arguments.js'
import { explore } from './explore/explore.js'
import { continued, RESTARTS } from './explore/fair-continuation.js'

const { setting, continueEvery, json } = called(COMMAND, readOptions)
const start = performance.now()
let tried = 0
let slowest = 0
const stuck: unknown[] = []
const found = explore(setting, continueEvery === 0
  ? {}
  : {
      every: continueEvery,
      onState(state, way) {
        for (const restarts of RESTARTS) {
          tried++
          const { after, values } = continued(setting, way(), restarts)
          if (after === undefined || values.size > 1) stuck.push({ state, restarts, values: [...values] })
          else slowest = Math.max(slowest, after)
        }
      },
    })
const seconds = (performance.now() - start) / 1000

if (json) {
  console.log(JSON.stringify({ setting, ...found, tried, stuck, slowest, seconds }))
} else {
  const { voters, hostile, terms } = setting
  console.log(`${voters.length} voters, ${hostile} of them hostile, ${terms} terms: ${found.states} states, ${found.transitions} transitions, ${found.standings} standings of one voter`)
  console.log(`the machine was driven ${found.driven} times, ${seconds.toFixed(1)} s`)
  if (continueEvery > 0) console.log(`went on from ${tried / RESTARTS.length} states in ${RESTARTS.length} ways each: ${stuck.length} times without end, otherwise in ${slowest} ms at most`)
  for (const one of stuck.slice(0, 3)) console.log(JSON.stringify(one))
  if (found.contradiction === undefined) console.log('no two values can be decided')
  else for (const state of found.contradiction) console.log(JSON.stringify(state))
}
process.exitCode = found.contradiction !== undefined || stuck.length > 0 ? 1 : 0
