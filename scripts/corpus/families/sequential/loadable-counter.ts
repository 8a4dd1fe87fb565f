import { cross, span } from '../../points.js'
import { sequentialFamily } from '../../verilog-sequential.js'
import { clocked, decimal, input, net, output, outputReg } from '../../verilog-text.js'

type LoadablePoint = { readonly width: number, readonly up: boolean, readonly clearFirst: boolean }

export const loadableCounter = sequentialFamily<LoadablePoint>({
  name: 'loadable-counter',
  trainingPoints: cross<LoadablePoint>({ width: span(2, 10), up: [true, false], clearFirst: [true, false] }),
  evaluationPoints: cross<LoadablePoint>({ width: span(11, 14), up: [true, false], clearFirst: [true, false] }),
  module: ({ width, up }) => `loadcnt${width}_${up ? 'up' : 'down'}`,
  wording({ width, up, clearFirst }, { load, clear, enable, data, count, flag }) {
    const way = up ? 'up' : 'down'
    const end = up ? 2 ** width - 1 : 0
    const [first, second] = clearFirst ? [clear, load] : [load, clear]
    return {
      what: `a ${width}-bit loadable ${way} counter`,
      reset: `clearing ${count}`,
      behaviour: [
        `${load} copies ${width}-bit input ${data} into ${width}-bit output ${count}, ${clear} zeroes it, ${enable} counts ${way} by one with wrap-around; ${first} beats ${second}, both beat ${enable}. Output ${flag} is high while ${count} is ${end}.`,
        `Synchronous inputs in order of priority: ${first}, ${second}, ${enable}; ${clear} sets ${count} to 0, ${load} takes ${data}, ${enable} steps ${way} by one, wrapping. ${data} and output ${count} have ${width} bits; output ${flag} tells that ${count} is ${end}.`,
        `Output ${count} (${width} bits) goes to 0 on ${clear}, to input ${data} (${width} bits) on ${load}, and one ${way}, modulo ${2 ** width}, on ${enable}; ${first} wins over ${second}, which wins over ${enable}. Output ${flag} equals ${count} being ${end}.`,
        `Each clock, the first active of ${first}, ${second} and ${enable} acts on ${width}-bit output ${count}: ${load} loads ${width}-bit ${data}, ${clear} gives 0, ${enable} counts ${way} and wraps; none holds. Output ${flag} marks ${count} equal to ${end}.`,
      ],
    }
  },
  inputs: ({ width }, { load, clear, enable, data }) => [input(clear), input(load), input(enable), input(data, width)],
  codings: [
    ({ width, up, clearFirst }, house) => {
      const { load, clear, enable, data, count, flag } = house.names
      const zero = [clear, [`${count} <= ${decimal(width, 0)};`]] as const
      const take = [load, [`${count} <= ${data};`]] as const
      return {
        outputs: [outputReg(count, width), output(flag)],
        body: [
          ...clocked(house, [`${count} <= ${decimal(width, 0)};`], [
            ...(clearFirst ? [zero, take] : [take, zero]),
            [enable, [`${count} <= ${count} ${up ? '+' : '-'} 1'b1;`]],
          ]),
          `assign ${flag} = (${count} == ${decimal(width, up ? 2 ** width - 1 : 0)});`,
        ],
      }
    },
    ({ width, up, clearFirst }, house) => {
      const { load, clear, enable, data, count, flag } = house.names
      const step = up ? `${count} + ${enable}` : `${count} - ${enable}`
      const nxt = clearFirst
        ? `${clear} ? ${decimal(width, 0)} : ${load} ? ${data} : ${step}`
        : `${load} ? ${data} : ${clear} ? ${decimal(width, 0)} : ${step}`
      return {
        outputs: [outputReg(count, width), output(flag)],
        body: [
          net(house, 'nxt', width, nxt),
          `assign ${flag} = ${up ? '&' : '~|'}${count};`,
          ...clocked(house, [`${count} <= ${decimal(width, 0)};`], [], [`${count} <= nxt;`]),
        ],
      }
    },
  ],
})
