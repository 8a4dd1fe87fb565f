import { defineFamily } from '../../family.js'
import type { HouseStyle } from '../../house.js'
import { cross, span } from '../../points.js'
import { FRAMES, specify } from '../../specification.js'
import type { Lines, Port } from '../../verilog-text.js'
import { choose, combinational, input, moduleName, moduleText, net, output, outputReg, pick } from '../../verilog-text.js'

type ComparatorPoint = { width: number, signed: boolean, outputs: 'all' | 'less-equal' | 'greater' }

const axes = { signed: [false, true], outputs: ['all', 'less-equal', 'greater'] as const }

function results({ outputs }: ComparatorPoint, { names }: HouseStyle): { name: string, operator: '<' | '==' | '>' }[] {
  const less = { name: names.less, operator: '<' } as const
  const equal = { name: names.equal, operator: '==' } as const
  const greater = { name: names.greater, operator: '>' } as const
  return outputs === 'all' ? [less, equal, greater] : outputs === 'less-equal' ? [less, equal] : [greater]
}

const ports = (point: ComparatorPoint, house: HouseStyle, result = output): Port[] =>
  [input(house.names.a, point.width), input(house.names.b, point.width), ...results(point, house).map(({ name }) => result(name))]

const WORDS = { '<': 'less than', '==': 'equal to', '>': 'greater than' }

export const comparator = defineFamily<ComparatorPoint>({
  name: 'comparator',
  domain: 'verilog',
  kind: 'combinational',
  trainingPoints: cross<ComparatorPoint>({ width: span(2, 12), ...axes }),
  evaluationPoints: cross<ComparatorPoint>({ width: span(13, 18), ...axes }),
  phrasings: FRAMES,
  codings: 3,

  describe(point, house, phrasing) {
    const { width, signed } = point
    const { a, b } = house.names
    const clauses = results(point, house).map(({ name, operator }) => pick(phrasing, [`${name} is high when ${a} is ${WORDS[operator]} ${b}`, `${name} tells ${a} ${operator} ${b}`]))
    const title = `${width}-bit ${signed ? 'signed' : 'unsigned'} comparator`
    return specify(phrasing, { module: moduleName(house, `cmp${width}`), title, ports: ports(point, house), rule: clauses.join(', ') })
  },

  write(point, house, coding) {
    const { width, signed } = point
    const { a, b } = house.names
    const top = width - 1
    const wanted = results(point, house)
    const module = (body: Lines, result = output): string => moduleText(house, `cmp${width}`, ports(point, house, result), body)
    if (coding === 0) {
      const [left, right] = signed ? [`$signed(${a})`, `$signed(${b})`] : [a, b]
      return module(wanted.map(({ name, operator }) => `assign ${name} = ${left} ${operator} ${right};`))
    }
    if (coding === 1) {
      // Flipping the sign bits turns signed order into unsigned order.
      const flipped = (name: string): string => signed ? `{~${name}[${top}], ${name}[${top - 1}:0]}` : name
      return module([
        net(house, 't', width + 1, `{1'b0, ${flipped(a)}} - {1'b0, ${flipped(b)}}`),
        ...wanted.map(({ name, operator }) => `assign ${name} = ${{ '<': `t[${width}]`, '==': '~|t', '>': `~t[${width}] & |t` }[operator]};`),
      ])
    }
    const order = signed ? `$signed(${a}) < $signed(${b})` : `${a} < ${b}`
    const set = (truth: '<' | '==' | '>'): string[] => wanted.map(({ name, operator }) => `${name} = 1'b${operator === truth ? 1 : 0};`)
    return module(combinational(house, choose(house, [[order, set('<')], [`${a} == ${b}`, set('==')]], set('>'))), outputReg)
  },
})
