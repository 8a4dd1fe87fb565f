import { defineFamily } from '../../family.js'
import type { HouseStyle } from '../../house.js'
import { cross, span } from '../../points.js'
import { FRAMES, specify } from '../../specification.js'
import type { Lines, Port } from '../../verilog-text.js'
import { choose, combinational, input, moduleName, moduleText, net, output, outputReg, pick } from '../../verilog-text.js'

/** The larger or smaller of two or three words. */
type MinMaxPoint = { width: number, kind: 'min' | 'max', signed: boolean, words: 2 | 3 }

const axes = { kind: ['min', 'max'] as const, signed: [false, true], words: [2, 3] as const }

const ports = ({ width, words }: MinMaxPoint, { names }: HouseStyle, result = output): Port[] =>
  [input(names.a, width), input(names.b, width), ...words === 3 ? [input(names.c, width)] : [], result(names.output, width)]

const base = ({ width, kind, words }: MinMaxPoint): string => `${kind}${words}x${width}`

export const minMax = defineFamily<MinMaxPoint>({
  name: 'min-max',
  domain: 'verilog',
  kind: 'combinational',
  trainingPoints: cross<MinMaxPoint>({ width: span(2, 12), ...axes }),
  evaluationPoints: cross<MinMaxPoint>({ width: span(13, 18), ...axes }),
  phrasings: FRAMES,
  codings: 2,

  describe(point, house, phrasing) {
    const { width, kind, signed, words } = point
    const { a, b, c, output: result } = house.names
    const among = words === 3 ? `${a}, ${b} and ${c}` : `${a} and ${b}`
    const rule = kind === 'max'
      ? pick(phrasing, [`${result} is the larger of ${among}`, `${result} takes the greatest value of ${among}`].map((text) => words === 3 ? text.replace('larger', 'largest') : text) as [string, string])
      : pick(phrasing, [`${result} is the smaller of ${among}`, `${result} takes the least value of ${among}`].map((text) => words === 3 ? text.replace('smaller', 'smallest') : text) as [string, string])
    const title = `${width}-bit ${signed ? 'signed' : 'unsigned'} ${kind === 'max' ? 'maximum' : 'minimum'} of ${words === 3 ? 'three' : 'two'}`
    return specify(phrasing, { module: moduleName(house, base(point)), title, ports: ports(point, house), rule: `${rule}${signed ? ' in two\'s complement' : ''}` })
  },

  write(point, house, coding) {
    const { width, kind, signed, words } = point
    const { a, b, c, output: result } = house.names
    const as = (name: string): string => signed ? `$signed(${name})` : name
    const ahead = (left: string, right: string): string => `${as(left)} ${kind === 'max' ? '>' : '<'} ${as(right)}`
    const module = (body: Lines, port = output): string => moduleText(house, base(point), ports(point, house, port), body)
    if (coding === 0) {
      return words === 2
        ? module([`assign ${result} = (${ahead(a, b)}) ? ${a} : ${b};`])
        : module([net(house, 't', width, `(${ahead(a, b)}) ? ${a} : ${b}`), `assign ${result} = (${ahead('t', c)}) ? t : ${c};`])
    }
    const first = words === 2
      ? choose(house, [[ahead(b, a), [`${result} = ${b};`]]], [`${result} = ${a};`])
      : [`${result} = ${a};`, ...choose(house, [[ahead(b, result), [`${result} = ${b};`]]]), ...choose(house, [[ahead(c, result), [`${result} = ${c};`]]])]
    return module(combinational(house, first), outputReg)
  },
})
