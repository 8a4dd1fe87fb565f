import { defineFamily } from '../../family.js'
import type { HouseStyle } from '../../house.js'
import { cross, span } from '../../points.js'
import { FRAMES, specify } from '../../specification.js'
import type { Lines, Port } from '../../verilog-text.js'
import { bitsFor, choose, combinational, decimal, input, moduleName, moduleText, output, outputReg, pick } from '../../verilog-text.js'

type PriorityPoint = { lines: number, first: 'highest' | 'lowest', valid: boolean }

const axes = { first: ['highest', 'lowest'] as const, valid: [false, true] }

const ports = ({ lines, valid }: PriorityPoint, { names }: HouseStyle, result = output): Port[] =>
  [input(names.request, lines), result(names.position, bitsFor(lines)), ...valid ? [output(names.valid)] : []]

export const priorityEncoder = defineFamily<PriorityPoint>({
  name: 'priority-encoder',
  domain: 'verilog',
  kind: 'combinational',
  trainingPoints: cross<PriorityPoint>({ lines: span(3, 10), ...axes }),
  evaluationPoints: cross<PriorityPoint>({ lines: span(11, 15), ...axes }),
  phrasings: FRAMES,
  codings: 3,

  describe(point, house, phrasing) {
    const { lines, first, valid } = point
    const { request, position, valid: any } = house.names
    const rule = pick(phrasing, [
      `${position} is the number of the ${first} set bit of ${request}, and 0 when no bit is set`,
      `${position} gives the index of the ${first === 'highest' ? 'most' : 'least'} significant 1 in ${request} (0 if there is none)`,
    ]) + (valid ? `; ${any} is high when any bit is set` : '')
    const title = `${lines}-line priority encoder, ${first} bit first`
    return specify(phrasing, { module: moduleName(house, `prienc${lines}`), title, ports: ports(point, house), rule })
  },

  write(point, house, coding) {
    const { lines, first, valid } = point
    const { request, position, valid: any } = house.names
    const width = bitsFor(lines)
    const told = valid ? [`assign ${any} = ${coding === 1 ? `${request} != ${decimal(lines, 0)}` : `|${request}`};`] : []
    const module = (body: Lines, port = output): string => moduleText(house, `prienc${lines}`, ports(point, house, port), body)
    if (coding === 0) {
      // The last assignment wins, so the first in rank comes last.
      const loop = first === 'highest' ? `for (i = 0; i < ${lines}; i = i + 1)` : `for (i = ${lines - 1}; i >= 0; i = i - 1)`
      return module(['integer i;', ...combinational(house, [`${position} = ${decimal(width, 0)};`, loop, [`if (${request}[i]) ${position} = i;`]]), ...told], outputReg)
    }
    const order = first === 'highest' ? span(1, lines - 1).reverse() : span(0, lines - 2)
    const last = first === 'highest' ? 0 : lines - 1
    if (coding === 1) {
      const chain = order.map((bit) => `${request}[${bit}] ? ${decimal(width, bit)} : `).join('')
      return module([`assign ${position} = ${chain}${first === 'highest' ? decimal(width, 0) : `${request}[${last}] ? ${decimal(width, last)} : ${decimal(width, 0)}`};`, ...told])
    }
    const branches = [...order, ...first === 'highest' ? [] : [last]].map((bit) => [`${request}[${bit}]`, [`${position} = ${decimal(width, bit)};`]] as const)
    return module([...combinational(house, choose({ ...house, alwaysBegin: false }, branches, [`${position} = ${decimal(width, 0)};`])), ...told], outputReg)
  },
})
