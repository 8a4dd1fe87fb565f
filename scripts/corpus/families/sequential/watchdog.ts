import { cross, span } from '../../points.js'
import { sequentialFamily } from '../../verilog-sequential.js'
import { bitsFor, clocked, decimal, input, net, output, outputReg, variable } from '../../verilog-text.js'

type WatchdogPoint = { readonly limit: number, readonly sticky: boolean }

export const watchdog = sequentialFamily<WatchdogPoint>({
  name: 'watchdog',
  trainingPoints: cross<WatchdogPoint>({ limit: span(3, 17), sticky: [true, false] }),
  evaluationPoints: cross<WatchdogPoint>({ limit: [19, 21, 26, 32, 35, 44], sticky: [true, false] }),
  module: ({ limit, sticky }) => `watchdog${limit}${sticky ? '_hold' : ''}`,
  wording({ limit, sticky }, { enable }) {
    const after = sticky ? 'only the reset ends it' : 'a kick ends it'
    return {
      what: 'a watchdog',
      reset: 'starting a new interval',
      behaviour: [
        `It counts clock edges with ${enable} high and kick low; a kick, whatever ${enable} is, restarts the count at 0. At ${limit} the count stops and output bark is high; ${after}.`,
        `Input kick zeroes an edge count; otherwise input ${enable} advances it. Output bark is high once the count is ${limit}, where it stays; ${after}.`,
        `Output bark goes high after ${limit} edges with ${enable} high since the last edge with kick high, edges with ${enable} low not counting; kick wins over ${enable}. Once bark is high, ${after}.`,
        `Every edge with kick starts a new interval, and every other edge with ${enable} uses up one of its ${limit} steps. When all are used output bark is high and nothing more is counted; ${after}.`,
      ],
    }
  },
  inputs: (_, { enable }) => [input(enable), input('kick')],
  codings: [
    ({ limit, sticky }, house) => {
      const { enable } = house.names
      const width = bitsFor(limit + 1)
      const restart = [`ctr <= ${decimal(width, 0)};`]
      return {
        outputs: [output('bark')],
        body: [
          variable(house, 'ctr', width),
          ...clocked(house, restart, [
            [sticky ? 'kick && !bark' : 'kick', restart],
            [`${enable} && !bark`, ['ctr <= ctr + 1\'b1;']],
          ]),
          `assign bark = (ctr == ${decimal(width, limit)});`,
        ],
      }
    },
    ({ limit, sticky }, house) => {
      const { enable } = house.names
      const width = bitsFor(limit)
      const full = decimal(width, limit - 1)
      return {
        outputs: [outputReg('bark')],
        body: [
          variable(house, 'left', width),
          net(house, 'last', 1, `${enable} & (left == ${decimal(width, 0)})`),
          ...clocked(house, [`left <= ${full};`, 'bark <= 1\'b0;'], [], [
            `bark <= ${sticky ? 'bark | ~kick & last' : '~kick & (bark | last)'};`,
            `left <= (kick | last) ? ${full} : left - ${enable};`,
          ]),
        ],
      }
    },
  ],
})
