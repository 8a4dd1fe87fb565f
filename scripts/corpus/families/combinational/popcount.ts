import { defineFamily } from '../../family.js'
import type { HouseStyle } from '../../house.js'
import { cross, span } from '../../points.js'
import { FRAMES, specify } from '../../specification.js'
import type { Lines, Port } from '../../verilog-text.js'
import { bitsFor, combinational, decimal, input, moduleName, moduleText, net, output, outputReg, pick, variable } from '../../verilog-text.js'

/** Counts ones or zeros; or compares the count: a majority of ones. */
type PopcountPoint = { width: number, kind: 'ones' | 'zeros' | 'majority' }

const KINDS = ['ones', 'zeros', 'majority'] as const

const BASES = { ones: 'popcnt', zeros: 'zerocnt', majority: 'majority' }

const ports = ({ width, kind }: PopcountPoint, { names }: HouseStyle, result = output): Port[] =>
  [input(names.data, width), kind === 'majority' ? result(names.flag) : result(names.count, bitsFor(width + 1))]

export const popcount = defineFamily<PopcountPoint>({
  name: 'popcount',
  domain: 'verilog',
  kind: 'combinational',
  trainingPoints: cross<PopcountPoint>({ width: span(3, 12), kind: KINDS }),
  evaluationPoints: cross<PopcountPoint>({ width: span(13, 18), kind: KINDS }),
  phrasings: FRAMES,
  codings: 3,

  describe(point, house, phrasing) {
    const { width, kind } = point
    const { data, count, flag } = house.names
    const rule = {
      ones: pick(phrasing, [`${count} is the number of ones in ${data}`, `${count} tells how many bits of ${data} are set`]),
      zeros: pick(phrasing, [`${count} is the number of zeros in ${data}`, `${count} tells how many bits of ${data} are clear`]),
      majority: pick(phrasing, [`${flag} is high when more than half of the bits of ${data} are set`, `${flag} is 1 if at least ${Math.floor(width / 2) + 1} bits of ${data} are 1`]),
    }[kind]
    const title = `${width}-bit ${{ ones: 'population counter', zeros: 'zero-bit counter', majority: 'majority voter' }[kind]}`
    return specify(phrasing, { module: moduleName(house, `${BASES[kind]}${width}`), title, ports: ports(point, house), rule })
  },

  write(point, house, coding) {
    const { width, kind } = point
    const { data, count, flag } = house.names
    const bits = bitsFor(width + 1)
    const needed = Math.floor(width / 2) + 1
    const not = kind === 'zeros' ? '~' : ''
    const module = (body: Lines, port = output): string => moduleText(house, `${BASES[kind]}${width}`, ports(point, house, port), body)
    if (coding === 0) {
      const target = kind === 'majority' ? 'n' : count
      return module(['integer i;', ...kind === 'majority' ? [variable(house, 'n', bits)] : [], ...combinational(house, [
        `${target} = ${decimal(bits, 0)};`, `for (i = 0; i < ${width}; i = i + 1)`, [`${target} = ${target} + ${kind === 'zeros' ? `!${data}[i]` : `${data}[i]`};`],
        ...kind === 'majority' ? [`${flag} = n >= ${decimal(bits, needed)};`] : [],
      ])], outputReg)
    }
    if (coding === 1) {
      const sum = span(0, width - 1).map((bit) => `${data}[${bit}]`).join(' + ')
      if (kind === 'ones') return module([`assign ${count} = ${sum};`])
      return module([net(house, 'n', bits, sum), kind === 'zeros' ? `assign ${count} = ${decimal(bits, width)} - n;` : `assign ${flag} = n > ${decimal(bits, needed - 1)};`])
    }
    // Two halves, each counted in its own loop.
    const half = Math.floor(width / 2)
    return module(['integer i;', variable(house, 'm', bits), variable(house, 'n', bits), ...combinational(house, [
      `m = ${decimal(bits, 0)};`, `n = ${decimal(bits, 0)};`,
      `for (i = 0; i < ${half}; i = i + 1)`, [`if (${not}${data}[i]) m = m + ${decimal(bits, 1)};`],
      `for (i = ${half}; i < ${width}; i = i + 1)`, [`if (${not}${data}[i]) n = n + ${decimal(bits, 1)};`],
      kind === 'majority' ? `${flag} = m + n >= ${decimal(bits, needed)};` : `${count} = m + n;`,
    ])], outputReg)
  },
})
