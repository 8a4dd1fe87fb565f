import { defineFamily } from '../../family.js'
import type { HouseStyle } from '../../house.js'
import { cross, span } from '../../points.js'
import { FRAMES, specify } from '../../specification.js'
import type { Lines, Port } from '../../verilog-text.js'
import { bitsFor, combinational, input, moduleName, moduleText, net, output, outputReg, pick, repeat, variable } from '../../verilog-text.js'

type ShifterPoint = { width: number, kind: 'left' | 'right' | 'arithmetic' | 'both' }

const KINDS = ['left', 'right', 'arithmetic', 'both'] as const

const BASES = { left: 'shl', right: 'shr', arithmetic: 'sar', both: 'shlr' }

const ports = ({ width, kind }: ShifterPoint, { names }: HouseStyle, result = output): Port[] =>
  [input(names.data, width), input(names.amount, bitsFor(width)), ...kind === 'both' ? [input(names.direction)] : [], result(names.output, width)]

export const shifter = defineFamily<ShifterPoint>({
  name: 'barrel-shifter',
  domain: 'verilog',
  kind: 'combinational',
  trainingPoints: cross<ShifterPoint>({ width: span(3, 12), kind: KINDS }),
  evaluationPoints: cross<ShifterPoint>({ width: span(13, 18), kind: KINDS }),
  phrasings: FRAMES,
  codings: 3,

  describe(point, house, phrasing) {
    const { width, kind } = point
    const { data, amount, direction, output: result } = house.names
    const rule = {
      left: pick(phrasing, [`${result} is ${data} shifted left by ${amount}, filled with zeros`, `${result} is ${data} moved ${amount} places towards the top bit with zeros below`]),
      right: pick(phrasing, [`${result} is ${data} shifted right by ${amount}, filled with zeros`, `${result} is ${data} moved ${amount} places towards bit 0 with zeros above`]),
      arithmetic: pick(phrasing, [`${result} is ${data} shifted right by ${amount}, filled with its sign bit`, `${result} is the signed value ${data} shifted right arithmetically by ${amount}`]),
      both: pick(phrasing, [`${result} is ${data} shifted by ${amount}, left when ${direction} is 1 and right when it is 0, filled with zeros`, `${direction} = 1 shifts ${data} left by ${amount}, ${direction} = 0 right, zeros fill in, result on ${result}`]),
    }[kind]
    const title = `${width}-bit ${{ left: 'left', right: 'logical right', arithmetic: 'arithmetic right', both: 'bidirectional' }[kind]} barrel shifter`
    return specify(phrasing, { module: moduleName(house, `${BASES[kind]}${width}`), title, ports: ports(point, house), rule })
  },

  write(point, house, coding) {
    const { width, kind } = point
    const { data, amount, direction, output: result } = house.names
    const module = (body: Lines, port = output): string => moduleText(house, `${BASES[kind]}${width}`, ports(point, house, port), body)
    if (coding === 0) {
      const value = { left: `${data} << ${amount}`, right: `${data} >> ${amount}`, arithmetic: `$signed(${data}) >>> ${amount}`, both: `${direction} ? ${data} << ${amount} : ${data} >> ${amount}` }[kind]
      return module([`assign ${result} = ${value};`])
    }
    const stages = bitsFor(width)
    const shifted = (name: string, by: number, left: boolean): string => left
      ? `{${name}[${width - 1 - by}:0], ${repeat(by, '1\'b0')}}`
      : `{${repeat(by, kind === 'arithmetic' ? `${name}[${width - 1}]` : '1\'b0')}, ${name}[${width - 1}:${by}]}`
    const moved = (name: string, by: number): string =>
      kind === 'both' ? `${direction} ? ${shifted(name, by, true)} : ${shifted(name, by, false)}` : shifted(name, by, kind === 'left')
    if (coding === 1) {
      return module([
        ...span(0, stages - 2).map((stage) => {
          const from = stage === 0 ? data : `t${stage - 1}`
          return net(house, `t${stage}`, width, `${amount}[${stage}] ? ${parenthesised(moved(from, 2 ** stage))} : ${from}`)
        }),
        `assign ${result} = ${amount}[${stages - 1}] ? ${parenthesised(moved(stages === 1 ? data : `t${stages - 2}`, 2 ** (stages - 1)))} : ${stages === 1 ? data : `t${stages - 2}`};`,
      ])
    }
    return module([
      variable(house, 't', width),
      ...combinational(house, [
        `t = ${data};`,
        ...span(0, stages - 1).map((stage) => `if (${amount}[${stage}]) t = ${moved('t', 2 ** stage)};`),
        `${result} = t;`,
      ]),
    ], outputReg)
  },
})

const parenthesised = (term: string): string => term.includes('?') ? `(${term})` : term
