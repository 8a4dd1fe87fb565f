import { cross, span } from '../../points.js'
import { sequentialFamily } from '../../verilog-sequential.js'
import { bitsFor, choose, clocked, decimal, input, net, output, outputReg, variable } from '../../verilog-text.js'

type MultiplierPoint = { readonly aWidth: number, readonly bWidth: number }

export const serialMultiplier = sequentialFamily<MultiplierPoint>({
  name: 'serial-multiplier',
  trainingPoints: cross<MultiplierPoint>({ aWidth: span(2, 6), bWidth: span(2, 6) }),
  evaluationPoints: cross<MultiplierPoint>({ aWidth: [7, 8, 9], bWidth: [3, 4, 5] }),
  module: ({ aWidth, bWidth }) => `mul${aWidth}x${bWidth}`,
  wording({ aWidth, bWidth }, { a, b, start, busy, done, output: p }) {
    const total = aWidth + bWidth
    return {
      what: 'a sequential multiplier',
      reset: 'clearing all',
      behaviour: [
        `${start} with output ${busy} low captures unsigned ${a} (${aWidth} bits) and ${b} (${bWidth} bits); the next ${bWidth} cycles ${busy} is high. Output ${p} (${total} bits) is 0 during ${busy}, then the product until the next start; register ${done} marks the cycle after ${busy}.`,
        `Unsigned inputs ${a} (${aWidth} bits) and ${b} (${bWidth} bits) are taken by ${start} while output ${busy} is low. ${bWidth} busy cycles follow with output ${p} (${total} bits) at 0; then ${p} stays the product, register ${done} being high for the first such cycle.`,
        `${start}, ignored while ${busy}, begins ${bWidth} cycles of output ${busy} multiplying ${a} (${aWidth} bits) by ${b} (${bWidth} bits), unsigned. Then register ${done} is high for one cycle and output ${p} (${total} bits) shows the product; during ${busy} it is 0.`,
        `Output ${p} (${total} bits) is the product of ${a} (${aWidth} bits) and ${b} (${bWidth} bits), unsigned, captured at the last ${start} with ${busy} low, but 0 in the ${bWidth} cycles of ${busy} after it. Register ${done} marks the cycle after ${busy}.`,
      ],
    }
  },
  inputs: ({ aWidth, bWidth }, { a, b, start }) => [input(start), input(a, aWidth), input(b, bWidth)],
  codings: [
    ({ aWidth, bWidth }, house) => {
      const { a, b, start, busy, done, output: p } = house.names
      const total = aWidth + bWidth
      const size = bitsFor(bWidth + 1)
      return {
        outputs: [output(busy), outputReg(done), output(p, total)],
        body: [
          variable(house, 'acc', total),
          variable(house, 'mc', aWidth),
          variable(house, 'left', size),
          net(house, 'add', aWidth + 1, `{1'b0, acc[${total - 1}:${bWidth}]} + mc`),
          `assign ${busy} = (left != ${decimal(size, 0)});`,
          `assign ${p} = ${busy} ? ${decimal(total, 0)} : acc;`,
          ...clocked(house, [`{acc, mc, left} <= ${decimal(total + aWidth + size, 0)};`, `${done} <= 1'b0;`], [
            [busy, [
              `acc <= acc[0] ? {add, acc[${bWidth - 1}:1]} : acc >> 1;`,
              'left <= left - 1\'b1;',
              `${done} <= (left == ${decimal(size, 1)});`,
            ]],
          ], [`${done} <= 1'b0;`, ...choose(house, [[start, [`acc <= ${b};`, `mc <= ${a};`, `left <= ${decimal(size, bWidth)};`]]])]),
        ],
      }
    },
    ({ aWidth, bWidth }, house) => {
      const { a, b, start, busy, done, output: p } = house.names
      const total = aWidth + bWidth
      const size = bitsFor(bWidth)
      return {
        outputs: [outputReg(busy), outputReg(done), output(p, total)],
        body: [
          variable(house, 'acc', total),
          variable(house, 'mc', aWidth),
          variable(house, 'ctr', size),
          net(house, 'hi', aWidth + 1, `acc[${total - 1}:${bWidth}] + (mc & {${aWidth}{acc[0]}})`),
          net(house, 'last', 1, `${busy} & (ctr == ${decimal(size, bWidth - 1)})`),
          `assign ${p} = acc & {${total}{~${busy}}};`,
          ...clocked(house, [`{${busy}, ${done}} <= 2'b00;`, `{acc, mc, ctr} <= ${decimal(total + aWidth + size, 0)};`], [], [
            `${busy} <= ${busy} ? ~last : ${start};`,
            `${done} <= last;`,
            `ctr <= ${busy} ? ctr + 1'b1 : ${decimal(size, 0)};`,
            ...choose(house, [[busy, [`acc <= {hi, acc[${bWidth - 1}:1]};`]], [start, [`acc <= ${b};`, `mc <= ${a};`]]]),
          ]),
        ],
      }
    },
  ],
})
