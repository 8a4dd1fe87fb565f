import { cross, span } from '../../points.js'
import { sequentialFamily } from '../../verilog-sequential.js'
import { choose, clocked, decimal, input, net, output, outputReg } from '../../verilog-text.js'

type ExtremumPoint = { readonly width: number, readonly greatest: boolean, readonly signed: boolean }

export const extremumTracker = sequentialFamily<ExtremumPoint>({
  name: 'extremum-tracker',
  trainingPoints: cross<ExtremumPoint>({ width: span(2, 9), greatest: [true, false], signed: [true, false] }),
  evaluationPoints: cross<ExtremumPoint>({ width: [10, 11, 12], greatest: [true, false], signed: [true, false] }),
  module: ({ width, greatest, signed }) => `${greatest ? 'max' : 'min'}${width}${signed ? '_s' : ''}`,
  wording({ width, greatest, signed }, { data, valid, clear, output: q, flag }) {
    const most = greatest ? 'greatest' : 'smallest'
    const beyond = greatest ? 'greater' : 'less'
    const kind = signed ? 'signed' : 'unsigned'
    return {
      what: `a running ${greatest ? 'maximum' : 'minimum'}`,
      reset: `clearing ${q} and seen`,
      behaviour: [
        `${width}-bit output ${q} is the ${most} ${kind} ${width}-bit ${data} sampled with ${valid} since reset or ${clear}; output seen tells that there was one. ${clear} zeroes both and beats ${valid}; output ${flag} is high, combinationally, when the next edge loads ${data}.`,
        `With ${valid} and not ${clear}, output ${q} takes ${data} (both ${width} bits, ${kind}) if output seen is low or ${data} is ${beyond} than ${q}; seen is then set. Combinational output ${flag} marks such a take; ${clear} zeroes ${q} and seen.`,
        `Output ${flag} is ${valid} without ${clear} while output seen is 0 or ${data} (${width} bits, ${kind}) is ${beyond} than output ${q} (${width} bits). Then ${q} takes ${data} and seen becomes 1; ${clear} makes both 0.`,
        `Samples ${data} (${width} bits, ${kind}) come with ${valid}; output ${q} (${width} bits) keeps the ${most}, always taking the first, and output seen becomes 1. ${clear}, with priority, zeroes both; output ${flag} marks cycles whose edge takes ${data}.`,
      ],
    }
  },
  inputs: ({ width }, { data, valid, clear }) => [input(clear), input(valid), input(data, width)],
  codings: [
    ({ width, greatest, signed }, house) => {
      const { data, valid, clear, output: q, flag } = house.names
      const number = (name: string): string => signed ? `$signed(${name})` : name
      const zero = [`${q} <= ${decimal(width, 0)};`, 'seen <= 1\'b0;']
      return {
        outputs: [outputReg(q, width), outputReg('seen'), output(flag)],
        body: [
          `assign ${flag} = ${valid} && !${clear} && (!seen || ${number(data)} ${greatest ? '>' : '<'} ${number(q)});`,
          ...clocked(house, zero, [
            [clear, zero],
            [flag, [`${q} <= ${data};`, 'seen <= 1\'b1;']],
          ]),
        ],
      }
    },
    ({ width, greatest, signed }, house) => {
      const { data, valid, clear, output: q, flag } = house.names
      const [more, less] = greatest ? [q, data] : [data, q]
      const top = width - 1
      const biased = (name: string): string => signed ? `{1'b0, ~${name}[${top}], ${name}[${top - 1}:0]}` : `{1'b0, ${name}}`
      return {
        outputs: [outputReg(q, width), outputReg('seen'), output(flag)],
        body: [
          net(house, 'diff', width + 1, `${biased(more)} - ${biased(less)}`),
          `assign ${flag} = ${valid} & ~${clear} & (diff[${width}] | ~seen);`,
          ...clocked(house, [`{seen, ${q}} <= ${decimal(width + 1, 0)};`], [], choose(house, [[clear, [`{seen, ${q}} <= ${decimal(width + 1, 0)};`]]], [`{seen, ${q}} <= ${flag} ? {1'b1, ${data}} : {seen, ${q}};`])),
        ],
      }
    },
  ],
})
