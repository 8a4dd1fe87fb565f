import { cross, span } from '../../points.js'
import { sequentialFamily } from '../../verilog-sequential.js'
import { choose, clocked, decimal, input, net, outputReg } from '../../verilog-text.js'

type AccumulatorPoint = { readonly width: number, readonly extra: number, readonly saturate: boolean }

export const accumulator = sequentialFamily<AccumulatorPoint>({
  name: 'accumulator',
  trainingPoints: cross<AccumulatorPoint>({ width: span(3, 8), extra: [1, 2, 3], saturate: [true, false] }),
  evaluationPoints: cross<AccumulatorPoint>({ width: [9, 10, 11], extra: [1, 2, 3], saturate: [true, false] }),
  module: ({ width, extra, saturate }) => `acc${width}_${width + extra}${saturate ? '_sat' : ''}`,
  wording({ width, extra, saturate }, { data, valid, clear, output: q, flag }) {
    const total = width + extra
    const top = 2 ** total - 1
    const end = saturate ? `limited to ${top}` : `modulo ${2 ** total}`
    return {
      what: `an accumulator with overflow flag`,
      reset: 'clearing all',
      behaviour: [
        `On ${valid}, unsigned ${width}-bit input ${data} is added to ${total}-bit output ${q}, ${end}, and output ${flag} is set if the exact sum exceeds ${top}; ${flag} stays set until ${clear}, which zeroes ${q} and ${flag} and beats ${valid}.`,
        `Input ${clear} zeroes outputs ${q} (${total} bits) and ${flag}; otherwise ${valid} adds ${data} (${width} bits, unsigned) to ${q}, ${end}. A true sum above ${top} sets ${flag} for good until cleared.`,
        `Output ${q} has ${total} bits, input ${data} ${width} bits, both unsigned. At each edge, ${clear} makes ${q} and ${flag} 0, else ${valid} makes ${q} the sum of ${q} and ${data}, ${end}; a sum over ${top} also sets sticky output ${flag}.`,
        `Samples ${data} (${width} bits, unsigned) marked by ${valid} add up in output ${q} (${total} bits), ${end}. Output ${flag} is set when a sum passes ${top} and keeps its value; ${clear}, with priority, zeroes both.`,
      ],
    }
  },
  inputs: ({ width }, { data, valid, clear }) => [input(clear), input(valid), input(data, width)],
  codings: [
    ({ width, extra, saturate }, house) => {
      const { data, valid, clear, output: q, flag } = house.names
      const total = width + extra
      const zero = [`${q} <= ${decimal(total, 0)};`, `${flag} <= 1'b0;`]
      const sum = [`${q} <= tot[${total - 1}:0];`]
      return {
        outputs: [outputReg(q, total), outputReg(flag)],
        body: [
          net(house, 'tot', total + 1, `{1'b0, ${q}} + ${data}`),
          ...clocked(house, zero, [
            [clear, zero],
            [valid, saturate
              ? choose(house, [[`tot[${total}]`, [`${q} <= {${total}{1'b1}};`, `${flag} <= 1'b1;`]]], sum)
              : [...sum, ...choose(house, [[`tot[${total}]`, [`${flag} <= 1'b1;`]]])]],
          ]),
        ],
      }
    },
    ({ width, extra, saturate }, house) => {
      const { data, valid, clear, output: q, flag } = house.names
      const total = width + extra
      return {
        outputs: [outputReg(q, total), outputReg(flag)],
        body: [
          net(house, 'ov'),
          net(house, 'nxt', total),
          `assign {ov, nxt} = {1'b0, ${q}} + (${valid} ? ${data} : ${decimal(width, 0)});`,
          ...clocked(house, [`{${flag}, ${q}} <= ${decimal(total + 1, 0)};`], [], [
            `${flag} <= ~${clear} & (${flag} | ov);`,
            `${q} <= ${clear} ? ${decimal(total, 0)} : ${saturate ? `nxt | {${total}{ov}}` : 'nxt'};`,
          ]),
        ],
      }
    },
  ],
})
