import { cross, span } from '../../points.js'
import { sequentialFamily } from '../../verilog-sequential.js'
import { clocked, decimal, input, net, output, repeat, variable } from '../../verilog-text.js'

type SerialiserPoint = { readonly width: number, readonly msbFirst: boolean, readonly fill: 0 | 1 }

export const serialiser = sequentialFamily<SerialiserPoint>({
  name: 'serialiser',
  trainingPoints: cross<SerialiserPoint>({ width: span(3, 10), msbFirst: [true, false], fill: [0, 1] }),
  evaluationPoints: cross<SerialiserPoint>({ width: [11, 12, 14], msbFirst: [true, false], fill: [0, 1] }),
  module: ({ width, msbFirst, fill }) => `piso${width}_${msbFirst ? 'msb' : 'lsb'}${fill}`,
  wording({ width, msbFirst, fill }, { load, enable, data }) {
    const [way, out, into] = msbFirst ? ['left', width - 1, 0] : ['right', 0, width - 1]
    return {
      what: `a ${width}-bit parallel-in serial-out register`,
      reset: `setting every bit to ${fill}`,
      behaviour: [
        `Input ${load} copies ${width}-bit input ${data} into the register; otherwise input ${enable} shifts it ${way} with ${fill} entering at bit ${into}. Output so is bit ${out}; with neither input the register holds.`,
        `On ${load}, which has priority, it takes ${data} (${width} bits); on ${enable} it moves one place ${way} and bit ${into} becomes ${fill}; else it holds. Output so is always bit ${out}.`,
        `Output so shows bit ${out} of the register, which ${enable} shifts one place ${way}, filling bit ${into} with ${fill}. Input ${load} overrides this and takes the ${width}-bit ${data}; without both nothing changes.`,
        `A ${width}-bit word from input ${data} is stored when ${load} is high, whatever ${enable} is. With only ${enable} high it shifts ${way}, ${fill} entering at bit ${into}; output so is its bit ${out}.`,
      ],
    }
  },
  inputs: ({ width }, { load, enable, data }) => [input(load), input(enable), input(data, width)],
  codings: [
    ({ width, msbFirst, fill }, house) => {
      const { load, enable, data } = house.names
      return {
        outputs: [output('so')],
        body: [
          variable(house, 'sh', width),
          ...clocked(house, [`sh <= ${repeat(width, `1'b${fill}`)};`], [
            [load, [`sh <= ${data};`]],
            [enable, [`sh <= ${msbFirst ? `{sh[${width - 2}:0], 1'b${fill}}` : `{1'b${fill}, sh[${width - 1}:1]}`};`]],
          ]),
          `assign so = sh[${msbFirst ? width - 1 : 0}];`,
        ],
      }
    },
    ({ width, msbFirst, fill }, house) => {
      const { load, enable, data } = house.names
      const shifted = msbFirst ? 'sh << 1' : 'sh >> 1'
      const bit = decimal(width, 1n << BigInt(msbFirst ? 0 : width - 1))
      return {
        outputs: [output('so')],
        body: [
          variable(house, 'sh', width),
          net(house, 'moved', width, fill ? `(${shifted}) | ${bit}` : shifted),
          `assign so = ${msbFirst ? `sh[${width - 1}]` : 'sh[0]'};`,
          ...clocked(house, [`sh <= ${decimal(width, fill ? (1n << BigInt(width)) - 1n : 0)};`], [], [`sh <= ${load} ? ${data} : (${enable} ? moved : sh);`]),
        ],
      }
    },
  ],
})
