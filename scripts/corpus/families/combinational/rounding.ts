import { defineFamily } from '../../family.js'
import type { HouseStyle } from '../../house.js'
import { cross, span } from '../../points.js'
import { FRAMES, specify } from '../../specification.js'
import type { Lines, Port } from '../../verilog-text.js'
import { choose, combinational, decimal, input, moduleName, moduleText, net, output, outputReg, pick, repeat } from '../../verilog-text.js'

/** `width` bits with the lowest `drop` removed: cut off, rounded half up, or rounded up; held at the maximum. */
type RoundingPoint = { width: number, drop: number, kind: 'down' | 'half' | 'up' }

const axes = { drop: [1, 2, 3], kind: ['down', 'half', 'up'] as const }

const base = ({ width, drop, kind }: RoundingPoint): string => `${{ down: 'trunc', half: 'round', up: 'ceil' }[kind]}${width}to${width - drop}`

const ports = ({ width, drop }: RoundingPoint, { names }: HouseStyle, result = output): Port[] => [input(names.data, width), result(names.output, width - drop)]

export const rounding = defineFamily<RoundingPoint>({
  name: 'rounding',
  domain: 'verilog',
  kind: 'combinational',
  trainingPoints: cross<RoundingPoint>({ width: span(5, 12), ...axes }),
  evaluationPoints: cross<RoundingPoint>({ width: span(13, 18), ...axes }),
  phrasings: FRAMES,
  codings: 2,

  describe(point, house, phrasing) {
    const { width, drop, kind } = point
    const { data, output: result } = house.names
    const by = 2 ** drop
    const held = `, held at ${2 ** (width - drop) - 1}`
    const rule = {
      down: pick(phrasing, [`${result} is ${data} divided by ${by} and rounded down`, `${result} is ${data} without its lowest ${drop} bits`]),
      half: pick(phrasing, [`${result} is ${data} divided by ${by} and rounded to nearest, halves up${held}`, `${result} is the upper bits of ${data}, plus 1 when bit ${drop - 1} is set${held}`]),
      up: pick(phrasing, [`${result} is ${data} divided by ${by} and rounded up${held}`, `${result} is the upper bits of ${data}, plus 1 when any of its lowest ${drop} bits is set${held}`]),
    }[kind]
    const title = `unsigned ${width} to ${width - drop} bit ${{ down: 'truncation', half: 'rounding', up: 'ceiling' }[kind]} unit`
    return specify(phrasing, { module: moduleName(house, base(point)), title, ports: ports(point, house), rule })
  },

  write(point, house, coding) {
    const { width, drop, kind } = point
    const { data, output: result } = house.names
    const kept = width - drop
    const upper = `${data}[${width - 1}:${drop}]`
    const module = (body: Lines, port = output): string => moduleText(house, base(point), ports(point, house, port), body)
    if (kind === 'down') {
      if (coding === 0) return module([`assign ${result} = ${upper};`])
      return module([...combinational(house, [`${result} = ${data} >> ${drop};`])], outputReg)
    }
    const more = kind === 'half' ? `${data}[${drop - 1}]` : drop === 1 ? `${data}[0]` : `(|${data}[${drop - 1}:0])`
    if (coding === 0) {
      return module([net(house, 't', kept + 1, `{1'b0, ${upper}} + ${more}`), `assign ${result} = t[${kept}] ? ${repeat(kept, '1\'b1')} : t[${kept - 1}:0];`])
    }
    return module(combinational(house, choose(house, [[`${more} && !(&${upper})`, [`${result} = ${upper} + ${decimal(kept, 1)};`]]], [`${result} = ${upper};`])), outputReg)
  },
})
