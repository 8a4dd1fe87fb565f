import { cross, span } from '../../points.js'
import { sequentialFamily } from '../../verilog-sequential.js'
import { clocked, decimal, input, net, outputReg } from '../../verilog-text.js'

type RingPoint = { readonly length: number, readonly johnson: boolean, readonly left: boolean }

export const ringCounter = sequentialFamily<RingPoint>({
  name: 'ring-counter',
  trainingPoints: cross<RingPoint>({ length: span(3, 10), johnson: [true, false], left: [true, false] }),
  evaluationPoints: cross<RingPoint>({ length: [11, 12, 13], johnson: [true, false], left: [true, false] }),
  module: ({ length, johnson, left }) => `${johnson ? 'johnson' : 'ring'}${length}_${left ? 'left' : 'right'}`,
  wording({ length, johnson, left }, { enable, clear, output: q }) {
    const [way, out, into] = left ? ['left', length - 1, 0] : ['right', 0, length - 1]
    const start = johnson ? 0 : 1
    const moved = johnson ? 'the inverted bit' : 'bit'
    return {
      what: `a ${length}-bit ${johnson ? 'Johnson' : 'one-hot ring'} counter`,
      reset: `setting ${q} to ${start}`,
      behaviour: [
        `When ${enable} is high, ${length}-bit output ${q} shifts ${way} by one place and ${moved} ${out} enters as bit ${into}; otherwise it holds. Input ${clear} sets ${q} back to ${start} and has priority over ${enable}.`,
        `Input ${clear} synchronously returns ${q} to ${start}; else input ${enable} moves output ${q} (${length} bits) one place ${way}, its new bit ${into} being ${moved} ${out}; else ${q} holds.`,
        `Output ${q} has ${length} bits and becomes ${start} on ${clear}. Otherwise, on ${enable}, every bit moves one place ${way} and ${moved} ${out} is fed to bit ${into}; with both inputs low it keeps its value.`,
        `With ${enable} high and ${clear} low, ${q} (output, ${length} bits) moves ${way} by one, ${moved} ${out} going to bit ${into}. ${clear}, which wins, restores ${start}; with neither, ${q} stays.`,
      ],
    }
  },
  inputs: (_, { enable, clear }) => [input(clear), input(enable)],
  codings: [
    ({ length, johnson, left }, house) => {
      const { enable, clear, output: q } = house.names
      const start = [`${q} <= ${decimal(length, johnson ? 0 : 1)};`]
      const not = johnson ? '~' : ''
      const moved = left ? `{${q}[${length - 2}:0], ${not}${q}[${length - 1}]}` : `{${not}${q}[0], ${q}[${length - 1}:1]}`
      return {
        outputs: [outputReg(q, length)],
        body: clocked(house, start, [[clear, start], [enable, [`${q} <= ${moved};`]]]),
      }
    },
    ({ length, johnson, left }, house) => {
      const { enable, clear, output: q } = house.names
      const start = decimal(length, johnson ? 0 : 1)
      const not = johnson ? '!' : ''
      const zeros = `{${length - 1}{1'b0}}`
      return {
        outputs: [outputReg(q, length)],
        body: [
          net(house, 'fb', 1, `${not}${q}[${left ? length - 1 : 0}]`),
          net(house, 'nxt', length, left ? `(${q} << 1) | {${zeros}, fb}` : `(${q} >> 1) | {fb, ${zeros}}`),
          ...clocked(house, [`${q} <= ${start};`], [], [`${q} <= ${clear} ? ${start} : ${enable} ? nxt : ${q};`]),
        ],
      }
    },
  ],
})
