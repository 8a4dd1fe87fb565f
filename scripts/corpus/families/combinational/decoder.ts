import { defineFamily } from '../../family.js'
import type { HouseStyle } from '../../house.js'
import { cross, span } from '../../points.js'
import { FRAMES, specify } from '../../specification.js'
import type { Lines, Port } from '../../verilog-text.js'
import { choose, combinational, decimal, input, moduleName, moduleText, output, outputReg, pick, repeat } from '../../verilog-text.js'

/** A binary address to one line of `lines`; unused addresses select none. */
type DecoderPoint = { lines: number, enable: 'none' | 'active-high' | 'active-low', activeLow: boolean }

const axes = { enable: ['none', 'active-high', 'active-low'] as const, activeLow: [false, true] }

const addressBits = (lines: number): number => Math.ceil(Math.log2(lines))

const ports = ({ lines, enable }: DecoderPoint, { names }: HouseStyle, result = output): Port[] =>
  [input(names.address, addressBits(lines)), ...enable === 'none' ? [] : [input(names.enable)], result(names.output, lines)]

export const decoder = defineFamily<DecoderPoint>({
  name: 'decoder',
  domain: 'verilog',
  kind: 'combinational',
  trainingPoints: cross<DecoderPoint>({ lines: span(3, 16), ...axes }),
  evaluationPoints: cross<DecoderPoint>({ lines: span(17, 22), ...axes }),
  phrasings: FRAMES,
  codings: 3,

  describe(point, house, phrasing) {
    const { lines, enable, activeLow } = point
    const { address, output: result, enable: enabled } = house.names
    const one = activeLow ? 'low' : 'high'
    const rule = pick(phrasing, [
      `bit ${address} of ${result} is ${one} and all others are ${activeLow ? 'high' : 'low'}`,
      `${result} drives only line number ${address} ${one}, the rest ${activeLow ? 'high' : 'low'}`,
    ])
    const unused = lines === 2 ** addressBits(lines) ? '' : `; no bit is ${one} for addresses above ${lines - 1}`
    const off = enable === 'none' ? '' : `; while ${enabled} is ${enable === 'active-high' ? 'low' : 'high'} no bit is ${one}`
    const title = `${addressBits(lines)}-to-${lines} decoder with active-${activeLow ? 'low' : 'high'} outputs`
    return specify(phrasing, { module: moduleName(house, `dec${lines}`), title, ports: ports(point, house), rule: rule + unused + off })
  },

  write(point, house, coding) {
    const { lines, enable, activeLow } = point
    const { address, output: result, enable: enabled } = house.names
    const condition = enable === 'active-high' ? enabled : `!${enabled}`
    const module = (body: Lines, port = output): string => moduleText(house, `dec${lines}`, ports(point, house, port), body)
    const idle = repeat(lines, `1'b${activeLow ? 1 : 0}`)
    if (coding === 0) {
      const shifted = `${decimal(lines, 1)} << ${address}`
      const wanted = activeLow ? `~(${shifted})` : shifted
      return module([`assign ${result} = ${enable === 'none' ? wanted : `${condition} ? ${activeLow ? wanted : `(${wanted})`} : ${idle}`};`])
    }
    if (coding === 1) {
      const full = lines === 2 ** addressBits(lines)
      const inside = full ? [] : [`${address} < ${decimal(addressBits(lines), lines)}`]
      const set = `${result}[${address}] = 1'b${activeLow ? 0 : 1};`
      const conditions = [...enable === 'none' ? [] : [condition], ...inside]
      return module(combinational(house, [`${result} = ${idle};`, ...conditions.length === 0 ? [set] : choose(house, [[conditions.join(' && '), [set]]])]), outputReg)
    }
    return module([
      'integer i;',
      ...combinational(house, [`for (i = 0; i < ${lines}; i = i + 1)`, [`${result}[i] = ${activeLow ? '!' : ''}(${enable === 'none' ? '' : `${condition} && `}${address} == i);`]]),
    ], outputReg)
  },
})
