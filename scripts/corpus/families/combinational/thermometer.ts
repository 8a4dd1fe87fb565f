import { defineFamily } from '../../family.js'
import type { HouseStyle } from '../../house.js'
import { cross, span } from '../../points.js'
import { FRAMES, specify } from '../../specification.js'
import type { Lines, Port } from '../../verilog-text.js'
import { bitsFor, combinational, input, moduleName, moduleText, net, output, outputReg, pick, repeat } from '../../verilog-text.js'

/** A count turned into as many ones, from the bottom or the top; counts beyond `lines` give all ones. */
type ThermometerPoint = { lines: number, from: 'bottom' | 'top', activeLow: boolean }

const axes = { from: ['bottom', 'top'] as const, activeLow: [false, true] }

const ports = ({ lines }: ThermometerPoint, { names }: HouseStyle, result = output): Port[] =>
  [input(names.count, bitsFor(lines + 1)), result(names.output, lines)]

export const thermometer = defineFamily<ThermometerPoint>({
  name: 'thermometer',
  domain: 'verilog',
  kind: 'combinational',
  trainingPoints: cross<ThermometerPoint>({ lines: span(3, 14), ...axes }),
  evaluationPoints: cross<ThermometerPoint>({ lines: span(15, 20), ...axes }),
  phrasings: FRAMES,
  codings: 3,

  describe(point, house, phrasing) {
    const { lines, from, activeLow } = point
    const { count, output: result } = house.names
    const [set, clear] = activeLow ? ['zeros', 'ones'] : ['ones', 'zeros']
    const where = from === 'bottom' ? 'lowest' : 'highest'
    const rule = pick(phrasing, [`the ${count} ${where} bits of ${result} are ${set} and the others ${clear}`, `${result} has ${count} ${set} in its ${where} bits and ${clear} elsewhere`])
      + (lines === 2 ** bitsFor(lines + 1) - 1 ? '' : `; counts above ${lines} give all ${set}`)
    return specify(phrasing, {
      module: moduleName(house, `thermo${lines}`), title: `${lines}-line ${activeLow ? 'active-low ' : ''}thermometer encoder filling from the ${from}`, ports: ports(point, house), rule,
    })
  },

  write(point, house, coding) {
    const { lines, from, activeLow } = point
    const { count, output: result } = house.names
    const ones = repeat(lines, '1\'b1')
    const module = (body: Lines, port = output): string => moduleText(house, `thermo${lines}`, ports(point, house, port), body)
    if (coding === 0) {
      const shifted = from === 'bottom' ? `${ones} << ${count}` : `${ones} >> ${count}`
      return module([`assign ${result} = ${activeLow ? shifted : `~(${shifted})`};`])
    }
    const place = from === 'bottom' ? 'i' : `${lines - 1} - i`
    if (coding === 1) {
      return module(['integer i;', ...combinational(house, [`for (i = 0; i < ${lines}; i = i + 1)`, [`${result}[${place}] = (${count} ${activeLow ? '<=' : '>'} i);`]])], outputReg)
    }
    // Ones beside zeros, moved by the count: what has come into the window is the code.
    const [none, all] = [repeat(lines, `1'b${activeLow ? 1 : 0}`), repeat(2 * lines, `1'b${activeLow ? 0 : 1}`)]
    return module(from === 'bottom'
      ? [net(house, 't', 3 * lines, `{${none}, ${all}} << ${count}`), `assign ${result} = t[${3 * lines - 1}:${2 * lines}];`]
      : [net(house, 't', 3 * lines, `{${all}, ${none}} >> ${count}`), `assign ${result} = t[${lines - 1}:0];`])
  },
})
