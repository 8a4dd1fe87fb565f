import { cross, span } from '../../points.js'
import { sequentialFamily } from '../../verilog-sequential.js'
import { caseOf, clocked, combinational, decimal, input, net, outputReg, variable } from '../../verilog-text.js'

/** `counts`: transitions counted per full turn of the two phases. */
type QuadraturePoint = { readonly width: number, readonly counts: 1 | 2 | 4 }

/** Transitions as former a, former b, a, b. */
const UP = { 1: ['0010'], 2: ['0010', '1101'], 4: ['0010', '1011', '1101', '0100'] } as const
const DOWN = { 1: ['1000'], 2: ['1000', '0111'], 4: ['1000', '1110', '0111', '0001'] } as const

const moves = (transitions: readonly string[]): string => transitions.map((bits) => `${bits.slice(0, 2)}-${bits.slice(2)}`).join(', ')

export const quadratureDecoder = sequentialFamily<QuadraturePoint>({
  name: 'quadrature-decoder',
  trainingPoints: cross<QuadraturePoint>({ width: span(3, 10), counts: [1, 2, 4] }),
  evaluationPoints: cross<QuadraturePoint>({ width: [11, 12, 14], counts: [1, 2, 4] }),
  module: ({ width, counts }) => `quad${width}_x${counts}`,
  wording({ width, counts }, { a, b, count, clear }) {
    const [up, down] = [moves(UP[counts]), moves(DOWN[counts])]
    return {
      what: `a ${width}-bit x${counts} quadrature decoder`,
      reset: 'clearing all registers',
      behaviour: [
        `Inputs ${a}${b} are compared with their values one edge before: ${up} adds 1 to ${width}-bit output ${count}, ${down} subtracts 1 (both wrap), all else holds. Input ${clear} zeroes only ${count} and has priority.`,
        `Output ${count} (${width} bits, wrapping) follows changes of ${a}${b} since the last edge: up one on ${up}; down one on ${down}; else none. Input ${clear} overrides, zeroing ${count}; sampling goes on.`,
        `From the last sample of ${a}${b} to the present one, ${up} counts up, ${down} counts down, all else not. Output ${count}, ${width} bits, wraps; ${clear} zeroes it instead of counting.`,
        `Old and new values of inputs ${a}${b} steer output ${count} (${width} bits, modulo ${2 ** width}): +1 on ${up}, -1 on ${down}, else 0. ${clear} instead sets ${count} to 0, still sampling.`,
      ].map((text) => text.replaceAll(`${a}${b}`, `${a}, ${b}`)) as [string, string, string, string],
    }
  },
  inputs: (_, { a, b, clear }) => [input(clear), input(a), input(b)],
  codings: [
    ({ width, counts }, house) => {
      const { a, b, count, clear } = house.names
      return {
        outputs: [outputReg(count, width)],
        body: [
          variable(house, 'pa, pb'),
          ...clocked(house, ['{pa, pb} <= 2\'b00;'], [], [`{pa, pb} <= {${a}, ${b}};`]),
          ...clocked(house, [`${count} <= ${decimal(width, 0)};`], [[clear, [`${count} <= ${decimal(width, 0)};`]]], caseOf(house, `{pa, pb, ${a}, ${b}}`, [
            [UP[counts].map((bits) => `4'b${bits}`).join(', '), [`${count} <= ${count} + 1'b1;`]],
            [DOWN[counts].map((bits) => `4'b${bits}`).join(', '), [`${count} <= ${count} - 1'b1;`]],
            ['default', [`${count} <= ${count};`]],
          ])),
        ],
      }
    },
    ({ width, counts }, house) => {
      const { a, b, count, clear } = house.names
      const moved = {
        1: `(${a} ^ pa) & ~${b} & ~pb`,
        2: `(${a} ^ pa) & (${b} ~^ pb)`,
        4: `${a} ^ pa ^ ${b} ^ pb`,
      }[counts]
      return {
        outputs: [outputReg(count, width)],
        body: [
          variable(house, 'pa'),
          variable(house, 'pb'),
          variable(house, 'nxt', width),
          net(house, 'step', 1, moved),
          ...combinational(house, [`nxt = (${a} ^ pb) ? ${count} + step : ${count} - step;`]),
          ...clocked(house, ['pa <= 1\'b0;', 'pb <= 1\'b0;', `${count} <= ${decimal(width, 0)};`], [], [
            `pa <= ${a};`,
            `pb <= ${b};`,
            `${count} <= ${clear} ? ${decimal(width, 0)} : nxt;`,
          ]),
        ],
      }
    },
  ],
})
