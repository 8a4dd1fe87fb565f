import { cross, span } from '../../points.js'
import { fromGray, sequentialFamily, toGray } from '../../verilog-sequential.js'
import { clocked, decimal, input, net, output, outputReg, variable } from '../../verilog-text.js'

type GrayPoint = { readonly width: number, readonly up: boolean, readonly wrap: boolean }

export const grayCounter = sequentialFamily<GrayPoint>({
  name: 'gray-counter',
  trainingPoints: cross<GrayPoint>({ width: span(3, 8), up: [true, false], wrap: [true, false] }),
  evaluationPoints: cross<GrayPoint>({ width: [9, 10], up: [true, false], wrap: [true, false] }),
  module: ({ width, up }) => `gray${width}_${up ? 'up' : 'down'}`,
  wording({ width, up, wrap }, { enable, output: q }) {
    const way = up ? 'up' : 'down'
    const [from, to] = up ? [2 ** width - 1, 0] : [0, 2 ** width - 1]
    const end = wrap ? `wraps from ${from} to ${to}` : `stops at ${from}`
    return {
      what: `a ${width}-bit Gray code ${way} counter`,
      reset: up ? `setting the number to 0` : `setting the number to ${to}`,
      behaviour: [
        `An internal ${width}-bit number counts ${way} by one while ${enable} is high and ${end}; ${width}-bit output ${q} is its Gray code, the number XOR the number shifted right by one.`,
        `Output ${q} (${width} bits) is the Gray code n ^ (n >> 1) of a number n that steps ${way} by one when ${enable} is 1, holds when ${enable} is 0, and ${end}.`,
        `Input ${enable} advances a binary number ${way} by one, which ${end}. Output ${q}, ${width} bits, shows that number in reflected Gray code; when ${enable} is low it does not change.`,
        `${width}-bit output ${q} runs ${way} through the reflected Gray code, one step per clock with ${enable} high, else holding. In binary the sequence ${end}.`,
      ],
    }
  },
  inputs: (_, { enable }) => [input(enable)],
  codings: [
    ({ width, up, wrap }, house) => {
      const { enable, output: q } = house.names
      const [start, end] = up ? [0, 2 ** width - 1] : [2 ** width - 1, 0]
      return {
        outputs: [output(q, width)],
        body: [
          variable(house, 'bin', width),
          ...clocked(house, [`bin <= ${decimal(width, start)};`], [
            [wrap ? enable : `${enable} && bin != ${decimal(width, end)}`, [`bin <= bin ${up ? '+' : '-'} 1'b1;`]],
          ]),
          `assign ${q} = ${toGray('bin')};`,
        ],
      }
    },
    ({ width, up, wrap }, house) => {
      const { enable, output: q } = house.names
      const start = decimal(width, up ? 0 : 2 ** (width - 1))
      const go = wrap ? enable : `${enable} & ${up ? '~&' : '|'}bin`
      return {
        outputs: [outputReg(q, width)],
        body: [
          net(house, 'bin', width, fromGray(q, width)),
          net(house, 'nxt', width, `bin ${up ? '+' : '-'} (${go})`),
          ...clocked(house, [`${q} <= ${start};`], [], [`${q} <= ${toGray('nxt')};`]),
        ],
      }
    },
  ],
})
