import { cross, span } from '../../points.js'
import { ordinal, sequentialFamily } from '../../verilog-sequential.js'
import { bitsFor, choose, clocked, decimal, input, net, output, outputReg, variable } from '../../verilog-text.js'

type DebouncerPoint = { readonly length: number, readonly level: 0 | 1 }

export const debouncer = sequentialFamily<DebouncerPoint>({
  name: 'debouncer',
  trainingPoints: cross<DebouncerPoint>({ length: span(3, 15), level: [0, 1] }),
  evaluationPoints: cross<DebouncerPoint>({ length: [17, 19, 24, 30, 34], level: [0, 1] }),
  module: ({ length, level }) => `debounce${length}_${level ? 'hi' : 'lo'}`,
  wording({ length, level }, { data, output: q }) {
    return {
      what: 'a debouncer',
      reset: `setting ${q} to ${level}`,
      behaviour: [
        `Output ${q} takes the value of input ${data} at the ${ordinal(length)} consecutive clock edge at which they differ; an edge where they are equal restarts the count. Combinational output change is high just before that ${ordinal(length)} edge.`,
        `A count of edges with ${data} unlike ${q} restarts whenever both agree; the ${ordinal(length)} edge in a row inverts output ${q} and restarts the count. Output change is high while ${data} differs and the count is ${length - 1}.`,
        `Input ${data} must differ from output ${q} at ${length} edges in a row for ${q} to follow at the last of them; one equal sample starts over. Output change tells, without a register, that the next edge will change ${q}.`,
        `Registered output ${q} follows input ${data} only after ${length} successive differing samples, changing on the last one; any agreeing sample clears the count. Output change, combinational, is high when ${length - 1} such samples are counted and ${data} still differs.`,
      ],
    }
  },
  inputs: (_, { data }) => [input(data)],
  codings: [
    ({ length, level }, house) => {
      const { data, output: q } = house.names
      const width = bitsFor(length)
      const zero = `ctr <= ${decimal(width, 0)};`
      return {
        outputs: [outputReg(q), output('change')],
        body: [
          variable(house, 'ctr', width),
          `assign change = (${data} != ${q}) && ctr == ${decimal(width, length - 1)};`,
          ...clocked(house, [zero, `${q} <= 1'b${level};`], [
            [`${data} == ${q}`, [zero]],
            ['change', [zero, `${q} <= ${data};`]],
          ], ['ctr <= ctr + 1\'b1;']),
        ],
      }
    },
    ({ length, level }, house) => {
      const { data, output: q } = house.names
      const width = bitsFor(length)
      const full = decimal(width, length - 1)
      return {
        outputs: [outputReg(q), output('change')],
        body: [
          variable(house, 'left', width),
          net(house, 'diff', 1, `${data} ^ ${q}`),
          ...clocked(house, [`left <= ${full};`], [], choose(house, [['diff && !change', ['left <= left - 1\'b1;']]], [`left <= ${full};`])),
          ...clocked(house, [`${q} <= 1'b${level};`], [], [`${q} <= ${q} ^ change;`]),
          'assign change = diff & ~|left;',
        ],
      }
    },
  ],
})
