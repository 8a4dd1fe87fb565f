import { cross, span } from '../../points.js'
import { sequentialFamily, wide } from '../../verilog-sequential.js'
import { bitsFor, clocked, decimal, input, net, output, outputReg } from '../../verilog-text.js'

type ModuloPoint = { readonly modulus: number, readonly up: boolean }

const values = ({ modulus, up }: ModuloPoint) => {
  const width = bitsFor(modulus)
  const [first, last] = up ? [0, modulus - 1] : [modulus - 1, 0]
  return { width, first: decimal(width, first), last: decimal(width, last), firstValue: first, lastValue: last, sign: up ? '+' : '-' }
}

export const moduloCounter = sequentialFamily<ModuloPoint>({
  name: 'modulo-counter',
  trainingPoints: cross<ModuloPoint>({ modulus: span(3, 22), up: [true, false] }),
  evaluationPoints: cross<ModuloPoint>({ modulus: [24, 27, 30, 35, 40, 45], up: [true, false] }),
  module: ({ modulus, up }) => `mod${modulus}_${up ? 'up' : 'down'}`,
  wording(point, { enable, count }) {
    const { width, firstValue: first, lastValue: last } = values(point)
    const way = point.up ? 'up' : 'down'
    return {
      what: `a modulo-${point.modulus} ${way} counter`,
      reset: `setting ${count} to ${first}`,
      behaviour: [
        `While ${enable} is high, ${wide(width)}output ${count} counts ${way} by one each cycle, from ${last} back to ${first}; otherwise it holds. Output wrap is high when ${enable} is high and ${count} is ${last}.`,
        `Output ${count} (${width} bits) steps ${way} once per clock when ${enable} is 1 and keeps its value when ${enable} is 0; after ${last} comes ${first}. Combinational output wrap equals ${enable} and ${count} being ${last}.`,
        `Input ${enable} lets ${wide(width)}output ${count} go ${way} by 1, wrapping from ${last} to ${first}; without ${enable} nothing changes. Output wrap tells, in the same cycle, that ${count} is ${last} and ${enable} is high.`,
        `It has input ${enable} and outputs ${count} (${width} bits) and wrap: wrap is ${enable} while ${count} is ${last}, else 0. On each enabled clock ${count} moves ${way} one, and ${last} is followed by ${first}.`,
      ],
    }
  },
  inputs: (_, { enable }) => [input(enable)],
  codings: [
    (point, house) => {
      const { enable, count } = house.names
      const { width, first, last, sign } = values(point)
      return {
        outputs: [outputReg(count, width), output('wrap')],
        body: [
          ...clocked(house, [`${count} <= ${first};`], [
            [`${enable} && ${count} == ${last}`, [`${count} <= ${first};`]],
            [enable, [`${count} <= ${count} ${sign} 1'b1;`]],
          ]),
          `assign wrap = ${enable} && ${count} == ${last};`,
        ],
      }
    },
    (point, house) => {
      const { enable, count } = house.names
      const { width, first, last, sign } = values(point)
      return {
        outputs: [outputReg(count, width), output('wrap')],
        body: [
          net(house, 'at_end', 1, `(${count} == ${last})`),
          net(house, 'nxt', width, `at_end ? ${first} : ${count} ${sign} ${decimal(width, 1)}`),
          `assign wrap = at_end & ${enable};`,
          ...clocked(house, [`${count} <= ${first};`], [], [`${count} <= ${enable} ? nxt : ${count};`]),
        ],
      }
    },
  ],
})
