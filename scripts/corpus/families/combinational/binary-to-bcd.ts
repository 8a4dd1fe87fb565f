import { defineFamily } from '../../family.js'
import type { HouseStyle } from '../../house.js'
import { cross, span } from '../../points.js'
import { FRAMES, specify } from '../../specification.js'
import type { Lines, Port } from '../../verilog-text.js'
import { combinational, decimal, input, moduleName, moduleText, net, output, pick, variable } from '../../verilog-text.js'

/** All digits in one word, each digit on a port of its own, or the lowest digit only. */
type BinaryToBcdPoint = { width: number, kind: 'packed' | 'separate' | 'lowest' }

const KINDS = ['packed', 'separate', 'lowest'] as const

const DIGITS = ['ones', 'tens', 'hundreds', 'thousands'] as const

const digitsOf = (width: number): number => String(2 ** width - 1).length

function ports({ width, kind }: BinaryToBcdPoint, { names }: HouseStyle): Port[] {
  if (kind === 'separate') return [input(names.data, width), ...DIGITS.slice(0, digitsOf(width)).reverse().map((name) => output(name, 4))]
  return [input(names.data, width), output(names.output, kind === 'packed' ? 4 * digitsOf(width) : 4)]
}

const base = ({ width, kind }: BinaryToBcdPoint): string => `${{ packed: 'bin2bcd', separate: 'digits', lowest: 'mod10_' }[kind]}${width}`

export const binaryToBcd = defineFamily<BinaryToBcdPoint>({
  name: 'binary-to-bcd',
  domain: 'verilog',
  kind: 'combinational',
  trainingPoints: cross<BinaryToBcdPoint>({ width: span(4, 10), kind: KINDS }),
  evaluationPoints: cross<BinaryToBcdPoint>({ width: span(11, 13), kind: KINDS }),
  phrasings: FRAMES,
  codings: 2,

  describe(point, house, phrasing) {
    const { width, kind } = point
    const { data, output: result } = house.names
    const names = DIGITS.slice(0, digitsOf(width)).reverse()
    const rule = {
      packed: pick(phrasing, [`${result} is ${data} in packed BCD, the ones in ${result}[3:0]`, `${result} holds the decimal digits of ${data}, four bits each, lowest digit in ${result}[3:0]`]),
      separate: pick(phrasing, [`${names.join(', ')} are the decimal digits of ${data}`, `${data} is split into its decimal digits ${names.join(', ')}`]),
      lowest: pick(phrasing, [`${result} is the last decimal digit of ${data}`, `${result} is ${data} modulo 10`]),
    }[kind]
    const title = `${width}-bit binary to ${{ packed: 'BCD converter', separate: 'decimal digit converter', lowest: 'last decimal digit converter' }[kind]}`
    return specify(phrasing, { module: moduleName(house, base(point)), title, ports: ports(point, house), rule })
  },

  write(point, house, coding) {
    const { width, kind } = point
    const { data, output: result } = house.names
    const count = digitsOf(width)
    const module = (body: Lines): string => moduleText(house, base(point), ports(point, house), body)
    const power = (digit: number): string => decimal(width, 10 ** digit)
    if (coding === 0) {
      // Shift and add three.
      return module([
        'integer i;', variable(house, 't', 4 * count),
        ...combinational(house, [
          `t = ${decimal(4 * count, 0)};`, `for (i = ${width - 1}; i >= 0; i = i - 1) begin`, [
            ...span(0, count - 1).map((digit) => `if (t[${4 * digit + 3}:${4 * digit}] > 4'd4) t[${4 * digit + 3}:${4 * digit}] = t[${4 * digit + 3}:${4 * digit}] + 4'd3;`),
            `t = {t[${4 * count - 2}:0], ${data}[i]};`,
          ], 'end',
        ]),
        kind === 'packed' ? `assign ${result} = t;` : kind === 'lowest' ? `assign ${result} = t[3:0];` : `assign {${DIGITS.slice(0, count).reverse().join(', ')}} = t;`,
      ])
    }
    // Divide by ten, digit by digit.
    const quotient = (digit: number): string => digit === 0 ? data : `(${data} / ${power(digit)})`
    const digit = (at: number): string => at === count - 1 ? quotient(at).replace(/^\((.*)\)$/, '$1') : `${quotient(at)} % ${power(1)}`
    if (kind === 'lowest') return module([`assign ${result} = ${digit(0)};`])
    if (kind === 'separate') return module(span(0, count - 1).reverse().map((at) => `assign ${DIGITS[at]!} = ${digit(at)};`))
    return module([
      ...span(0, count - 1).map((at) => net(house, `t${at}`, 4, digit(at))),
      `assign ${result} = {${span(0, count - 1).reverse().map((at) => `t${at}`).join(', ')}};`,
    ])
  },
})
