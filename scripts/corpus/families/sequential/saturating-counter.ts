import { cross, span } from '../../points.js'
import { sequentialFamily, wide } from '../../verilog-sequential.js'
import { caseOf, clocked, combinational, decimal, input, net, output, outputReg, variable } from '../../verilog-text.js'

type SaturatingPoint = { readonly width: number, readonly step: number }

export const saturatingCounter = sequentialFamily<SaturatingPoint>({
  name: 'saturating-counter',
  trainingPoints: cross<SaturatingPoint>({ width: span(3, 10), step: [1, 2, 3] }),
  evaluationPoints: cross<SaturatingPoint>({ width: span(11, 14), step: [1, 2, 3] }),
  module: ({ width, step }) => `satcnt${width}_by${step}`,
  wording({ width, step }, { count, full, empty }) {
    const top = 2 ** width - 1
    return {
      what: `a ${width}-bit saturating up/down counter`,
      reset: `clearing ${count}`,
      behaviour: [
        `Input inc alone adds ${step} to ${wide(width)}output ${count}, at most to ${top}; input dec alone subtracts ${step}, at least to 0; both or neither hold. Outputs ${full} and ${empty} show ${count} at ${top} and at 0.`,
        `With inc high and dec low, ${count} (${width} bits) grows by ${step} but stops at ${top}; with dec high and inc low it falls by ${step} but stops at 0; otherwise it stays. ${full} means ${count} is ${top}, ${empty} means 0.`,
        `Inputs inc and dec move the ${wide(width)}output ${count} by ${step} up or down without wrapping, clipped to 0 and ${top}; equal inputs hold it. Flag ${full} is high at ${top}, flag ${empty} at 0.`,
        `A cycle with inc only adds ${step} to ${count} (output, ${width} bits), dec only takes ${step}, both or none change nothing; results clip to 0 and ${top}. Outputs ${full}, ${empty}: ${count} equals ${top}, 0.`,
      ],
    }
  },
  inputs: () => [input('inc'), input('dec')],
  codings: [
    ({ width, step }, house) => {
      const { count, full, empty } = house.names
      const top = 2 ** width - 1
      const limited = step === 1
        ? [`if (!${full}) ${count} <= ${count} + 1'b1;`, `if (!${empty}) ${count} <= ${count} - 1'b1;`]
        : [
            `${count} <= (${count} > ${decimal(width, top - step)}) ? ${decimal(width, top)} : ${count} + ${decimal(width, step)};`,
            `${count} <= (${count} < ${decimal(width, step)}) ? ${decimal(width, 0)} : ${count} - ${decimal(width, step)};`,
          ]
      return {
        outputs: [outputReg(count, width), output(full), output(empty)],
        body: [
          `assign ${full} = (${count} == ${decimal(width, top)});`,
          `assign ${empty} = (${count} == ${decimal(width, 0)});`,
          ...clocked(house, [`${count} <= ${decimal(width, 0)};`], [
            ['inc && !dec', [limited[0]!]],
            ['dec && !inc', [limited[1]!]],
          ]),
        ],
      }
    },
    ({ width, step }, house) => {
      const { count, full, empty } = house.names
      return {
        outputs: [outputReg(count, width), output(full), output(empty)],
        body: [
          net(house, 'more', width + 1, `${count} + ${decimal(width + 1, step)}`),
          net(house, 'less', width + 1, `{1'b0, ${count}} - ${decimal(width + 1, step)}`),
          variable(house, 'nxt', width),
          ...combinational(house, caseOf(house, '{inc, dec}', [
            ['2\'b10', [`nxt = more[${width}] ? {${width}{1'b1}} : more[${width - 1}:0];`]],
            ['2\'b01', [`nxt = less[${width}] ? {${width}{1'b0}} : less[${width - 1}:0];`]],
            ['default', [`nxt = ${count};`]],
          ])),
          ...clocked(house, [`${count} <= ${decimal(width, 0)};`], [], [`${count} <= nxt;`]),
          `assign ${full} = &${count};`,
          `assign ${empty} = ~|${count};`,
        ],
      }
    },
  ],
})
