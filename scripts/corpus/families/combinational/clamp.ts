import { defineFamily } from '../../family.js'
import type { HouseStyle } from '../../house.js'
import { drawDistinct, span } from '../../points.js'
import { Random } from '../../random.js'
import { FRAMES, specify } from '../../specification.js'
import type { Lines, Port } from '../../verilog-text.js'
import { choose, combinational, decimal, input, moduleName, moduleText, net, output, outputReg, pick } from '../../verilog-text.js'

/** An unsigned value held between two constants. */
type ClampPoint = { width: number, low: number, high: number }

const ports = ({ width }: ClampPoint, { names }: HouseStyle, result = output): Port[] => [input(names.data, width), result(names.output, width)]

function points(widths: number[], each: number): ClampPoint[] {
  const random = new Random('clamp')
  return widths.flatMap((width) => drawDistinct(each, () => {
    const low = 1 + random.below(2 ** (width - 1))
    const high = low + 1 + random.below(2 ** width - low - 2)
    return { width, low, high }
  }))
}

export const clamp = defineFamily<ClampPoint>({
  name: 'clamp',
  domain: 'verilog',
  kind: 'combinational',
  trainingPoints: points(span(4, 10), 100),
  evaluationPoints: points(span(11, 14), 40),
  phrasings: FRAMES,
  codings: 3,

  describe(point, house, phrasing) {
    const { width, low, high } = point
    const { data, output: result } = house.names
    const rule = pick(phrasing, [
      `${result} is ${data} limited to the range ${low} to ${high}`,
      `${result} is ${low} when ${data} is below ${low}, ${high} when ${data} is above ${high}, and ${data} otherwise`,
      `${result} follows ${data} but is never below ${low} or above ${high}`,
    ])
    return specify(phrasing, { module: moduleName(house, `clamp${width}`), title: `${width}-bit unsigned clamp`, ports: ports(point, house), rule })
  },

  write(point, house, coding) {
    const { width, low, high } = point
    const { data, output: result } = house.names
    const [least, most] = [decimal(width, low), decimal(width, high)]
    const module = (body: Lines, port = output): string => moduleText(house, `clamp${width}`, ports(point, house, port), body)
    if (coding === 0) return module([`assign ${result} = (${data} < ${least}) ? ${least} : (${data} > ${most}) ? ${most} : ${data};`])
    if (coding === 1) {
      return module(combinational(house, choose(house, [
        [`${data} > ${most}`, [`${result} = ${most};`]],
        [`${data} < ${least}`, [`${result} = ${least};`]],
      ], [`${result} = ${data};`])), outputReg)
    }
    return module([
      net(house, 't', width, `(${data} >= ${least}) ? ${data} : ${least}`),
      `assign ${result} = (t <= ${most}) ? t : ${most};`,
    ])
  },
})
