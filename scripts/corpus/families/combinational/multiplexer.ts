import { defineFamily } from '../../family.js'
import type { HouseStyle } from '../../house.js'
import { cross, span } from '../../points.js'
import { FRAMES, specify } from '../../specification.js'
import type { Branch, Lines, Port } from '../../verilog-text.js'
import { bitsFor, caseOf, combinational, decimal, input, moduleName, moduleText, net, output, outputReg, pick } from '../../verilog-text.js'

type MultiplexerPoint = { ways: number, width: number, enable: boolean }

const inputName = (house: HouseStyle, way: number): string => `${house.names.data}${way}`

const ports = ({ ways, width, enable }: MultiplexerPoint, house: HouseStyle, result = output): Port[] => [
  ...span(0, ways - 1).map((way) => input(inputName(house, way), width)),
  input(house.names.select, bitsFor(ways)), ...enable ? [input(house.names.enable)] : [],
  result(house.names.output, width),
]

export const multiplexer = defineFamily<MultiplexerPoint>({
  name: 'multiplexer',
  domain: 'verilog',
  kind: 'combinational',
  trainingPoints: cross<MultiplexerPoint>({ ways: span(2, 8), width: span(1, 12), enable: [false, true] }),
  evaluationPoints: cross<MultiplexerPoint>({ ways: span(2, 8), width: span(13, 16), enable: [false, true] }),
  phrasings: FRAMES,
  codings: 3,

  describe(point, house, phrasing) {
    const { ways, width, enable } = point
    const { select, output: result, enable: enabled } = house.names
    const full = ways === 2 ** bitsFor(ways)
    const first = inputName(house, 0)
    const rule = pick(phrasing, [
      `${result} is ${first} to ${inputName(house, ways - 1)} for ${select} = 0 to ${ways - 1}`,
      `${result} is the input whose number is on ${select}`,
    ]) + (full ? '' : pick(phrasing, [`, zero for other values`, `, or 0 when ${select} is above ${ways - 1}`])) + (enable ? `; ${result} is 0 while ${enabled} is low` : '')
    const title = `${ways}-to-1 multiplexer of ${width}-bit words`
    return specify(phrasing, { module: moduleName(house, `mux${ways}x${width}`), title, ports: ports(point, house), rule })
  },

  write(point, house, coding) {
    const { ways, width, enable } = point
    const { select, output: result, enable: enabled } = house.names
    const index = bitsFor(ways)
    const full = ways === 2 ** index
    const zero = decimal(width, 0)
    const module = (body: Lines, port = output): string => moduleText(house, `mux${ways}x${width}`, ports(point, house, port), body)
    if (coding === 0) {
      const arms: Branch[] = span(0, ways - 1).map((way) => [decimal(index, way), [`${result} = ${inputName(house, way)};`]])
      return module(combinational(house, [
        ...caseOf(house, select, [...arms, ['default', [`${result} = ${zero};`]]].slice(0, full ? ways : ways + 1) as Branch[]),
        ...enable ? [`if (!${enabled}) ${result} = ${zero};`] : [],
      ]), outputReg)
    }
    if (coding === 1) {
      const chain = span(0, full ? ways - 2 : ways - 1).map((way) => `(${select} == ${decimal(index, way)}) ? ${inputName(house, way)} : `)
      const last = full ? inputName(house, ways - 1) : zero
      return module([`assign ${result} = ${enable ? `!${enabled} ? ${zero} : ` : ''}${chain.join('')}${last};`])
    }
    const slots = 2 ** index
    const words = span(0, slots - 1).map((way) => way < ways ? inputName(house, way) : zero).reverse()
    return module([
      net(house, 't', slots * width, `{${words.join(', ')}}`),
      `assign ${result} = ${enable ? `${enabled} ? ` : ''}${width === 1 ? `t[${select}]` : `t[${select} * ${width} +: ${width}]`}${enable ? ` : ${zero}` : ''};`,
    ])
  },
})
