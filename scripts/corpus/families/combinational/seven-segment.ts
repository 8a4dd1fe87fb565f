import { defineFamily } from '../../family.js'
import type { HouseStyle } from '../../house.js'
import { cross, span } from '../../points.js'
import { FRAMES, specify } from '../../specification.js'
import type { Lines, Port } from '../../verilog-text.js'
import { binary, caseOf, combinational, input, moduleName, moduleText, output, outputReg, pick } from '../../verilog-text.js'

/** Shows the digits 0 to `digits - 1`; higher codes are blank. */
type SevenSegmentPoint = { digits: number, activeLow: boolean, order: 'gfedcba' | 'abcdefg', blank: boolean }

const axes = { activeLow: [false, true], order: ['gfedcba', 'abcdefg'] as const, blank: [false, true] }

const SHAPES = ['abcdef', 'bc', 'abdeg', 'abcdg', 'bcfg', 'acdfg', 'acdefg', 'abc', 'abcdefg', 'abcdfg', 'abcefg', 'cdefg', 'adef', 'bcdeg', 'adefg', 'aefg'] as const

const ports = ({ blank }: SevenSegmentPoint, { names }: HouseStyle, result = output): Port[] =>
  [input(names.data, 4), ...blank ? [input(names.enable)] : [], result(names.output, 7)]

/** The segments of a digit as a number, `order` from the top bit down. */
const pattern = ({ order, activeLow }: SevenSegmentPoint, shape: string): number =>
  order.split('').reduce((sum, segment) => 2 * sum + (shape.includes(segment) !== activeLow ? 1 : 0), 0)

export const sevenSegment = defineFamily<SevenSegmentPoint>({
  name: 'seven-segment',
  domain: 'verilog',
  kind: 'combinational',
  trainingPoints: cross<SevenSegmentPoint>({ digits: span(5, 12), ...axes }),
  evaluationPoints: cross<SevenSegmentPoint>({ digits: span(13, 16), ...axes }),
  phrasings: FRAMES,
  codings: 2,

  describe(point, house, phrasing) {
    const { digits, activeLow, order, blank } = point
    const { data, enable, output: result } = house.names
    const top = (digits - 1).toString(16).toUpperCase()
    const rule = pick(phrasing, [`${result} shows ${data} from 0 to ${top} on segments ${order}`, `${result} drives segments ${order}, first letter in bit 6, to show the digit ${data} up to ${top}`])
      + (digits === 16 ? '' : '; other values are blank') + (blank ? `; ${enable} = 0 blanks all` : '')
    const title = `${activeLow ? 'active-low' : 'active-high'} seven-segment decoder for ${digits} digits`
    return specify(phrasing, { module: moduleName(house, `seg${digits}`), title, ports: ports(point, house), rule })
  },

  write(point, house, coding) {
    const { digits, blank } = point
    const { data, enable, output: result } = house.names
    const off = binary(7, pattern(point, ''))
    const module = (body: Lines, port = output): string => moduleText(house, `seg${digits}`, ports(point, house, port), body)
    if (coding === 0) {
      const arms = SHAPES.slice(0, digits).map((shape, digit) => [`4'd${digit}`, [`${result} = ${binary(7, pattern(point, shape))};`]] as const)
      return module(combinational(house, [
        ...caseOf(house, data, [...arms, ['default', [`${result} = ${off};`]]].slice(0, Math.min(digits + 1, 16)) as typeof arms),
        ...blank ? [`if (!${enable}) ${result} = ${off};`] : [],
      ]), outputReg)
    }
    const words = Array.from({ length: 16 }, (_, digit) => binary(7, pattern(point, digit < digits ? SHAPES[digit]! : ''))).reverse()
    return module([
      'wire [111:0] t = {', [0, 4, 8, 12].map((at) => `${words.slice(at, at + 4).join(', ')}${at === 12 ? '' : ','}`), '};',
      `assign ${result} = ${blank ? `!${enable} ? ${off} : ` : ''}t[7 * ${data} +: 7];`,
    ])
  },
})
