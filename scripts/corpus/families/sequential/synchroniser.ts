import { cross, span } from '../../points.js'
import { sequentialFamily } from '../../verilog-sequential.js'
import { clocked, input, output, outputReg, repeat, variable } from '../../verilog-text.js'

type SynchroniserPoint = { readonly stages: number, readonly kind: 'rise' | 'fall' | 'both', readonly level: 0 | 1 }

const RULES = {
  rise: 'rises',
  fall: 'falls',
  both: 'changes',
} as const

const expression = (kind: SynchroniserPoint['kind'], now: string, before: string): string =>
  ({ rise: `${now} & ~${before}`, fall: `~${now} & ${before}`, both: `${now} ^ ${before}` })[kind]

export const synchroniser = sequentialFamily<SynchroniserPoint>({
  name: 'synchroniser',
  trainingPoints: cross<SynchroniserPoint>({ stages: span(2, 5), kind: ['rise', 'fall', 'both'], level: [0, 1] }),
  evaluationPoints: cross<SynchroniserPoint>({ stages: [6, 7], kind: ['rise', 'fall', 'both'], level: [0, 1] }),
  module: ({ stages, kind, level }) => `sync${stages}_${kind}${level ? '_hi' : ''}`,
  wording({ stages, kind, level }, { data, output: q }) {
    const rule = RULES[kind]
    return {
      what: `a ${stages}-stage synchroniser with edge pulse`,
      reset: `setting every flip-flop to ${level}`,
      behaviour: [
        `Input ${data} passes through ${stages} flip-flops, the last of which is output ${q}; one more flip-flop keeps the former ${q}. Combinational output pulse is high for one cycle when ${q} ${rule}.`,
        `Output ${q} is ${data} delayed by ${stages} flip-flops in a row, and one further flip-flop delays ${q}. Output pulse compares the two: it is high for one cycle when ${q} ${rule}.`,
        `A chain of ${stages} flip-flops leads from asynchronous input ${data} to output ${q}. From ${q} and an extra flip-flop that holds its previous value, output pulse is high for one cycle as ${q} ${rule}.`,
        `${q} (output) is the end of ${stages} flip-flops in series fed by input ${data}. Output pulse is high exactly in those cycles in which ${q} ${rule} against the cycle before, which one extra flip-flop remembers.`,
      ],
    }
  },
  inputs: (_, { data }) => [input(data)],
  codings: [
    ({ stages, kind, level }, house) => {
      const { data, output: q } = house.names
      return {
        outputs: [output(q), output('pulse')],
        body: [
          variable(house, 'sh', stages + 1),
          ...clocked(house, [`sh <= ${repeat(stages + 1, `1'b${level}`)};`], [], [`sh <= {sh[${stages - 1}:0], ${data}};`]),
          `assign ${q} = sh[${stages - 1}];`,
          `assign pulse = ${expression(kind, q, `sh[${stages}]`)};`,
        ],
      }
    },
    ({ stages, kind, level }, house) => {
      const { data, output: q } = house.names
      const chain = [data, ...span(1, stages - 1).map((at) => `s${at}`), q, 'prev']
      const flops = chain.slice(1)
      return {
        outputs: [outputReg(q), output('pulse')],
        body: [
          ...flops.filter((flop) => flop !== q).map((flop) => variable(house, flop)),
          `assign pulse = ${kind === 'both' ? `(${q} != prev)` : kind === 'rise' ? `${q} && !prev` : `prev && !${q}`};`,
          ...clocked(house, flops.map((flop) => `${flop} <= 1'b${level};`), [], flops.map((flop, at) => `${flop} <= ${chain[at]!};`)),
        ],
      }
    },
  ],
})
