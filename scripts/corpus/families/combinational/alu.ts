import { defineFamily } from '../../family.js'
import type { HouseStyle } from '../../house.js'
import { span, withoutDuplicates } from '../../points.js'
import { Random } from '../../random.js'
import { FRAMES, specify } from '../../specification.js'
import type { Lines, Port } from '../../verilog-text.js'
import { bitsFor, caseOf, combinational, decimal, input, moduleName, moduleText, output, outputReg, pick } from '../../verilog-text.js'

/** An ALU whose operation codes 0, 1, 2 ... mean the operations named in `table`, separated by blanks. */
type AluPoint = { width: number, table: string, zero: boolean }

const OPERATIONS = {
  add: (a: string, b: string) => `${a} + ${b}`,
  sub: (a: string, b: string) => `${a} - ${b}`,
  and: (a: string, b: string) => `${a} & ${b}`,
  or: (a: string, b: string) => `${a} | ${b}`,
  xor: (a: string, b: string) => `${a} ^ ${b}`,
  nor: (a: string, b: string) => `~(${a} | ${b})`,
  nand: (a: string, b: string) => `~(${a} & ${b})`,
  less: (a: string, b: string) => `${a} < ${b}`,
  equal: (a: string, b: string) => `${a} == ${b}`,
  not: (a: string) => `~${a}`,
  double: (a: string) => `${a} << 1`,
  half: (a: string) => `${a} >> 1`,
  pass: (_: string, b: string) => b,
} as const

type Operation = keyof typeof OPERATIONS

const operationsOf = (point: AluPoint): Operation[] => point.table.split(' ') as Operation[]

function points(widths: number[], each: number): AluPoint[] {
  const random = new Random('alu')
  return withoutDuplicates(widths.flatMap((width) => Array.from({ length: each }, (_, at) => ({
    width, table: random.shuffled(Object.keys(OPERATIONS)).slice(0, [4, 4, 4, 8, 8, 3][at % 6]).join(' '), zero: random.below(3) === 0,
  }))))
}

const ports = (point: AluPoint, { names }: HouseStyle, result = output): Port[] => [
  input(names.a, point.width), input(names.b, point.width), input(names.operation, bitsFor(operationsOf(point).length)),
  result(names.output, point.width), ...point.zero ? [output(names.flag)] : [],
]

export const alu = defineFamily<AluPoint>({
  name: 'alu',
  domain: 'verilog',
  kind: 'combinational',
  trainingPoints: points(span(2, 12), 120),
  evaluationPoints: points(span(13, 16), 12),
  phrasings: FRAMES,
  codings: 2,

  describe(point, house, phrasing) {
    const { a, b, operation, output: result, flag } = house.names
    const operations = operationsOf(point)
    const meanings = operations.map((name) => OPERATIONS[name](a, b).replaceAll(' ', ''))
    const full = Number.isInteger(Math.log2(operations.length))
    const rule = pick(phrasing, [
      `${operation} 0 to ${operations.length - 1} set ${result} to ${meanings.join(', ')}`,
      `${result} is, for ${operation} = ${meanings.map((meaning, at) => `${at}: ${meaning}`).join(', ')}`,
    ]) + (full ? '' : ', else 0') + (point.zero ? `; ${flag} is high when ${result} is zero` : '')
    return specify(phrasing, { module: moduleName(house, `alu${point.width}`), title: `${point.width}-bit ALU`, ports: ports(point, house), rule })
  },

  write(point, house, coding) {
    const { width } = point
    const { a, b, operation, output: result, flag } = house.names
    const operations = operationsOf(point)
    const code = bitsFor(operations.length)
    const full = Number.isInteger(Math.log2(operations.length))
    const value = (at: number): string => OPERATIONS[operations[at]!](a, b)
    const told = point.zero ? [`assign ${flag} = ${coding === 0 ? `${result} == ${decimal(width, 0)}` : `~|${result}`};`] : []
    const module = (body: Lines, port = output): string => moduleText(house, `alu${width}`, ports(point, house, port), body)
    const arms = operations.map((_, at) => [full && at === operations.length - 1 ? 'default' : decimal(code, at), [`${result} = ${value(at)};`]] as const)
    if (coding === 0) return module([...combinational(house, caseOf(house, operation, full ? arms : [...arms, ['default', [`${result} = ${decimal(width, 0)};`]]])), ...told], outputReg)
    const last = full ? operations.length - 1 : operations.length
    const chain = operations.slice(0, last).map((_, at) => `(${operation} == ${decimal(code, at)}) ? ${value(at)} :`)
    return module([
      `assign ${result} = ${chain[0]!}`, [...chain.slice(1), `${full ? value(last) : decimal(width, 0)};`], ...told,
    ])
  },
})
