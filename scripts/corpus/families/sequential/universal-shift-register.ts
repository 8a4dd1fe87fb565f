import { cross, span } from '../../points.js'
import { sequentialFamily } from '../../verilog-sequential.js'
import { caseOf, clocked, decimal, input, net, outputReg } from '../../verilog-text.js'

type UniversalPoint = { readonly width: number, readonly kind: 'shift' | 'rotate' | 'arithmetic' }

/** What enters at the top when moving right. */
const entersRight = (kind: UniversalPoint['kind'], q: string, width: number, serial: string): string =>
  ({ shift: serial, rotate: `${q}[0]`, arithmetic: `${q}[${width - 1}]` })[kind]

/** What enters at the bottom when moving left. */
const entersLeft = (kind: UniversalPoint['kind'], q: string, width: number, serial: string): string =>
  kind === 'rotate' ? `${q}[${width - 1}]` : serial

export const universalShiftRegister = sequentialFamily<UniversalPoint>({
  name: 'universal-shift-register',
  trainingPoints: cross<UniversalPoint>({ width: span(3, 10), kind: ['shift', 'rotate', 'arithmetic'] }),
  evaluationPoints: cross<UniversalPoint>({ width: [11, 12, 13], kind: ['shift', 'rotate', 'arithmetic'] }),
  module: ({ width, kind }) => `usr${width}_${kind}`,
  wording({ width, kind }, { select, data, serial, output: q }) {
    const top = width - 1
    const right = { shift: `${serial} enters at bit ${top}`, rotate: `old bit 0 enters at bit ${top}`, arithmetic: `bit ${top} is kept` }[kind]
    const left = kind === 'rotate' ? `old bit ${top} enters at bit 0` : `${serial} enters at bit 0`
    const inputs = kind === 'rotate' ? `${data} (${width} bits)` : `${data} (${width} bits) and ${serial}`
    return {
      what: `a ${width}-bit bidirectional ${kind === 'rotate' ? 'rotate' : 'shift'} register`,
      reset: 'clearing it',
      behaviour: [
        `2-bit input ${select} chooses for ${width}-bit output ${q}: 0 hold, 1 move right (${right}), 2 move left (${left}), 3 load input ${data}; the inputs are ${inputs}.`,
        `Inputs ${select} (2 bits), ${inputs} control output ${q} (${width} bits). 0 holds, 1 shifts right by one (${right}), 2 shifts left by one (${left}), 3 takes ${data}.`,
        `Inputs: ${select} (2 bits), ${inputs}. Output ${q} (${width} bits) is loaded from ${data} for ${select} 3, left for 2 (${left}), right for 1 (${right}), kept for 0.`,
        `With inputs ${inputs}, the 2-bit ${select} sets the action on ${q} (output, ${width} bits). 3: parallel load of ${data}; 2: left, ${left}; 1: right, ${right}; 0: no change.`,
      ],
    }
  },
  inputs: ({ width, kind }, { select, data, serial }) => [input(select, 2), input(data, width), ...(kind === 'rotate' ? [] : [input(serial)])],
  codings: [
    ({ width, kind }, house) => {
      const { select, data, serial, output: q } = house.names
      return {
        outputs: [outputReg(q, width)],
        body: clocked(house, [`${q} <= ${decimal(width, 0)};`], [], caseOf(house, select, [
          ['2\'d1', [`${q} <= {${entersRight(kind, q, width, serial)}, ${q}[${width - 1}:1]};`]],
          ['2\'d2', [`${q} <= {${q}[${width - 2}:0], ${entersLeft(kind, q, width, serial)}};`]],
          ['2\'d3', [`${q} <= ${data};`]],
          ['default', [`${q} <= ${q};`]],
        ])),
      }
    },
    ({ width, kind }, house) => {
      const { select, data, serial, output: q } = house.names
      const zeros = `{${width - 1}{1'b0}}`
      return {
        outputs: [outputReg(q, width)],
        body: [
          net(house, 'rt', width, kind === 'arithmetic' ? `$signed(${q}) >>> 1` : `(${q} >> 1) | {${entersRight(kind, q, width, serial)}, ${zeros}}`),
          net(house, 'lt', width, `(${q} << 1) | {${zeros}, ${entersLeft(kind, q, width, serial)}}`),
          ...clocked(house, [`${q} <= ${decimal(width, 0)};`], [
            [`${select}[1]`, [`${q} <= ${select}[0] ? ${data} : lt;`]],
            [`${select}[0]`, [`${q} <= rt;`]],
          ]),
        ],
      }
    },
  ],
})
