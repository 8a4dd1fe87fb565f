import { defineFamily } from '../../family.js'
import type { HouseStyle } from '../../house.js'
import { span } from '../../points.js'
import { Random } from '../../random.js'
import { FRAMES, specify } from '../../specification.js'
import type { Lines, Port } from '../../verilog-text.js'
import { choose, combinational, decimal, hexadecimal, input, moduleName, moduleText, net, output, outputReg, pick, variable } from '../../verilog-text.js'

/** `bits` steps of a CRC of `width` bits, most significant data bit first. */
type CrcPoint = { width: number, polynomial: number, bits: number }

function points(widths: number[], bits: number[], each: number): CrcPoint[] {
  const random = new Random('crc-step')
  return widths.flatMap((width) => bits.flatMap((count) => {
    const odd = new Set<number>()
    while (odd.size < Math.min(each, 2 ** (width - 1) - 1)) odd.add(2 * (1 + random.below(2 ** (width - 1) - 1)) + 1)
    return [...odd].map((polynomial) => ({ width, polynomial, bits: count }))
  }))
}

const base = ({ width, bits }: CrcPoint): string => `crc${width}x${bits}`

const ports = ({ width, bits }: CrcPoint, { names }: HouseStyle, result = output): Port[] =>
  [input(names.state, width), input(names.data, bits), result(names.output, width)]

export const crcStep = defineFamily<CrcPoint>({
  name: 'crc-step',
  domain: 'verilog',
  kind: 'combinational',
  trainingPoints: points(span(3, 8), [1, 2, 3, 4], 20),
  evaluationPoints: points(span(9, 11), [1, 2], 15),
  phrasings: FRAMES,
  codings: 2,

  describe(point, house, phrasing) {
    const { width, polynomial, bits } = point
    const { state, data, output: result } = house.names
    const polynomialText = hexadecimal(width, polynomial)
    const rule = pick(phrasing, [
      `${result} is the CRC ${state} after ${bits === 1 ? `the bit ${data}` : `the ${bits} bits of ${data}, top bit first`}, polynomial ${polynomialText}, shifting left`,
      `${bits === 1 ? `bit ${data} is` : `the ${bits} bits of ${data} are, highest first,`} shifted into CRC ${state} to the left with polynomial ${polynomialText}, result on ${result}`,
    ])
    return specify(phrasing, { module: moduleName(house, base(point)), title: `${width}-bit CRC step for ${bits} data bit${bits === 1 ? '' : 's'}`, ports: ports(point, house), rule })
  },

  write(point, house, coding) {
    const { width, polynomial, bits } = point
    const { state, data, output: result } = house.names
    const top = width - 1
    const polynomialText = hexadecimal(width, polynomial)
    const module = (body: Lines, port = output): string => moduleText(house, base(point), ports(point, house, port), body)
    if (coding === 0) {
      const step = (bit: string): Lines => [`g = t[${top}] ^ ${bit};`, `t = {t[${top - 1}:0], 1'b0};`, ...choose(house, [['g', [`t = t ^ ${polynomialText};`]]])]
      return module([
        ...bits === 1 ? [] : ['integer i;'], variable(house, 'g'), variable(house, 't', width),
        ...combinational(house, [`t = ${state};`, ...bits === 1 ? step(data) : [`for (i = ${bits - 1}; i >= 0; i = i - 1) begin`, step(`${data}[i]`), 'end'], `${result} = t;`]),
      ], outputReg)
    }
    if (bits === 1) {
      return module([net(house, 'g', 1, `${state}[${top}] ^ ${data}`), `assign ${result} = (${state} << 1) ^ (g ? ${polynomialText} : ${decimal(width, 0)});`])
    }
    return module([
      ...equations(point).map((terms, bit) => `assign ${result}[${bit}] = ${terms.map((term) => term < width ? `${state}[${term}]` : `${data}[${term - width}]`).join(' ^ ')};`),
    ])
  },
})

/** Which state bits (below `width`) and data bits (from `width` on) each bit of the result is the XOR of. */
function equations({ width, polynomial, bits }: CrcPoint): number[][] {
  let state = span(0, width - 1).map((bit) => new Set([bit]))
  for (let bit = bits - 1; bit >= 0; bit--) {
    const feedback = exclusive(state[width - 1]!, new Set([width + bit]))
    const shifted = [new Set<number>(), ...state.slice(0, width - 1)]
    state = shifted.map((terms, at) => (polynomial >> at & 1) === 1 ? exclusive(terms, feedback) : terms)
  }
  return state.map((terms) => [...terms].sort((left, right) => left - right))
}

/** What is in one of the sets and not in both. */
function exclusive(left: ReadonlySet<number>, right: ReadonlySet<number>): Set<number> {
  const result = new Set(left)
  for (const term of right) if (!result.delete(term)) result.add(term)
  return result
}
