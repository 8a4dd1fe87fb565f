import { defineFamily } from '../../family.js'
import type { HouseStyle } from '../../house.js'
import { cross, span } from '../../points.js'
import { FRAMES, specify } from '../../specification.js'
import type { Lines, Port } from '../../verilog-text.js'
import { combinational, decimal, input, moduleName, moduleText, net, output, outputReg, pick } from '../../verilog-text.js'

/** A product or sum of products with a constant factor: `factor * data`, or that plus another word. */
type ConstantMultiplierPoint = { width: number, factor: number, plus: boolean }

const productBits = ({ width, factor, plus }: ConstantMultiplierPoint): number => ((2 ** width - 1) * (factor + (plus ? 1 : 0))).toString(2).length

const ports = (point: ConstantMultiplierPoint, { names }: HouseStyle, result = output): Port[] =>
  [input(names.a, point.width), ...point.plus ? [input(names.b, point.width)] : [], result(names.output, productBits(point))]

const base = ({ factor, width }: ConstantMultiplierPoint): string => `mul${factor}x${width}`

export const constantMultiplier = defineFamily<ConstantMultiplierPoint>({
  name: 'constant-multiplier',
  domain: 'verilog',
  kind: 'combinational',
  trainingPoints: cross<ConstantMultiplierPoint>({ width: span(3, 8), factor: [3, 5, 6, 7, 9, 10, 11, 12, 13, 14, 15], plus: [false, true] }),
  evaluationPoints: cross<ConstantMultiplierPoint>({ width: span(5, 8), factor: [17, 19, 20, 21, 24, 25], plus: [false, true] }),
  phrasings: FRAMES,
  codings: 3,

  describe(point, house, phrasing) {
    const { width, factor, plus } = point
    const { a, b, output: result } = house.names
    const rule = plus
      ? pick(phrasing, [`${result} is ${factor} times ${a} plus ${b}, unsigned and without loss`, `${result} equals ${factor} * ${a} + ${b} for unsigned numbers`])
      : pick(phrasing, [`${result} is ${factor} times ${a}, unsigned and without loss`, `${result} equals ${factor} * ${a} for unsigned numbers`])
    const title = `${width}-bit multiplier by the constant ${factor}${plus ? ' with addition' : ''}`
    return specify(phrasing, { module: moduleName(house, base(point)), title, ports: ports(point, house), rule })
  },

  write(point, house, coding) {
    const { factor, plus } = point
    const { a, b, output: result } = house.names
    const wide = productBits(point)
    const rest = plus ? ` + ${b}` : ''
    const module = (body: Lines, port = output): string => moduleText(house, base(point), ports(point, house, port), body)
    const shifts = span(0, 5).filter((bit) => (factor >> bit & 1) === 1).reverse()
    const shifted = (name: string, bit: number): string => bit === 0 ? name : `(${name} << ${bit})`
    if (coding === 0) return module([`assign ${result} = ${a} * ${decimal(factor.toString(2).length, factor)}${rest};`])
    if (coding === 1) return module([net(house, 't', wide, a), `assign ${result} = ${shifts.map((bit) => shifted('t', bit)).join(' + ')}${rest};`])
    return module(combinational(house, [
      `${result} = ${plus ? b : decimal(wide, 0)};`, ...shifts.map((bit) => `${result} = ${result} + ${shifted(a, bit)};`),
    ]), outputReg)
  },
})
