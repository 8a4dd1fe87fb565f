import { defineFamily } from '../../family.js'
import type { HouseStyle } from '../../house.js'
import { drawDistinct, span } from '../../points.js'
import { Random } from '../../random.js'
import { FRAMES, specify } from '../../specification.js'
import type { Lines, Port } from '../../verilog-text.js'
import { choose, combinational, decimal, input, moduleName, moduleText, net, output, outputReg, pick } from '../../verilog-text.js'

/** One or two select lines, each high for the addresses of its range, both ends included. */
type AddressPoint = { width: number, first: number, last: number, secondFirst: number, secondLast: number, enable: boolean }

/** A second range whose last address is 0 stands for none. */
const hasSecond = ({ secondLast }: AddressPoint): boolean => secondLast > 0

function points(widths: number[], each: number): AddressPoint[] {
  const random = new Random('address-decoder')
  return widths.flatMap((width) => drawDistinct(each, (found) => {
    const second = found % 2 === 1
    const quarter = 2 ** (width - 2)
    const first = 1 + random.below(quarter)
    const last = first + 1 + random.below(quarter - 1)
    const secondFirst = second ? last + 1 + random.below(quarter - 1) : 0
    const secondLast = second ? secondFirst + 1 + random.below(quarter - 2) : 0
    const enable = random.below(2) === 1
    return { width, first, last, secondFirst, secondLast, enable }
  }))
}

const names = (house: HouseStyle): [string, string] => [`${house.names.select}0`, `${house.names.select}1`]

const ports = (point: AddressPoint, house: HouseStyle, result = output): Port[] => [
  input(house.names.address, point.width), ...point.enable ? [input(house.names.enable)] : [],
  ...names(house).slice(0, hasSecond(point) ? 2 : 1).map((name) => result(name)),
]

export const addressDecoder = defineFamily<AddressPoint>({
  name: 'address-decoder',
  domain: 'verilog',
  kind: 'combinational',
  trainingPoints: points(span(4, 10), 100),
  evaluationPoints: points(span(11, 14), 40),
  phrasings: FRAMES,
  codings: 3,

  describe(point, house, phrasing) {
    const { width, first, last, secondFirst, secondLast, enable } = point
    const { address, enable: enabled } = house.names
    const ranges = [[first, last], [secondFirst, secondLast]].slice(0, hasSecond(point) ? 2 : 1)
    const clauses = ranges.map(([from, to], at) => pick(phrasing, [
      `${names(house)[at]!} is high for ${address} from ${from!} to ${to!}`,
      `${names(house)[at]!} is 1 when ${address} is at least ${from!} and at most ${to!}`,
    ]))
    const rule = clauses.join(', ') + (enable ? `, and only while ${enabled} is 1` : '')
    const title = `${width}-bit address range decoder`
    return specify(phrasing, { module: moduleName(house, `adrdec${width}`), title, ports: ports(point, house), rule })
  },

  write(point, house, coding) {
    const { width, first, last, secondFirst, secondLast, enable } = point
    const { address, enable: enabled } = house.names
    const [one, two] = names(house)
    const second = hasSecond(point)
    const gate = enable ? `${enabled} && ` : ''
    const value = (number: number): string => decimal(width, number)
    const module = (body: Lines, port = output): string => moduleText(house, `adrdec${width}`, ports(point, house, port), body)
    if (coding === 0) {
      const inside = (from: number, to: number): string => `${gate}${address} >= ${value(from)} && ${address} <= ${value(to)}`
      return module([`assign ${one} = ${inside(first, last)};`, ...second ? [`assign ${two} = ${inside(secondFirst, secondLast)};`] : []])
    }
    if (coding === 1) {
      // Below the first address the difference wraps around and is large.
      const offset = (name: string, from: number): string => net(house, name, width, `${address} - ${value(from)}`)
      return module([
        offset('t', first), `assign ${one} = ${gate}t < ${value(last - first + 1)};`,
        ...second ? [offset('u', secondFirst), `assign ${two} = ${gate}u < ${value(secondLast - secondFirst + 1)};`] : [],
      ])
    }
    const set = (of: 0 | 1): string => `${[one, two][of]!} = 1'b1;`
    const chain = second
      ? [[`${address} > ${value(secondLast)}`, 'none'], [`${address} >= ${value(secondFirst)}`, set(1)], [`${address} > ${value(last)}`, 'none'], [`${address} >= ${value(first)}`, set(0)]] as const
      : [[`${address} >= ${value(first)} && !(${address} > ${value(last)})`, set(0)]] as const
    const zero = [`${one} = 1'b0;`, ...second ? [`${two} = 1'b0;`] : []]
    const wanted = chain.filter(([, body]) => body !== 'none').map(([condition, body], at) => [
      second ? `${gate}${condition} && ${address} <= ${value(at === 0 ? secondLast : last)}` : `${gate}${condition}`, [body],
    ] as const)
    return module(combinational(house, [...zero, ...choose(house, wanted)]), outputReg)
  },
})
