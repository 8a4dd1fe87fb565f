import { defineFamily } from '../../family.js'
import type { HouseStyle } from '../../house.js'
import { drawDistinct, span } from '../../points.js'
import { Random } from '../../random.js'
import { FRAMES, specify } from '../../specification.js'
import type { Lines, Port } from '../../verilog-text.js'
import { binary, combinational, input, moduleName, moduleText, net, output, outputReg, pick } from '../../verilog-text.js'

/** A field of `length` bits from bit `from` up of a word. */
type BitfieldPoint = { width: number, from: number, length: number, kind: 'extract' | 'insert' | 'clear' | 'set' | 'toggle' }

const KINDS = ['extract', 'insert', 'clear', 'set', 'toggle'] as const

function points(widths: number[], each: number): BitfieldPoint[] {
  const random = new Random('bitfield')
  return widths.flatMap((width) => KINDS.flatMap((kind) => drawDistinct(each, () => {
    const from = random.below(width - 2)
    const length = 2 + random.below(width - from - 2 + (from > 0 ? 1 : 0))
    return length < width ? { width, from, length, kind } : undefined
  })))
}

const base = ({ width, kind }: BitfieldPoint): string => `${{ extract: 'getbits', insert: 'putbits', clear: 'clrbits', set: 'setbits', toggle: 'invbits' }[kind]}${width}`

const ports = ({ width, length, kind }: BitfieldPoint, { names }: HouseStyle, result = output): Port[] =>
  [input(names.data, width), ...kind === 'insert' ? [input(names.b, length)] : [], result(names.output, kind === 'extract' ? length : width)]

export const bitfield = defineFamily<BitfieldPoint>({
  name: 'bitfield',
  domain: 'verilog',
  kind: 'combinational',
  trainingPoints: points(span(5, 12), 30),
  evaluationPoints: points(span(13, 18), 15),
  phrasings: FRAMES,
  codings: 3,

  describe(point, house, phrasing) {
    const { width, from, length, kind } = point
    const { data, b, output: result } = house.names
    const field = `bits ${from + length - 1} to ${from}`
    const rule = {
      extract: pick(phrasing, [`${result} is ${field} of ${data}`, `${result} takes the ${length} bits of ${data} from bit ${from} up`]),
      insert: pick(phrasing, [`${result} is ${data} with ${field} replaced by ${b}`, `${b} goes into ${field} of ${result} and all other bits are those of ${data}`]),
      clear: pick(phrasing, [`${result} is ${data} with ${field} cleared`, `${field} of ${result} are 0 and all other bits are those of ${data}`]),
      set: pick(phrasing, [`${result} is ${data} with ${field} set`, `${field} of ${result} are 1 and all other bits are those of ${data}`]),
      toggle: pick(phrasing, [`${result} is ${data} with ${field} inverted`, `${field} of ${result} are those of ${data} inverted and all other bits are the same`]),
    }[kind]
    const title = `${width}-bit bit-field ${{ extract: 'extractor', insert: 'inserter', clear: 'clear unit', set: 'set unit', toggle: 'inverter' }[kind]}`
    return specify(phrasing, { module: moduleName(house, base(point)), title, ports: ports(point, house), rule })
  },

  write(point, house, coding) {
    const { width, from, length, kind } = point
    const { data, b, output: result } = house.names
    const last = from + length - 1
    const field = `${data}[${last}:${from}]`
    const module = (body: Lines, port = output): string => moduleText(house, base(point), ports(point, house, port), body)
    if (kind === 'extract') {
      if (coding === 0) return module([`assign ${result} = ${field};`])
      if (coding === 1) return module([`assign ${result} = ${data} >> ${from};`])
      return module(['integer i;', ...combinational(house, [`for (i = 0; i < ${length}; i = i + 1)`, [`${result}[i] = ${data}[i${from === 0 ? '' : ` + ${from}`}];`]])], outputReg)
    }
    const value = { insert: b, clear: `${length}'d0`, set: `{${length}{1'b1}}`, toggle: `~${field}` }[kind]
    const above = last === width - 1 ? '' : `${slice(data, width - 1, last + 1)}, `
    const below = from === 0 ? '' : `, ${slice(data, from - 1, 0)}`
    if (coding === 0) return module([`assign ${result} = {${above}${value}${below}};`])
    if (coding === 1) {
      const mask = binary(width, (2 ** length - 1) * 2 ** from)
      return module([
        net(house, 'm', width, mask),
        `assign ${result} = ${{ insert: `(${data} & ~m) | (${b} << ${from})`, clear: `${data} & ~m`, set: `${data} | m`, toggle: `${data} ^ m` }[kind]};`,
      ])
    }
    return module(combinational(house, [`${result} = ${data};`, `${result}[${last}:${from}] = ${value};`]), outputReg)
  },
})

const slice = (name: string, high: number, low: number): string => high === low ? `${name}[${low}]` : `${name}[${high}:${low}]`
