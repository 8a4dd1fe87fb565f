import { defineFamily } from '../../family.js'
import type { HouseStyle } from '../../house.js'
import { cross, span } from '../../points.js'
import { FRAMES, specify } from '../../specification.js'
import type { Lines, Port } from '../../verilog-text.js'
import { choose, combinational, input, moduleName, moduleText, net, output, outputReg, pick, repeat } from '../../verilog-text.js'

/** Which level of the select input subtracts, and what the flag output tells. */
type AddSubPoint = { width: number, subtractOn: 0 | 1, flag: 'overflow' | 'carry' }

const axes = { subtractOn: [0, 1] as const, flag: ['overflow', 'carry'] as const }

function ports({ width, flag }: AddSubPoint, { names }: HouseStyle, sum = output): Port[] {
  return [
    input(names.a, width), input(names.b, width), input(names.select),
    sum(names.sum, width), output(flag === 'overflow' ? names.overflow : names.carryOut),
  ]
}

export const addSub = defineFamily<AddSubPoint>({
  name: 'add-sub',
  domain: 'verilog',
  kind: 'combinational',
  trainingPoints: cross<AddSubPoint>({ width: span(3, 12), ...axes }),
  evaluationPoints: cross<AddSubPoint>({ width: span(13, 18), ...axes }),
  phrasings: FRAMES,
  codings: 3,

  describe(point, house, phrasing) {
    const { width, subtractOn, flag } = point
    const { a, b, select, sum, overflow, carryOut } = house.names
    const choice = pick(phrasing, [
      `${sum} is ${a} - ${b} when ${select} is ${subtractOn} and ${a} + ${b} when ${select} is ${1 - subtractOn}`,
      `${select} = ${1 - subtractOn} adds ${b} to ${a}, ${select} = ${subtractOn} subtracts ${b} from ${a}, result on ${sum}`,
    ])
    const told = flag === 'overflow'
      ? pick(phrasing, [`${overflow} is high on signed overflow`, `${overflow} tells two's complement overflow`])
      : `${carryOut} is the top carry of ${a} plus ${b}, or of ${a} + ~${b} + 1`
    return specify(phrasing, { module: moduleName(house, `addsub${width}`), title: `${width}-bit adder-subtractor`, ports: ports(point, house), rule: `${choice}; ${told}` })
  },

  write(point, house, coding) {
    const { width, subtractOn, flag } = point
    const { a, b, select, sum, overflow, carryOut } = house.names
    const subtract = subtractOn === 1 ? select : `~${select}`
    const top = width - 1
    const module = (body: Lines, sumPort = output): string => moduleText(house, `addsub${width}`, ports(point, house, sumPort), body)
    if (coding === 0) {
      return module([
        net(house, 't', width, `${b} ^ ${repeat(width, subtract)}`),
        ...flag === 'carry'
          ? [`assign {${carryOut}, ${sum}} = ${a} + t + ${paren(subtract)};`]
          : [`assign ${sum} = ${a} + t + ${paren(subtract)};`, `assign ${overflow} = (${a}[${top}] == t[${top}]) && (${sum}[${top}] != ${a}[${top}]);`],
      ])
    }
    if (coding === 1) {
      return module([
        net(house, 't', width, `${select} ? ${subtractOn === 1 ? `~${b} : ${b}` : `${b} : ~${b}`}`),
        net(house, 'u', width + 1, `{1'b0, ${a}} + {1'b0, t} + ${paren(subtract)}`),
        `assign ${sum} = u[${top}:0];`,
        flag === 'carry' ? `assign ${carryOut} = u[${width}];` : `assign ${overflow} = (${a}[${top}] & t[${top}] & ~u[${top}]) | (~${a}[${top}] & ~t[${top}] & u[${top}]);`,
      ])
    }
    const plus = [`${sum} = ${a} + ${b};`]
    const minus = [`${sum} = ${a} - ${b};`]
    return module([
      ...combinational(house, choose(house, [[select, subtractOn === 1 ? minus : plus]], subtractOn === 1 ? plus : minus)),
      flag === 'carry'
        ? `assign ${carryOut} = ${subtractOn === 1 ? select : `!${select}`} ? (${a} >= ${b}) : (${sum} < ${a});`
        : `assign ${overflow} = (${a}[${top}] ^ ${sum}[${top}]) & ~(${a}[${top}] ^ ${b}[${top}] ^ ${paren(subtract)});`,
    ], outputReg)
  },
})

/** An inverted operand of an addition is one bit wide only inside a concatenation. */
const paren = (term: string): string => term.startsWith('~') ? `{${term}}` : term
