import { defineFamily } from '../../family.js'
import type { HouseStyle } from '../../house.js'
import { cross, span } from '../../points.js'
import { FRAMES, specify } from '../../specification.js'
import type { Lines, Port } from '../../verilog-text.js'
import { combinational, input, moduleName, moduleText, output, outputReg, pick } from '../../verilog-text.js'

type GrayPoint = { width: number, direction: 'encode' | 'decode', reversed: boolean }

const axes = { direction: ['encode', 'decode'] as const, reversed: [false, true] }

const base = ({ width, direction }: GrayPoint): string => direction === 'encode' ? `bin2gray${width}` : `gray2bin${width}`

const ports = ({ width }: GrayPoint, { names }: HouseStyle, result = output): Port[] => [input(names.data, width), result(names.output, width)]

/** Binary to Gray code and back. `reversed` keeps the Gray word with its bits in reverse order, as some links send it. */
export const grayCode = defineFamily<GrayPoint>({
  name: 'gray-code',
  domain: 'verilog',
  kind: 'combinational',
  trainingPoints: cross<GrayPoint>({ width: span(3, 12), ...axes }),
  evaluationPoints: cross<GrayPoint>({ width: span(13, 18), ...axes }),
  phrasings: FRAMES,
  codings: 3,

  describe(point, house, phrasing) {
    const { width, direction, reversed } = point
    const { data, output: result } = house.names
    const gray = direction === 'encode' ? result : data
    const rule = direction === 'encode'
      ? pick(phrasing, [`${result} is the Gray code of the binary number ${data}`, `${result} holds ${data} converted from binary to reflected Gray code`])
      : pick(phrasing, [`${result} is the binary number whose Gray code is ${data}`, `${result} holds ${data} converted from reflected Gray code to binary`])
    const order = reversed ? `; ${gray} is in reverse bit order, with its most significant bit in ${gray}[0]` : ''
    const title = `${width}-bit ${direction === 'encode' ? 'binary to Gray' : 'Gray to binary'} converter`
    return specify(phrasing, { module: moduleName(house, base(point)), title, ports: ports(point, house), rule: rule + order })
  },

  write(point, house, coding) {
    const { width, direction, reversed } = point
    const { data, output: result } = house.names
    const top = width - 1
    const module = (body: Lines, port = output): string => moduleText(house, base(point), ports(point, house, port), body)
    const loop = (body: string): Lines => ['integer i;', ...combinational(house, [`for (i = 0; i < ${width}; i = i + 1)`, [body]])]
    const gray = (bit: number): number => reversed ? top - bit : bit
    if (direction === 'encode') {
      if (coding === 0 && !reversed) return module([`assign ${result} = ${data} ^ (${data} >> 1);`])
      if (coding === 0) {
        const bits = span(0, top - 1).map((bit) => `${data}[${bit}] ^ ${data}[${bit + 1}]`)
        return module([`assign ${result} = {${[...bits, `${data}[${top}]`].join(', ')}};`])
      }
      if (coding === 1) {
        return module(['genvar i;', 'generate', [`for (i = 0; i < ${top}; i = i + 1) begin : g`,
          [`assign ${result}[${reversed ? `${top} - i` : 'i'}] = ${data}[i] ^ ${data}[i + 1];`], 'end'], 'endgenerate', `assign ${result}[${gray(top)}] = ${data}[${top}];`])
      }
      return module(['integer i;', ...combinational(house, [`${result}[${gray(top)}] = ${data}[${top}];`, `for (i = ${top - 1}; i >= 0; i = i - 1)`,
        [`${result}[${reversed ? `${top} - i` : 'i'}] = ${data}[i] != ${data}[i + 1];`]])], outputReg)
    }
    if (coding === 0) {
      return module(['genvar i;', 'generate', [`for (i = 0; i < ${width}; i = i + 1) begin : g`,
        [`assign ${result}[i] = ^${reversed ? `${data}[${top} - i:0]` : `${data}[${top}:i]`};`], 'end'], 'endgenerate'])
    }
    if (coding === 1) {
      return module(['integer i;', ...combinational(house, [`${result}[${top}] = ${data}[${gray(top)}];`, `for (i = ${top - 1}; i >= 0; i = i - 1)`,
        [`${result}[i] = ${result}[i + 1] ^ ${data}[${reversed ? `${top} - i` : 'i'}];`]])], outputReg)
    }
    return module(loop(`${result}[i] = ^(${data} ${reversed ? `<< i` : '>> i'});`), outputReg)
  },
})
