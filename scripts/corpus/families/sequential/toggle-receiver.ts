import { cross, span } from '../../points.js'
import { sequentialFamily } from '../../verilog-sequential.js'
import { clocked, decimal, input, net, output, outputReg, variable } from '../../verilog-text.js'

/** The receiving half of a toggle handshake between clocks, which also counts what it has received. */
type TogglePoint = { readonly stages: number, readonly width: number }

export const toggleReceiver = sequentialFamily<TogglePoint>({
  name: 'toggle-receiver',
  trainingPoints: cross<TogglePoint>({ stages: [2, 3, 4], width: span(2, 9) }),
  evaluationPoints: cross<TogglePoint>({ stages: [5, 6], width: [4, 6, 9, 10, 11] }),
  module: ({ stages, width }) => `togrx${stages}_${width}`,
  wording({ stages, width }, { count, clear }) {
    return {
      what: `a toggle receiver`,
      reset: 'clearing all',
      behaviour: [
        `Input tgl passes ${stages} flip-flops, then one more, whose output is ack; output pulse is high when the last two of these ${stages + 1} differ. At each edge with pulse, ${width}-bit output ${count} rises by one, wrapping, but input ${clear} zeroes it.`,
        `A chain of ${stages + 1} flip-flops follows tgl; its end is output ack, and output pulse is the XOR of its last two. Output ${count} (${width} bits, wrapping) adds 1 per cycle with pulse; ${clear} has priority and zeroes only ${count}.`,
        `Each change of input tgl gives one cycle of output pulse: XOR of the last two of ${stages + 1} flip-flops in series, the very last being output ack. ${count}, ${width} bits, counts pulses and wraps; ${clear} overrides it with 0.`,
        `Outputs pulse, ack, ${count} (${width} bits). tgl enters a ${stages + 1}-bit shift register, ack is its oldest bit, pulse tells that its two oldest bits differ, and ${count} increments on pulse, wraps, and goes to 0 on ${clear}, which wins.`,
      ],
    }
  },
  inputs: (_, { clear }) => [input('tgl'), input(clear)],
  codings: [
    ({ stages, width }, house) => {
      const { count, clear } = house.names
      return {
        outputs: [output('pulse'), output('ack'), outputReg(count, width)],
        body: [
          variable(house, 'sh', stages + 1),
          `assign ack = sh[${stages}];`,
          `assign pulse = sh[${stages}] ^ sh[${stages - 1}];`,
          ...clocked(house, [`sh <= ${decimal(stages + 1, 0)};`], [], [`sh <= {sh[${stages - 1}:0], tgl};`]),
          ...clocked(house, [`${count} <= ${decimal(width, 0)};`], [
            [clear, [`${count} <= ${decimal(width, 0)};`]],
            ['pulse', [`${count} <= ${count} + 1'b1;`]],
          ]),
        ],
      }
    },
    ({ stages, width }, house) => {
      const { count, clear } = house.names
      const chain = ['tgl', ...span(1, stages).map((at) => `s${at}`), 'ack']
      return {
        outputs: [output('pulse'), outputReg('ack'), outputReg(count, width)],
        body: [
          variable(house, chain.slice(1, -1).join(', ')),
          net(house, 'nxt', width, `${count} + pulse`),
          `assign pulse = (s${stages} != ack);`,
          ...clocked(house, [`{${chain.slice(1).join(', ')}} <= ${decimal(stages + 1, 0)};`, `${count} <= ${decimal(width, 0)};`], [], [
            `{${chain.slice(1).join(', ')}} <= {${chain.slice(0, -1).join(', ')}};`,
            `${count} <= nxt & {${width}{~${clear}}};`,
          ]),
        ],
      }
    },
  ],
})
