import { defineFamily } from '../../family.js'
import type { HouseStyle } from '../../house.js'
import { cross, span } from '../../points.js'
import { FRAMES, specify } from '../../specification.js'
import type { Lines, Port } from '../../verilog-text.js'
import { choose, combinational, input, moduleName, moduleText, net, output, outputReg, pick, repeat } from '../../verilog-text.js'

type SaturatingPoint = { width: number, operation: 'add' | 'sub', signed: boolean }

const axes = { operation: ['add', 'sub'] as const, signed: [false, true] }

const ports = ({ width }: SaturatingPoint, { names }: HouseStyle, result = output): Port[] =>
  [input(names.a, width), input(names.b, width), result(names.sum, width)]

const base = ({ width, operation, signed }: SaturatingPoint): string => `sat${signed ? 's' : 'u'}${operation}${width}`

export const saturatingAdder = defineFamily<SaturatingPoint>({
  name: 'saturating-adder',
  domain: 'verilog',
  kind: 'combinational',
  trainingPoints: cross<SaturatingPoint>({ width: span(3, 12), ...axes }),
  evaluationPoints: cross<SaturatingPoint>({ width: span(13, 18), ...axes }),
  phrasings: FRAMES,
  codings: 2,

  describe(point, house, phrasing) {
    const { width, operation, signed } = point
    const { a, b, sum } = house.names
    const value = `${a} ${operation === 'add' ? '+' : '-'} ${b}`
    const rule = signed
      ? pick(phrasing, [
          `${sum} is ${value} in two's complement, limited to the largest or smallest ${width}-bit signed value on overflow`,
          `${sum} is the signed ${value}, held at the most positive or most negative value instead of overflowing`,
        ])
      : operation === 'add'
        ? pick(phrasing, [`${sum} is ${value}, or all ones when the sum does not fit`, `${sum} is ${value} held at the maximum ${2 ** width - 1}`])
        : pick(phrasing, [`${sum} is ${value}, or zero when ${b} is greater than ${a}`, `${sum} is ${value} held at 0 instead of going negative`])
    const title = `${width}-bit ${signed ? 'signed' : 'unsigned'} saturating ${operation === 'add' ? 'adder' : 'subtractor'}`
    return specify(phrasing, { module: moduleName(house, base(point)), title, ports: ports(point, house), rule })
  },

  write(point, house, coding) {
    const { width, operation, signed } = point
    const { a, b, sum } = house.names
    const sign = operation === 'add' ? '+' : '-'
    const top = width - 1
    const module = (body: Lines, result = output): string => moduleText(house, base(point), ports(point, house, result), body)
    if (signed) {
      const largest = `{1'b0, ${repeat(top, '1\'b1')}}`
      const smallest = `{1'b1, ${repeat(top, '1\'b0')}}`
      if (coding === 0) {
        return module([
          net(house, 't', width + 1, `{${a}[${top}], ${a}} ${sign} {${b}[${top}], ${b}}`),
          `assign ${sum} = (t[${width}] == t[${top}]) ? t[${top}:0] : t[${width}] ? ${smallest} : ${largest};`,
        ])
      }
      return module([
        net(house, 't', width, `${a} ${sign} ${b}`),
        net(house, 'v', 1, `(${a}[${top}] ${operation === 'add' ? '~^' : '^'} ${b}[${top}]) & (${a}[${top}] ^ t[${top}])`),
        ...combinational(house, choose(house, [['v', [`${sum} = {${a}[${top}], ${repeat(top, `~${a}[${top}]`)}};`]]], [`${sum} = t;`])),
      ], outputReg)
    }
    if (coding === 0) {
      return module([
        net(house, 't', width + 1, `{1'b0, ${a}} ${sign} {1'b0, ${b}}`),
        `assign ${sum} = t[${width}] ? ${repeat(width, operation === 'add' ? '1\'b1' : '1\'b0')} : t[${top}:0];`,
      ])
    }
    const overflows = operation === 'add' ? `${a} > ~${b}` : `${a} < ${b}`
    return module([
      ...combinational(house, choose(house, [[overflows, [`${sum} = ${width}'d${operation === 'add' ? 2 ** width - 1 : 0};`]]], [`${sum} = ${a} ${sign} ${b};`])),
    ], outputReg)
  },
})
