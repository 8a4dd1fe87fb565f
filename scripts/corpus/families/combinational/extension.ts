import { defineFamily } from '../../family.js'
import type { HouseStyle } from '../../house.js'
import { cross, span } from '../../points.js'
import { FRAMES, specify } from '../../specification.js'
import type { Lines, Port } from '../../verilog-text.js'
import { choose, combinational, decimal, input, moduleName, moduleText, output, outputReg, pick, repeat } from '../../verilog-text.js'

/** A word made longer: by its sign, by zeros, or by what an input says. */
type ExtensionPoint = { from: number, by: number, kind: 'sign' | 'zero' | 'choice' }

const KINDS = ['sign', 'zero', 'choice'] as const

const base = ({ from, by, kind }: ExtensionPoint): string => `${{ sign: 'sext', zero: 'zext', choice: 'ext' }[kind]}${from}to${from + by}`

const ports = ({ from, by, kind }: ExtensionPoint, { names }: HouseStyle, result = output): Port[] =>
  [input(names.data, from), ...kind === 'choice' ? [input(names.select)] : [], result(names.output, from + by)]

export const extension = defineFamily<ExtensionPoint>({
  name: 'sign-extension',
  domain: 'verilog',
  kind: 'combinational',
  trainingPoints: cross<ExtensionPoint>({ from: span(2, 12), by: [1, 2, 3, 4, 8], kind: KINDS }),
  evaluationPoints: cross<ExtensionPoint>({ from: span(13, 18), by: [2, 4, 8], kind: KINDS }),
  phrasings: FRAMES,
  codings: 3,

  describe(point, house, phrasing) {
    const { from, by, kind } = point
    const { data, select, output: result } = house.names
    const rule = {
      sign: pick(phrasing, [`${result} is ${data} sign-extended to ${from + by} bits`, `${result} repeats the top bit of ${data} above it`]),
      zero: pick(phrasing, [`${result} is ${data} zero-extended to ${from + by} bits`, `${result} has zeros above ${data}`]),
      choice: pick(phrasing, [`${result} is ${data} sign-extended when ${select} is 1 and zero-extended when it is 0`, `${select} = 1 extends ${data} to ${result} by its sign, ${select} = 0 by zeros`]),
    }[kind]
    const title = `${from} to ${from + by} bit ${{ sign: 'sign extension', zero: 'zero extension', choice: 'sign or zero extension' }[kind]}`
    return specify(phrasing, { module: moduleName(house, base(point)), title, ports: ports(point, house), rule })
  },

  write(point, house, coding) {
    const { from, by, kind } = point
    const { data, select, output: result } = house.names
    const [top, last] = [from - 1, from + by - 1]
    const sign = `${data}[${top}]`
    const above = { sign, zero: '1\'b0', choice: `${select} & ${sign}` }[kind]
    const module = (body: Lines, port = output): string => moduleText(house, base(point), ports(point, house, port), body)
    if (coding === 0) return module([`assign ${result} = {${repeat(by, above)}, ${data}};`])
    if (coding === 1) {
      const upper = `${result}[${by === 1 ? last : `${last}:${from}`}]`
      const set = { sign, zero: '', choice: `(${select} && ${sign})` }[kind]
      return module([`assign ${result}[${top}:0] = ${data};`, `assign ${upper} = ${set === '' ? '' : `${set} ? ${repeat(by, '1\'b1')} : `}${decimal(by, 0)};`])
    }
    const wide = (value: string): string[] => [`${result} = ${value};`]
    return module(combinational(house, {
      sign: wide(`$signed(${data})`),
      zero: wide(data),
      choice: choose(house, [[select, wide(`$signed(${data})`)]], wide(data)),
    }[kind]), outputReg)
  },
})
