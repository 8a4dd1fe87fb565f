import { defineFamily } from '../../family.js'
import type { HouseStyle } from '../../house.js'
import { span, withoutDuplicates } from '../../points.js'
import { Random } from '../../random.js'
import { FRAMES, specify } from '../../specification.js'
import type { Lines, Port } from '../../verilog-text.js'
import { bitsFor, caseOf, combinational, decimal, input, moduleName, moduleText, net, output, outputReg, pick } from '../../verilog-text.js'

/** A table of constants, separated by blanks. Addresses beyond it give 0. */
type LookupPoint = { width: number, table: string }

const valuesOf = ({ table }: LookupPoint): number[] => table.split(' ').map(Number)

function points(widths: number[], each: number): LookupPoint[] {
  const random = new Random('lookup-table')
  return withoutDuplicates(widths.flatMap((width) => Array.from({ length: each }, (_, at) => ({
    width, table: Array.from({ length: [4, 8, 6, 5, 8, 7, 3, 10][at % 8]! }, () => random.below(2 ** width)).join(' '),
  }))))
}

const base = (point: LookupPoint): string => `rom${valuesOf(point).length}x${point.width}`

const ports = (point: LookupPoint, { names }: HouseStyle, result = output): Port[] =>
  [input(names.address, bitsFor(valuesOf(point).length)), result(names.output, point.width)]

export const lookupTable = defineFamily<LookupPoint>({
  name: 'lookup-table',
  domain: 'verilog',
  kind: 'combinational',
  trainingPoints: points(span(2, 7), 240),
  evaluationPoints: points(span(8, 10), 16),
  phrasings: FRAMES,
  codings: 3,

  describe(point, house, phrasing) {
    const values = valuesOf(point)
    const { address, output: result } = house.names
    const rule = pick(phrasing, [
      `${result} for ${address} from 0 to ${values.length - 1} is ${values.join(', ')}`,
      `${address} 0, 1, 2 and so on read ${values.join(', ')} on ${result}`,
    ]) + (Number.isInteger(Math.log2(values.length)) ? '' : '; higher addresses read 0')
    const title = `lookup table of ${values.length} words of ${point.width} bits`
    return specify(phrasing, { module: moduleName(house, base(point)), title, ports: ports(point, house), rule })
  },

  write(point, house, coding) {
    const { width } = point
    const values = valuesOf(point)
    const { address, output: result } = house.names
    const bits = bitsFor(values.length)
    const full = values.length === 2 ** bits
    const module = (body: Lines, port = output): string => moduleText(house, base(point), ports(point, house, port), body)
    if (coding === 0) {
      const arms = values.map((value, at) => [decimal(bits, at), [`${result} = ${decimal(width, value)};`]] as const)
      return module(combinational(house, caseOf(house, address, full ? arms : [...arms, ['default', [`${result} = ${decimal(width, 0)};`]]])), outputReg)
    }
    if (coding === 1) {
      const chain = values.map((value, at) => full && at === values.length - 1 ? '' : `(${address} == ${decimal(bits, at)}) ? ${decimal(width, value)} :`).filter((part) => part !== '')
      return module([`assign ${result} = ${chain[0]!}`, [...chain.slice(1), `${decimal(width, full ? values.at(-1)! : 0)};`]])
    }
    const words = Array.from({ length: 2 ** bits }, (_, at) => decimal(width, values[at] ?? 0)).reverse()
    return module([net(house, 't', width * 2 ** bits, `{${words.join(', ')}}`), `assign ${result} = t[${width} * ${address} +: ${width}];`])
  },
})
