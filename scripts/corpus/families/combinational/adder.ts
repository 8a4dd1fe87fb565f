import { defineFamily } from '../../family.js'
import type { HouseStyle } from '../../house.js'
import { cross, span } from '../../points.js'
import { FRAMES, specify } from '../../specification.js'
import type { Port } from '../../verilog-text.js'
import { combinational, input, moduleName, moduleText, net, output, pick, variable } from '../../verilog-text.js'

type AdderPoint = { width: number, carry: 'none' | 'in' | 'out' | 'both' }

const takesCarry = ({ carry }: AdderPoint): boolean => carry === 'in' || carry === 'both'
const givesCarry = ({ carry }: AdderPoint): boolean => carry === 'out' || carry === 'both'

function ports(point: AdderPoint, { names }: HouseStyle): Port[] {
  const { width } = point
  return [
    input(names.a, width), input(names.b, width), ...takesCarry(point) ? [input(names.carryIn)] : [],
    output(names.sum, width), ...givesCarry(point) ? [output(names.carryOut)] : [],
  ]
}

const TITLES = { none: 'adder without carries', in: 'adder with carry in', out: 'adder with carry out', both: 'adder with carry in and carry out' }

const axes = { carry: ['none', 'in', 'out', 'both'] as const }

export const adder = defineFamily<AdderPoint>({
  name: 'adder',
  domain: 'verilog',
  kind: 'combinational',
  trainingPoints: cross<AdderPoint>({ width: span(2, 12), ...axes }),
  evaluationPoints: cross<AdderPoint>({ width: span(13, 18), ...axes }),
  phrasings: FRAMES,
  codings: 4,

  describe(point, house, phrasing) {
    const { a, b, carryIn, carryOut, sum } = house.names
    const terms = [a, b, ...takesCarry(point) ? [carryIn] : []]
    const added = pick(phrasing, [`${sum} is ${terms.join(' + ')}`, `${sum} equals ${terms.join(' plus ')}`])
    const rest = givesCarry(point) ? `${carryOut} is the carry out of the top bit` : pick(phrasing, ['the carry out is dropped', `it wraps modulo 2^${point.width}`])
    return specify(phrasing, { module: moduleName(house, `add${point.width}`), title: `${point.width}-bit ${TITLES[point.carry]}`, ports: ports(point, house), rule: `${added} and ${rest}` })
  },

  write(point, house, coding) {
    const { width } = point
    const { a, b, carryIn, carryOut, sum } = house.names
    const carry = takesCarry(point) ? ` + ${carryIn}` : ''
    const whole = givesCarry(point) ? `{${carryOut}, ${sum}}` : sum
    const module = (ports_: readonly Port[], body: Parameters<typeof moduleText>[3]): string => moduleText(house, `add${width}`, ports_, body)
    if (coding === 0) return module(ports(point, house), [`assign ${whole} = ${a} + ${b}${carry};`])
    if (coding === 1) {
      return module(ports(point, house), [
        net(house, 't', width + 1, `{1'b0, ${a}} + {1'b0, ${b}}${carry}`),
        `assign ${sum} = t[${width - 1}:0];`,
        ...givesCarry(point) ? [`assign ${carryOut} = t[${width}];`] : [],
      ])
    }
    if (coding === 2) {
      return module(ports(point, house), [
        variable(house, 't', width + 1),
        ...combinational(house, [`t = ${a} + ${b}${carry};`]),
        `assign ${whole} = t${givesCarry(point) ? '' : `[${width - 1}:0]`};`,
      ])
    }
    return module(ports(point, house), [
      net(house, 't', width + 1),
      `assign t[0] = ${takesCarry(point) ? carryIn : '1\'b0'};`,
      `assign t[${width}:1] = (${a} & ${b}) | (t[${width - 1}:0] & (${a} | ${b}));`,
      `assign ${sum} = ${a} ^ ${b} ^ t[${width - 1}:0];`,
      ...givesCarry(point) ? [`assign ${carryOut} = t[${width}];`] : [],
    ])
  },
})
