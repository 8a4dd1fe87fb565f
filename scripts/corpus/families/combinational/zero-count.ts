import { defineFamily } from '../../family.js'
import type { HouseStyle } from '../../house.js'
import { cross, span } from '../../points.js'
import { FRAMES, specify } from '../../specification.js'
import type { Lines, Port } from '../../verilog-text.js'
import { bitsFor, combinational, decimal, input, moduleName, moduleText, output, outputReg, pick, variable } from '../../verilog-text.js'

/** Leading or trailing zeros or ones, up to the word's width. */
type ZeroCountPoint = { width: number, end: 'leading' | 'trailing', bit: 0 | 1 }

const axes = { end: ['leading', 'trailing'] as const, bit: [0, 1] as const }

const base = ({ width, end, bit }: ZeroCountPoint): string => `c${end === 'leading' ? 'l' : 't'}${bit === 0 ? 'z' : 'o'}${width}`

const ports = ({ width }: ZeroCountPoint, { names }: HouseStyle, result = output): Port[] => [input(names.data, width), result(names.count, bitsFor(width + 1))]

export const zeroCount = defineFamily<ZeroCountPoint>({
  name: 'leading-zero-count',
  domain: 'verilog',
  kind: 'combinational',
  trainingPoints: cross<ZeroCountPoint>({ width: span(3, 10), ...axes }),
  evaluationPoints: cross<ZeroCountPoint>({ width: span(11, 15), ...axes }),
  phrasings: FRAMES,
  codings: 3,

  describe(point, house, phrasing) {
    const { width, end, bit } = point
    const { data, count } = house.names
    const digit = bit === 0 ? 'zero' : 'one'
    const edge = end === 'leading' ? `from the most significant bit down` : 'from bit 0 up'
    const rule = pick(phrasing, [
      `${count} is the number of ${end} ${digit}s of ${data}, ${width} when all bits are ${bit}`,
      `${count} tells how many ${digit} bits ${data} has ${edge} before the first ${1 - bit}, up to ${width}`,
    ])
    return specify(phrasing, { module: moduleName(house, base(point)), title: `${width}-bit ${end}-${digit} counter`, ports: ports(point, house), rule })
  },

  write(point, house, coding) {
    const { width, end, bit } = point
    const { data, count } = house.names
    const bits = bitsFor(width + 1)
    const other = (at: string): string => `${bit === 0 ? '' : '!'}${data}[${at}]`
    const module = (body: Lines, port = output): string => moduleText(house, base(point), ports(point, house, port), body)
    if (coding === 0) {
      // The last assignment wins: the loop ends where counting begins.
      const loop = end === 'leading' ? `for (i = 0; i < ${width}; i = i + 1)` : `for (i = ${width - 1}; i >= 0; i = i - 1)`
      return module(['integer i;', ...combinational(house, [
        `${count} = ${decimal(bits, width)};`, loop, [`if (${other('i')}) ${count} = ${end === 'leading' ? `${width - 1} - i` : 'i'};`],
      ])], outputReg)
    }
    if (coding === 1) {
      const order = end === 'leading' ? span(0, width - 1).reverse() : span(0, width - 1)
      return module([`assign ${count} = ${order.map((at, places) => `${other(String(at))} ? ${decimal(bits, places)} : `).join('')}${decimal(bits, width)};`])
    }
    const loop = end === 'leading' ? `for (i = ${width - 1}; i >= 0; i = i - 1) begin` : `for (i = 0; i < ${width}; i = i + 1) begin`
    return module(['integer i;', variable(house, 'run'), ...combinational(house, [
      'run = 1\'b1;', `${count} = ${decimal(bits, 0)};`, loop, [`run = run & ${bit === 0 ? '~' : ''}${data}[i];`, `${count} = ${count} + run;`], 'end',
    ])], outputReg)
  },
})
