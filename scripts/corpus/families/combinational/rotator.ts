import { defineFamily } from '../../family.js'
import type { HouseStyle } from '../../house.js'
import { cross, span } from '../../points.js'
import { FRAMES, specify } from '../../specification.js'
import type { Lines, Port } from '../../verilog-text.js'
import { bitsFor, combinational, input, moduleName, moduleText, net, output, outputReg, pick } from '../../verilog-text.js'

type RotatorPoint = { width: number, kind: 'left' | 'right' | 'both' }

const KINDS = ['left', 'right', 'both'] as const

const BASES = { left: 'rol', right: 'ror', both: 'rot' }

const ports = ({ width, kind }: RotatorPoint, { names }: HouseStyle, result = output): Port[] =>
  [input(names.data, width), input(names.amount, bitsFor(width)), ...kind === 'both' ? [input(names.direction)] : [], result(names.output, width)]

export const rotator = defineFamily<RotatorPoint>({
  name: 'rotator',
  domain: 'verilog',
  kind: 'combinational',
  trainingPoints: cross<RotatorPoint>({ width: span(3, 12), kind: KINDS }),
  evaluationPoints: cross<RotatorPoint>({ width: span(13, 18), kind: KINDS }),
  phrasings: FRAMES,
  codings: 3,

  describe(point, house, phrasing) {
    const { width, kind } = point
    const { data, amount, direction, output: result } = house.names
    const how = kind === 'both'
      ? pick(phrasing, [`${amount} places, to the left when ${direction} is 1 and to the right when it is 0`, `${amount} places, left if ${direction} is high and right if it is low`])
      : `${amount} places to the ${kind}`
    const wraps = width === 2 ** bitsFor(width) ? '' : `; ${amount} counts modulo ${width}`
    return specify(phrasing, {
      module: moduleName(house, `${BASES[kind]}${width}`), title: `${width}-bit ${kind === 'both' ? 'bidirectional' : kind} rotator`, ports: ports(point, house),
      rule: `${pick(phrasing, [`${result} is ${data} rotated by`, `bits of ${data} rotate onto ${result} by`])} ${how}${wraps}`,
    })
  },

  write(point, house, coding) {
    const { width, kind } = point
    const { data, amount, direction, output: result } = house.names
    const top = width - 1
    const full = width === 2 ** bitsFor(width)
    const module = (body: Lines, port = output): string => moduleText(house, `${BASES[kind]}${width}`, ports(point, house, port), body)
    if (coding === 0) {
      const copies = full ? 2 : 3
      const word = `{${Array<string>(copies).fill(data).join(', ')}}`
      return module({
        left: [net(house, 't', copies * width, `${word} << ${amount}`), `assign ${result} = t[${copies * width - 1}:${(copies - 1) * width}];`],
        right: [net(house, 't', copies * width, `${word} >> ${amount}`), `assign ${result} = t[${top}:0];`],
        both: [
          net(house, 't', copies * width, `${word} << ${amount}`), net(house, 'u', copies * width, `${word} >> ${amount}`),
          `assign ${result} = ${direction} ? t[${copies * width - 1}:${(copies - 1) * width}] : u[${top}:0];`,
        ],
      }[kind])
    }
    const turned = (name: string, places: number, left: boolean): string => {
      const by = places % width
      if (by === 0) return name
      const low = left ? width - by : by
      return `{${slice(name, low - 1, 0)}, ${slice(name, top, low)}}`
    }
    const moved = (name: string, places: number): string =>
      kind === 'both' ? `${direction} ? ${turned(name, places, true)} : ${turned(name, places, false)}` : turned(name, places, kind === 'left')
    const stages = bitsFor(width)
    if (coding === 1) {
      return module(span(0, stages - 1).map((stage) => {
        const from = stage === 0 ? data : `t${stage - 1}`
        const value = moved(from, 2 ** stage)
        const chosen = `${amount}[${stage}] ? ${value.includes('?') ? `(${value})` : value} : ${from}`
        return stage === stages - 1 ? `assign ${result} = ${chosen};` : net(house, `t${stage}`, width, chosen)
      }))
    }
    return module(combinational(house, [
      `${result} = ${data};`,
      ...span(0, stages - 1).map((stage) => `if (${amount}[${stage}]) ${result} = ${moved(result, 2 ** stage)};`),
    ]), outputReg)
  },
})

const slice = (name: string, high: number, low: number): string => high === low ? `${name}[${low}]` : `${name}[${high}:${low}]`
