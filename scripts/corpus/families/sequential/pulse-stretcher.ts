import { cross, span } from '../../points.js'
import { sequentialFamily } from '../../verilog-sequential.js'
import { bitsFor, clocked, decimal, input, net, output, variable } from '../../verilog-text.js'

type StretcherPoint = { readonly length: number, readonly again: boolean }

export const pulseStretcher = sequentialFamily<StretcherPoint>({
  name: 'pulse-stretcher',
  trainingPoints: cross<StretcherPoint>({ length: span(3, 16), again: [true, false] }),
  evaluationPoints: cross<StretcherPoint>({ length: [18, 20, 23, 29, 35], again: [true, false] }),
  module: ({ length, again }) => `stretch${length}${again ? '_re' : ''}`,
  wording({ length, again }, { data, output: q }) {
    const during = again ? 'each high cycle starts the length anew' : 'it has no effect'
    return {
      what: 'a pulse stretcher',
      reset: 'ending any pulse',
      behaviour: [
        `Combinational output ${q} goes high at once with input ${data} and stays high for ${length} cycles, that cycle included; during a pulse, ${during}. A high ${data} after a pulse starts the next one.`,
        `A cycle with ${data} high is the first of ${length} cycles with output ${q} high, without delay. While a pulse lasts, ${during}; ${q} is otherwise ${data} itself.`,
        `Output ${q} equals input ${data} when no pulse is running; a high ${data} begins a pulse of ${length} cycles in the same cycle. During it ${q} stays high, and as for ${data}, ${during}.`,
        `Each accepted high cycle of input ${data} makes output ${q} high in that cycle and the ${length - 1} cycles after it. Outside a pulse ${data} is always accepted; inside, ${during}.`,
      ],
    }
  },
  inputs: (_, { data }) => [input(data)],
  codings: [
    ({ length, again }, house) => {
      const { data, output: q } = house.names
      const width = bitsFor(length)
      const running = `left != ${decimal(width, 0)}`
      const begin = [data, [`left <= ${decimal(width, length - 1)};`]] as const
      const count = [running, ['left <= left - 1\'b1;']] as const
      return {
        outputs: [output(q)],
        body: [
          variable(house, 'left', width),
          ...clocked(house, [`left <= ${decimal(width, 0)};`], again ? [begin, count] : [count, begin]),
          `assign ${q} = ${data} || ${running};`,
        ],
      }
    },
    ({ length, again }, house) => {
      const { data, output: q } = house.names
      const width = bitsFor(length)
      return {
        outputs: [output(q)],
        body: [
          variable(house, 'run'),
          variable(house, 'ctr', width),
          net(house, 'last', 1, `(ctr == ${decimal(width, length - 1)})`),
          `assign ${q} = run | ${data};`,
          ...clocked(house, ['run <= 1\'b0;', `ctr <= ${decimal(width, 1)};`], [], again
            ? [`run <= ${data} | run & ~last;`, `ctr <= (${data} | last | ~run) ? ${decimal(width, 1)} : ctr + 1'b1;`]
            : [`run <= run ? ~last : ${data};`, `ctr <= (run & ~last) ? ctr + 1'b1 : ${decimal(width, 1)};`]),
        ],
      }
    },
  ],
})
