import { cross, span } from '../../points.js'
import { sequentialFamily, wide } from '../../verilog-sequential.js'
import { clocked, combinational, decimal, input, net, output, outputReg, variable } from '../../verilog-text.js'

type EdgePoint = { readonly width: number, readonly kind: 'rise' | 'fall' | 'both', readonly registered: boolean }

const KINDS = {
  rise: { word: 'rising', rule: 'is 1 and was 0' },
  fall: { word: 'falling', rule: 'is 0 and was 1' },
  both: { word: 'dual', rule: 'differs from what it was' },
} as const

const expression = (kind: EdgePoint['kind'], now: string): string =>
  ({ rise: `${now} & ~prev`, fall: `~${now} & prev`, both: `${now} ^ prev` })[kind]

export const edgeDetector = sequentialFamily<EdgePoint>({
  name: 'edge-detector',
  trainingPoints: cross<EdgePoint>({ width: span(1, 7), kind: ['rise', 'fall', 'both'], registered: [true, false] }),
  evaluationPoints: cross<EdgePoint>({ width: [9, 11, 12], kind: ['rise', 'fall', 'both'], registered: [true, false] }),
  module: ({ width, kind, registered }) => `edge_${kind}${width}${registered ? '_r' : ''}`,
  wording({ width, kind, registered }, { data, output: q, flag }) {
    const { word, rule } = KINDS[kind]
    const delay = registered ? 'registered, one clock later' : 'combinationally'
    const size = width === 1 ? '1 bit' : `${width} bits`
    return {
      what: `a ${word} edge detector`,
      reset: `clearing all registers`,
      behaviour: [
        `A bit of ${wide(width)}output ${q} is high when that bit of ${wide(width)}input ${data} ${rule} at the previous clock edge, ${delay}. Output ${flag} is high when any bit of ${q} is.`,
        `The previous edge's sample of ${data} (input, ${size}) is kept; per bit, output ${q} (same width) tells, ${delay}, that ${data} ${rule}. Output ${flag} is the OR of ${q}.`,
        `Output ${q} (${size}) marks, ${delay}, where input ${data} (${size}) ${rule} at the last clock edge. Output ${flag} is 1 if ${q} is not zero.`,
        `Input ${data} and output ${q} have ${size}. Bit by bit ${q} shows, ${delay}, that ${data} ${rule} at the clock edge before; output ${flag} ORs ${q}.`,
      ],
    }
  },
  inputs: ({ width }, { data }) => [input(data, width)],
  codings: [
    ({ width, kind, registered }, house) => {
      const { data, output: q, flag } = house.names
      const found = expression(kind, data)
      return {
        outputs: [registered ? outputReg(q, width) : output(q, width), output(flag)],
        body: [
          variable(house, 'prev', width),
          ...clocked(house, [`prev <= ${decimal(width, 0)};`, ...(registered ? [`${q} <= ${decimal(width, 0)};`] : [])], [], [
            `prev <= ${data};`,
            ...(registered ? [`${q} <= ${found};`] : []),
          ]),
          ...(registered ? [] : [`assign ${q} = ${found};`]),
          `assign ${flag} = |${q};`,
        ],
      }
    },
    ({ width, kind, registered }, house) => {
      const { data, output: q, flag } = house.names
      const moved = kind === 'both' ? 'diff' : `diff & ${kind === 'rise' ? data : 'prev'}`
      return {
        outputs: [outputReg(q, width), output(flag)],
        body: [
          variable(house, 'prev', width),
          net(house, 'diff', width, `${data} ^ prev`),
          `assign ${flag} = (${q} != ${decimal(width, 0)});`,
          ...clocked(house, [`prev <= ${decimal(width, 0)};`], [], [`prev <= ${data};`]),
          ...(registered ? clocked(house, [`${q} <= ${decimal(width, 0)};`], [], [`${q} <= ${moved};`]) : combinational(house, [`${q} = ${moved};`])),
        ],
      }
    },
  ],
})
