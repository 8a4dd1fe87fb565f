import { defineFamily } from '../../family.js'
import type { HouseStyle } from '../../house.js'
import { cross, span } from '../../points.js'
import { FRAMES, specify } from '../../specification.js'
import type { Lines, Port } from '../../verilog-text.js'
import { combinational, input, moduleName, moduleText, output, outputReg, pick } from '../../verilog-text.js'

/** The order of `groups` groups of `size` bits reversed; with an input that says whether. */
type ReversalPoint = { groups: number, size: number, optional: boolean }

const axes = { size: [1, 2, 3, 4, 8], optional: [false, true] }

const base = ({ groups, size }: ReversalPoint): string => `rev${groups}x${size}`

const ports = ({ groups, size, optional }: ReversalPoint, { names }: HouseStyle, result = output): Port[] =>
  [input(names.data, groups * size), ...optional ? [input(names.enable)] : [], result(names.output, groups * size)]

const KINDS: Readonly<Record<number, string>> = { 1: 'bit', 2: 'bit-pair', 3: 'bit-triple', 4: 'nibble', 8: 'byte' }

export const reversal = defineFamily<ReversalPoint>({
  name: 'reversal',
  domain: 'verilog',
  kind: 'combinational',
  trainingPoints: cross<ReversalPoint>({ groups: span(2, 8), ...axes }),
  evaluationPoints: cross<ReversalPoint>({ groups: span(9, 12), ...axes }),
  phrasings: FRAMES,
  codings: 2,

  describe(point, house, phrasing) {
    const { groups, size, optional } = point
    const { data, enable, output: result } = house.names
    const kind = KINDS[size]!
    const rule = pick(phrasing, [
      `${result} is ${data} with the order of its ${groups} ${kind}s reversed`,
      `${kind} number 0 of ${data} becomes ${kind} ${groups - 1} of ${result} and so on in reverse order`,
    ]) + (optional ? `; while ${enable} is 0, ${result} is ${data} unchanged` : '')
    return specify(phrasing, { module: moduleName(house, base(point)), title: `${groups * size}-bit ${kind} order reverser`, ports: ports(point, house), rule })
  },

  write(point, house, coding) {
    const { groups, size, optional } = point
    const { data, enable, output: result } = house.names
    const module = (body: Lines, port = output): string => moduleText(house, base(point), ports(point, house, port), body)
    if (coding === 0) {
      const parts = span(0, groups - 1).map((group) => size === 1 ? `${data}[${group}]` : `${data}[${size * group + size - 1}:${size * group}]`)
      return module([`assign ${result} = ${optional ? `!${enable} ? ${data} : ` : ''}{${parts.join(', ')}};`])
    }
    const source = size === 1 ? `${data}[${groups - 1} - i]` : `${data}[${size * (groups - 1)} - ${size} * i +: ${size}]`
    const part = (name: string): string => size === 1 ? `${name}[i]` : `${name}[${size} * i +: ${size}]`
    const value = optional ? `${enable} ? ${source} : ${part(data)}` : source
    return module(['integer i;', ...combinational(house, [`for (i = 0; i < ${groups}; i = i + 1)`, [`${part(result)} = ${value};`]])], outputReg)
  },
})
