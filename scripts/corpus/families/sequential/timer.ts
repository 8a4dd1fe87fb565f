import { cross, span } from '../../points.js'
import { sequentialFamily } from '../../verilog-sequential.js'
import { bitsFor, clocked, decimal, input, output, outputReg, variable } from '../../verilog-text.js'

type TimerPoint = { readonly length: number, readonly restart: boolean }

export const timer = sequentialFamily<TimerPoint>({
  name: 'timer',
  trainingPoints: cross<TimerPoint>({ length: span(3, 17), restart: [true, false] }),
  evaluationPoints: cross<TimerPoint>({ length: [20, 22, 25, 30, 33, 40], restart: [true, false] }),
  module: ({ length, restart }) => `timer${length}${restart ? '_re' : ''}`,
  wording({ length, restart }, { start, busy, done, clear }) {
    const again = restart ? 'restarts them' : 'is ignored'
    return {
      what: `a ${length}-cycle timer`,
      reset: `making it idle`,
      behaviour: [
        `An edge with input ${start} makes output ${busy} high for ${length} cycles and output ${done} high in cycle ${length} of them; ${start} while ${busy} ${again}. Input ${clear} goes idle at the next edge and beats ${start}.`,
        `Input ${clear} makes it idle, with priority; input ${start} in idle makes output ${busy} high for the next ${length} cycles, and during ${busy} it ${again}. Output ${done} marks cycle ${length} of a run.`,
        `Output ${busy} rises on the edge that sees ${start} and falls ${length} edges later; a ${start} while busy ${again}. Output ${done} is high in cycle ${length} of a run; ${clear}, stronger than ${start}, stops at once.`,
        `When idle, ${start} begins ${length} cycles of output ${busy}, in cycle ${length} of which output ${done} is high too. During them ${start} ${again}, and ${clear} (over everything) returns to idle.`,
      ],
    }
  },
  inputs: (_, { start, clear }) => [input(clear), input(start)],
  codings: [
    ({ length, restart }, house) => {
      const { start, busy, done, clear } = house.names
      const width = bitsFor(length + 1)
      const idle = [`left <= ${decimal(width, 0)};`]
      return {
        outputs: [output(busy), output(done)],
        body: [
          variable(house, 'left', width),
          `assign ${busy} = (left != ${decimal(width, 0)});`,
          `assign ${done} = (left == ${decimal(width, 1)});`,
          ...clocked(house, idle, [
            [clear, idle],
            [restart ? start : `${start} && !${busy}`, [`left <= ${decimal(width, length)};`]],
            [busy, ['left <= left - 1\'b1;']],
          ]),
        ],
      }
    },
    ({ length, restart }, house) => {
      const { start, busy, done, clear } = house.names
      const width = bitsFor(length)
      const begin = restart ? start : `${start} && !${busy}`
      return {
        outputs: [outputReg(busy), output(done)],
        body: [
          variable(house, 'ctr', width),
          `assign ${done} = ${busy} && ctr == ${decimal(width, length - 1)};`,
          ...clocked(house, [`${busy} <= 1'b0;`, `ctr <= ${decimal(width, 0)};`], [], [
            `${busy} <= !${clear} && (${begin} || ${busy} && !${done});`,
            `ctr <= (${clear} || !${busy} || ${done}${restart ? ` || ${start}` : ''}) ? ${decimal(width, 0)} : ctr + 1'b1;`,
          ]),
        ],
      }
    },
  ],
})
