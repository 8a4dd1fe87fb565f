import { cross, span } from '../../points.js'
import { sequentialFamily } from '../../verilog-sequential.js'
import { bitsFor, choose, clocked, decimal, input, net, output, variable } from '../../verilog-text.js'

type ManchesterPoint = { readonly width: number, readonly ieee: boolean, readonly msbFirst: boolean }

export const manchesterEncoder = sequentialFamily<ManchesterPoint>({
  name: 'manchester-encoder',
  trainingPoints: cross<ManchesterPoint>({ width: span(3, 9), ieee: [true, false], msbFirst: [true, false] }),
  evaluationPoints: cross<ManchesterPoint>({ width: [10, 11, 12], ieee: [true, false], msbFirst: [true, false] }),
  module: ({ width, ieee, msbFirst }) => `manch${width}_${ieee ? 'ieee' : 'thomas'}_${msbFirst ? 'msb' : 'lsb'}`,
  wording({ width, ieee, msbFirst }, { start, data, busy }) {
    const order = msbFirst ? `bit ${width - 1} first` : 'bit 0 first'
    const halves = ieee ? 'its inverse, then itself' : 'itself, then its inverse'
    const one = ieee ? '1 as 01 and 0 as 10' : '1 as 10 and 0 as 01'
    return {
      what: 'a Manchester encoder',
      reset: 'idling it',
      behaviour: [
        `When output ${busy} is low, ${start} takes ${width}-bit ${data}. The next ${2 * width} cycles, with ${busy} high and ${start} ignored, send each bit, ${order}, on output tx as ${halves}, one cycle each; idle tx is 0.`,
        `Output tx is 0 in idle. There ${start} captures ${data} (${width} bits), whose bits follow on tx, ${order}, two cycles a bit: ${one}; output ${busy} is high meanwhile and ${start} ignored.`,
        `Input ${start}, accepted only while output ${busy} is low, begins ${2 * width} busy cycles sending ${data} (${width} bits) on output tx, ${order}. A bit takes two cycles, ${halves}; otherwise tx is 0.`,
        `A word from ${data} (${width} bits) is captured by ${start} in idle and sent on output tx, ${order}, ${one}, a cycle a digit. Output ${busy} covers those cycles and hides ${start}; otherwise tx is 0.`,
      ],
    }
  },
  inputs: ({ width }, { start, data }) => [input(start), input(data, width)],
  codings: [
    ({ width, ieee, msbFirst }, house) => {
      const { start, data, busy } = house.names
      const leftWidth = bitsFor(width + 1)
      return {
        outputs: [output('tx'), output(busy)],
        body: [
          variable(house, 'sh', width),
          variable(house, 'left', leftWidth),
          variable(house, 'ph'),
          `assign ${busy} = (left != ${decimal(leftWidth, 0)});`,
          `assign tx = ${busy} & (sh[${msbFirst ? width - 1 : 0}] ^ ${ieee ? '~' : ''}ph);`,
          ...clocked(house, [`sh <= ${decimal(width, 0)};`, `left <= ${decimal(leftWidth, 0)};`, 'ph <= 1\'b0;'], [
            [busy, [
              'ph <= ~ph;',
              ...choose(house, [['ph', [`sh <= sh ${msbFirst ? '<<' : '>>'} 1;`, 'left <= left - 1\'b1;']]]),
            ]],
            [start, [`sh <= ${data};`, `left <= ${decimal(leftWidth, width)};`]],
          ]),
        ],
      }
    },
    ({ width, ieee, msbFirst }, house) => {
      const { start, data, busy } = house.names
      const posWidth = bitsFor(2 * width + 1)
      const moved = msbFirst ? `{sh[${width - 2}:0], 1'b0}` : `{1'b0, sh[${width - 1}:1]}`
      return {
        outputs: [output('tx'), output(busy)],
        body: [
          variable(house, 'pos', posWidth),
          variable(house, 'sh', width),
          net(house, 'now', 1, msbFirst ? `sh[${width - 1}]` : 'sh[0]'),
          `assign ${busy} = |pos;`,
          `assign tx = ${busy} ? (pos[0] ${ieee ? '==' : '!='} now) : 1'b0;`,
          ...clocked(house, [`pos <= ${decimal(posWidth, 0)};`], [], [`pos <= ${busy} ? pos - 1'b1 : {${posWidth}{${start}}} & ${decimal(posWidth, 2 * width)};`]),
          ...clocked(house, [`sh <= ${decimal(width, 0)};`], [
            ['pos[0]', [`sh <= ${moved};`]],
            [`${start} && !${busy}`, [`sh <= ${data};`]],
          ]),
        ],
      }
    },
  ],
})
