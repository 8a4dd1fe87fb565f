import { cross, span } from '../../points.js'
import { sequentialFamily } from '../../verilog-sequential.js'
import { bitsFor, choose, clocked, decimal, input, net, outputReg, variable } from '../../verilog-text.js'

type DeserialiserPoint = { readonly width: number, readonly msbFirst: boolean }

export const deserialiser = sequentialFamily<DeserialiserPoint>({
  name: 'deserialiser',
  trainingPoints: cross<DeserialiserPoint>({ width: span(3, 12), msbFirst: [true, false] }),
  evaluationPoints: cross<DeserialiserPoint>({ width: [13, 14, 15, 18, 20], msbFirst: [true, false] }),
  module: ({ width, msbFirst }) => `sipo${width}_${msbFirst ? 'msb' : 'lsb'}`,
  wording({ width, msbFirst }, { serial, enable, output: q, done }) {
    const [way, into] = msbFirst ? ['left', 0] : ['right', width - 1]
    return {
      what: `a ${width}-bit serial-in parallel-out register, ${msbFirst ? 'most' : 'least'} significant bit first`,
      reset: 'clearing all',
      behaviour: [
        `While ${enable} is high, ${width}-bit output ${q} shifts ${way} and input ${serial} enters as bit ${into}; otherwise ${q} holds. Register ${done} is high for one cycle after every ${width} shifts.`,
        `Each edge with ${enable} moves output ${q} (${width} bits) one place ${way}, ${serial} becoming bit ${into}. After each ${width} such edges output ${done} is high for a single cycle, else low.`,
        `Input ${enable} shifts input ${serial} into bit ${into} of output ${q} (${width} bits, moving ${way}). Output ${done} is a registered one-cycle pulse following each ${width}-bit group.`,
        `Output ${q} has ${width} bits; an enabled clock (${enable}) moves them ${way} and takes ${serial} as bit ${into}. The edge that completes a group of ${width} sets output ${done}, the next edge clears it.`,
      ],
    }
  },
  inputs: (_, { serial, enable }) => [input(enable), input(serial)],
  codings: [
    ({ width, msbFirst }, house) => {
      const { serial, enable, output: q, done } = house.names
      const counter = bitsFor(width)
      const last = decimal(counter, width - 1)
      return {
        outputs: [outputReg(q, width), outputReg(done)],
        body: [
          variable(house, 'ctr', counter),
          ...clocked(house, [`${q} <= ${decimal(width, 0)};`, `ctr <= ${decimal(counter, 0)};`, `${done} <= 1'b0;`], [
            [enable, [
              `${q} <= ${msbFirst ? `{${q}[${width - 2}:0], ${serial}}` : `{${serial}, ${q}[${width - 1}:1]}`};`,
              `${done} <= (ctr == ${last});`,
              `ctr <= (ctr == ${last}) ? ${decimal(counter, 0)} : ctr + 1'b1;`,
            ]],
          ], [`${done} <= 1'b0;`]),
        ],
      }
    },
    ({ width, msbFirst }, house) => {
      const { serial, enable, output: q, done } = house.names
      const counter = bitsFor(width)
      const full = decimal(counter, width - 1)
      return {
        outputs: [outputReg(q, width), outputReg(done)],
        body: [
          variable(house, 'left', counter),
          net(house, 'last', 1, `${enable} && left == ${decimal(counter, 0)}`),
          ...clocked(house, [`${done} <= 1'b0;`, `left <= ${full};`], [], [
            `${done} <= last;`,
            ...choose(house, [['last', [`left <= ${full};`]], [enable, ['left <= left - 1\'b1;']]]),
          ]),
          ...clocked(house, [`${q} <= ${decimal(width, 0)};`], [
            [enable, [msbFirst ? `${q} <= (${q} << 1) | ${serial};` : `${q} <= (${q} >> 1) | (${serial} << ${width - 1});`]],
          ]),
        ],
      }
    },
  ],
})
