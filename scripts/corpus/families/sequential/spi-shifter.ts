import { cross, span } from '../../points.js'
import { sequentialFamily } from '../../verilog-sequential.js'
import { bitsFor, choose, clocked, decimal, input, output, outputReg, variable } from '../../verilog-text.js'

type SpiPoint = { readonly width: number, readonly msbFirst: boolean, readonly idleHigh: boolean }

/** The word shifted by one with the sampled bit in it. */
const shifted = ({ width, msbFirst }: SpiPoint, q: string): string =>
  msbFirst ? `{${q}[${width - 2}:0], smp}` : `{smp, ${q}[${width - 1}:1]}`

export const spiShifter = sequentialFamily<SpiPoint>({
  name: 'spi-shifter',
  trainingPoints: cross<SpiPoint>({ width: span(4, 9), msbFirst: [true, false], idleHigh: [true, false] }),
  evaluationPoints: cross<SpiPoint>({ width: [10, 11, 12], msbFirst: [true, false], idleHigh: [true, false] }),
  module: ({ width, msbFirst, idleHigh }) => `spi${width}_${msbFirst ? 'msb' : 'lsb'}${idleHigh ? '_inv' : ''}`,
  wording({ width, msbFirst, idleHigh }, { start, data, busy, output: q }) {
    const [first, second] = idleHigh ? [1, 0] : [0, 1]
    const [out, way] = msbFirst ? [width - 1, 'left'] : [0, 'right']
    return {
      what: 'an SPI master',
      reset: 'clearing all',
      behaviour: [
        `With output ${busy} low, ${start} loads ${width}-bit ${data} into ${width}-bit output ${q}. Each of ${width} bits takes two ${busy} cycles: output sclk ${first}, sampling miso at its end, then ${second}, shifting ${q} ${way} by that sample; idle sclk: ${first}, mosi: ${q}[${out}].`,
        `Output mosi is ${q}[${out}] of output ${q} (${width} bits), loaded from ${data} (${width} bits) by ${start} unless ${busy}. ${width} pairs of ${busy} cycles follow, sclk ${first} then ${second}, the first sampling miso, the second shifting it in (${way}); idle sclk: ${first}.`,
        `Outputs: sclk (idle ${first}), mosi (${q}[${out}]), ${busy}, ${q} (${width} bits). ${start} in idle loads ${q} from ${data} (${width} bits); then, ${width} times, a cycle with sclk ${first} ends sampling miso, one with ${second} ends shifting ${q} ${way}, sample in.`,
        `In idle ${start} copies ${width}-bit ${data} to output ${q} (${width} bits) and begins ${2 * width} ${busy} cycles, sclk alternating ${first}, ${second} (idle ${first}). After ${first} miso is sampled, after ${second} ${q} shifts ${way}, the sample entering; mosi is ${q}[${out}].`,
      ],
    }
  },
  inputs: ({ width }, { start, data }) => [input(start), input(data, width), input('miso')],
  codings: [
    (point, house) => {
      const { start, data, busy, output: q } = house.names
      const { width, msbFirst, idleHigh } = point
      const leftWidth = bitsFor(width + 1)
      return {
        outputs: [output('sclk'), output('mosi'), output(busy), outputReg(q, width)],
        body: [
          variable(house, 'left', leftWidth),
          variable(house, 'ph, smp'),
          `assign sclk = ${idleHigh ? '~' : ''}ph;`,
          `assign mosi = ${q}[${msbFirst ? width - 1 : 0}];`,
          `assign ${busy} = (left != ${decimal(leftWidth, 0)});`,
          ...clocked(house, [`${q} <= ${decimal(width, 0)};`, `left <= ${decimal(leftWidth, 0)};`, '{ph, smp} <= 2\'b00;'], [
            [busy, [
              'ph <= ~ph;',
              ...choose(house, [['ph', [`${q} <= ${shifted(point, q)};`, 'left <= left - 1\'b1;']]], ['smp <= miso;']),
            ]],
            [start, [`${q} <= ${data};`, `left <= ${decimal(leftWidth, width)};`]],
          ]),
        ],
      }
    },
    (point, house) => {
      const { start, data, busy, output: q } = house.names
      const { width, msbFirst, idleHigh } = point
      const posWidth = bitsFor(2 * width + 1)
      return {
        outputs: [output('sclk'), output('mosi'), output(busy), outputReg(q, width)],
        body: [
          variable(house, 'pos', posWidth),
          variable(house, 'smp'),
          `assign ${busy} = |pos;`,
          `assign sclk = pos[0]${idleHigh ? ' ^ 1\'b1' : ''};`,
          `assign mosi = ${q}[${msbFirst ? width - 1 : 0}];`,
          ...clocked(house, [`pos <= ${decimal(posWidth, 0)};`, 'smp <= 1\'b0;'], [], [
            `pos <= ${busy} ? pos - 1'b1 : ${start} ? ${decimal(posWidth, 2 * width)} : ${decimal(posWidth, 0)};`,
            `smp <= (${busy} & ~pos[0]) ? miso : smp;`,
          ]),
          ...clocked(house, [`${q} <= ${decimal(width, 0)};`], [
            ['pos[0]', [`${q} <= ${shifted(point, q)};`]],
            [`${start} && !${busy}`, [`${q} <= ${data};`]],
          ]),
        ],
      }
    },
  ],
})
