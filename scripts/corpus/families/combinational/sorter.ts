import { defineFamily } from '../../family.js'
import type { HouseStyle } from '../../house.js'
import { cross, span } from '../../points.js'
import { FRAMES, specify } from '../../specification.js'
import type { Lines, Port } from '../../verilog-text.js'
import { choose, combinational, input, moduleName, moduleText, net, output, outputReg, pick } from '../../verilog-text.js'

/** Two words in order; with a flag that tells whether they were swapped or, where they are equal, that they are. */
type SorterPoint = { width: number, signed: boolean, flag: 'none' | 'swapped' | 'equal' }

const axes = { signed: [false, true], flag: ['none', 'swapped', 'equal'] as const }

const ports = ({ width, flag }: SorterPoint, { names }: HouseStyle, result = output): Port[] => [
  input(names.a, width), input(names.b, width), result(names.low, width), result(names.high, width),
  ...flag === 'none' ? [] : [output(flag === 'equal' ? names.equal : names.flag)],
]

export const sorter = defineFamily<SorterPoint>({
  name: 'two-word-sorter',
  domain: 'verilog',
  kind: 'combinational',
  trainingPoints: cross<SorterPoint>({ width: span(2, 12), ...axes }),
  evaluationPoints: cross<SorterPoint>({ width: span(13, 18), ...axes }),
  phrasings: FRAMES,
  codings: 2,

  describe(point, house, phrasing) {
    const { width, signed, flag } = point
    const { a, b, low, high, equal, flag: swapped } = house.names
    const order = pick(phrasing, [`${low} is the smaller and ${high} the larger of ${a} and ${b}`, `the smaller of ${a} and ${b} goes to ${low}, the larger to ${high}`])
    const told = { none: '', swapped: `; ${swapped} is high when ${a} is greater than ${b}`, equal: `; ${equal} is high when both are equal` }[flag]
    const title = `${width}-bit ${signed ? 'signed' : 'unsigned'} two-word sorter`
    return specify(phrasing, { module: moduleName(house, `sort${width}`), title, ports: ports(point, house), rule: order + told })
  },

  write(point, house, coding) {
    const { width, signed, flag } = point
    const { a, b, low, high, equal, flag: swapped } = house.names
    const as = (name: string): string => signed ? `$signed(${name})` : name
    const module = (body: Lines, result = output): string => moduleText(house, `sort${width}`, ports(point, house, result), body)
    const told = { none: [], swapped: [`assign ${swapped} = ${coding === 0 ? 'g' : `${as(b)} < ${as(a)}`};`], equal: [`assign ${equal} = ${coding === 0 ? `${a} == ${b}` : `~|(${a} ^ ${b})`};`] }[flag]
    if (coding === 0) {
      return module([
        net(house, 'g', 1, `${as(a)} > ${as(b)}`),
        `assign ${low} = g ? ${b} : ${a};`,
        `assign ${high} = g ? ${a} : ${b};`,
        ...told,
      ])
    }
    return module([
      ...combinational(house, choose(house, [[`${as(a)} < ${as(b)}`, [`${low} = ${a};`, `${high} = ${b};`]]], [`${low} = ${b};`, `${high} = ${a};`])),
      ...told,
    ], outputReg)
  },
})
