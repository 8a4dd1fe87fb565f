import { defineFamily } from '../../family.js'
import type { HouseStyle } from '../../house.js'
import { cross, span } from '../../points.js'
import { FRAMES, specify } from '../../specification.js'
import type { Lines, Port } from '../../verilog-text.js'
import { bitsFor, combinational, decimal, input, moduleName, moduleText, net, output, outputReg, pick, variable } from '../../verilog-text.js'

type OneHotPoint = { width: number, kind: 'exactly-one' | 'at-most-one' | 'two-or-more' | 'one-cold' }

const KINDS = ['exactly-one', 'at-most-one', 'two-or-more', 'one-cold'] as const

const BASES = { 'exactly-one': 'onehot', 'at-most-one': 'onehot0_', 'two-or-more': 'multihot', 'one-cold': 'onecold' }

const ports = ({ width }: OneHotPoint, { names }: HouseStyle, result = output): Port[] => [input(names.data, width), result(names.flag)]

export const oneHotCheck = defineFamily<OneHotPoint>({
  name: 'one-hot-check',
  domain: 'verilog',
  kind: 'combinational',
  trainingPoints: cross<OneHotPoint>({ width: span(3, 12), kind: KINDS }),
  evaluationPoints: cross<OneHotPoint>({ width: span(13, 18), kind: KINDS }),
  phrasings: FRAMES,
  codings: 3,

  describe(point, house, phrasing) {
    const { width, kind } = point
    const { data, flag } = house.names
    const [clause, other] = {
      'exactly-one': [`exactly one bit of ${data} is set`, `${data} is one-hot`],
      'at-most-one': [`at most one bit of ${data} is set`, `${data} is one-hot or zero`],
      'two-or-more': [`two or more bits of ${data} are set`, `more than one bit of ${data} is set`],
      'one-cold': [`exactly one bit of ${data} is 0`, `${data} is one-cold, all ones but a single 0`],
    }[kind] as [string, string]
    const title = `${width}-bit ${{ 'exactly-one': 'one-hot', 'at-most-one': 'one-hot-or-zero', 'two-or-more': 'multi-hot', 'one-cold': 'one-cold' }[kind]} checker`
    return specify(phrasing, { module: moduleName(house, `${BASES[kind]}${width}`), title, ports: ports(point, house), rule: pick(phrasing, [`${flag} is high when ${clause}`, `${flag} is 1 if and only if ${other}`]) })
  },

  write(point, house, coding) {
    const { width, kind } = point
    const { data, flag } = house.names
    const [zero, one] = [decimal(width, 0), decimal(width, 1)]
    const source = kind === 'one-cold' ? `~${data}` : data
    const module = (body: Lines, port = output): string => moduleText(house, `${BASES[kind]}${width}`, ports(point, house, port), body)
    if (coding === 0) {
      const word = kind === 'one-cold' ? 't' : data
      const repeated = `(${word} & (${word} - ${one}))`
      const value = { 'at-most-one': `${repeated} == ${zero}`, 'two-or-more': `${repeated} != ${zero}` }[kind as string] ?? `(${word} != ${zero}) && (${repeated} == ${zero})`
      return module([...kind === 'one-cold' ? [net(house, 't', width, `~${data}`)] : [], `assign ${flag} = ${value};`])
    }
    if (coding === 1) {
      const count = bitsFor(width + 1)
      const test = { 'exactly-one': `n == ${decimal(count, 1)}`, 'at-most-one': `n <= ${decimal(count, 1)}`, 'two-or-more': `n > ${decimal(count, 1)}`, 'one-cold': `n == ${decimal(count, width - 1)}` }[kind]
      return module([
        'integer i;', variable(house, 'n', count),
        ...combinational(house, [`n = ${decimal(count, 0)};`, `for (i = 0; i < ${width}; i = i + 1)`, [`n = n + ${data}[i];`], `${flag} = ${test};`]),
      ], outputReg)
    }
    const test = { 'exactly-one': 'm & ~n', 'at-most-one': '~n', 'two-or-more': 'n', 'one-cold': 'm & ~n' }[kind]
    return module([
      'integer i;', variable(house, 'm'), variable(house, 'n'),
      ...combinational(house, [
        'm = 1\'b0;', 'n = 1\'b0;', `for (i = 0; i < ${width}; i = i + 1) begin`,
        [`n = n | (m & ${source}[i]);`, `m = m | ${source}[i];`], 'end', `${flag} = ${test};`,
      ]),
    ], outputReg)
  },
})
