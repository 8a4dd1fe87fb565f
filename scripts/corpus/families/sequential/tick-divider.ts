import { cross, span } from '../../points.js'
import { sequentialFamily } from '../../verilog-sequential.js'
import { bitsFor, clocked, decimal, input, net, output, outputReg, variable } from '../../verilog-text.js'

type TickPoint = { readonly divisor: number, readonly registered: boolean }

export const tickDivider = sequentialFamily<TickPoint>({
  name: 'tick-divider',
  trainingPoints: cross<TickPoint>({ divisor: span(3, 18), registered: [true, false] }),
  evaluationPoints: cross<TickPoint>({ divisor: [20, 24, 25, 28, 36, 50], registered: [true, false] }),
  module: ({ divisor, registered }) => `tick${divisor}${registered ? '_r' : ''}`,
  wording({ divisor, registered }, { enable, clear, output: q }) {
    const last = divisor - 1
    const tick = registered
      ? 'register tick is high in the cycle after a wrap'
      : `tick is high, combinationally, with ${enable} at ${last}`
    return {
      what: `a clock-enable divider by ${divisor}`,
      reset: 'clearing all',
      behaviour: [
        `Each edge with ${enable} high counts 0 to ${last} and around, the wrap inverting output ${q}; output ${tick}. Input ${clear} at an edge restores the reset state and beats ${enable}.`,
        `Input ${clear} synchronously restores the reset state, first of all; else input ${enable} counts 0 to ${last} cyclically. Output ${tick}; output ${q} toggles when the count wraps.`,
        `A modulo-${divisor} count of the edges with ${enable} high toggles output ${q} as it wraps from ${last} to 0. Output ${tick}; input ${clear} at an edge restores the reset state and overrides ${enable}.`,
        `On ${clear} all returns to the reset state at the edge; otherwise ${enable} steps a count from 0 to ${last} and around. The wrap inverts output ${q}; output ${tick}.`,
      ],
    }
  },
  inputs: (_, { enable, clear }) => [input(clear), input(enable)],
  codings: [
    ({ divisor, registered }, house) => {
      const { enable, clear, output: q } = house.names
      const width = bitsFor(divisor)
      const last = decimal(width, divisor - 1)
      const tick = registered ? [`tick <= 1'b0;`] : []
      const zero = [`ctr <= ${decimal(width, 0)};`, `${q} <= 1'b0;`, ...tick]
      return {
        outputs: [registered ? outputReg('tick') : output('tick'), outputReg(q)],
        body: [
          variable(house, 'ctr', width),
          ...(registered ? [] : [`assign tick = ${enable} && ctr == ${last};`]),
          ...clocked(house, zero, [
            [clear, zero],
            [registered ? `${enable} && ctr == ${last}` : 'tick', [`ctr <= ${decimal(width, 0)};`, `${q} <= ~${q};`, ...(registered ? ['tick <= 1\'b1;'] : [])]],
            ...(registered ? [] : [[enable, ['ctr <= ctr + 1\'b1;']] as const]),
          ], registered ? [`ctr <= ctr + ${enable};`, ...tick] : undefined),
        ],
      }
    },
    ({ divisor, registered }, house) => {
      const { enable, clear, output: q } = house.names
      const width = bitsFor(divisor)
      const full = decimal(width, divisor - 1)
      return {
        outputs: [registered ? outputReg('tick') : output('tick'), outputReg(q)],
        body: [
          variable(house, 'left', width),
          net(house, 'last', 1, `${enable} & ~|left`),
          ...clocked(house, [`left <= ${full};`, `${q} <= 1'b0;`, ...(registered ? ['tick <= 1\'b0;'] : [])], [], [
            `left <= (${clear} | last) ? ${full} : left - ${enable};`,
            `${q} <= ~${clear} & (${q} ^ last);`,
            ...(registered ? [`tick <= last & ~${clear};`] : []),
          ]),
          ...(registered ? [] : ['assign tick = last;']),
        ],
      }
    },
  ],
})
