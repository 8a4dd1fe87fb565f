import { defineFamily } from '../../family.js'
import type { HouseStyle } from '../../house.js'
import { cross, span } from '../../points.js'
import { FRAMES, specify } from '../../specification.js'
import type { Lines, Port } from '../../verilog-text.js'
import { combinational, input, moduleName, moduleText, net, output, outputReg, pick } from '../../verilog-text.js'

/** A parity bit for a word, a word with its parity bit, or the check of a received parity bit. */
type ParityPoint = { width: number, odd: boolean, kind: 'generate' | 'append' | 'check' }

const axes = { odd: [false, true], kind: ['generate', 'append', 'check'] as const }

const base = ({ width, odd, kind }: ParityPoint): string => `par${{ generate: 'gen', append: 'add', check: 'chk' }[kind]}_${odd ? 'odd' : 'even'}${width}`

function ports({ width, kind }: ParityPoint, { names }: HouseStyle, result = output): Port[] {
  if (kind === 'generate') return [input(names.data, width), result(names.parity)]
  if (kind === 'append') return [input(names.data, width), result(names.output, width + 1)]
  return [input(names.data, width), input(names.parity), result(names.error)]
}

export const parity = defineFamily<ParityPoint>({
  name: 'parity',
  domain: 'verilog',
  kind: 'combinational',
  trainingPoints: cross<ParityPoint>({ width: span(3, 12), ...axes }),
  evaluationPoints: cross<ParityPoint>({ width: span(13, 20), ...axes }),
  phrasings: FRAMES,
  codings: 3,

  describe(point, house, phrasing) {
    const { width, odd, kind } = point
    const { data, parity: bit, output: result, error } = house.names
    const sort = odd ? 'odd' : 'even'
    const rule = {
      generate: pick(phrasing, [`${bit} is the ${sort} parity bit of ${data}`, `${bit} makes the number of ones in ${data} and ${bit} together ${sort}`]),
      append: pick(phrasing, [`${result} is ${data} with its ${sort} parity bit as the top bit`, `${result}[${width}] is the ${sort} parity bit of ${data} and the lower bits are ${data}`]),
      check: pick(phrasing, [`${error} is high when ${data} and ${bit} do not have ${sort} parity`, `${error} is 1 unless the number of ones in ${data} and ${bit} together is ${sort}`]),
    }[kind]
    const title = `${width}-bit ${sort} parity ${{ generate: 'generator', append: 'appender', check: 'checker' }[kind]}`
    return specify(phrasing, { module: moduleName(house, base(point)), title, ports: ports(point, house), rule })
  },

  write(point, house, coding) {
    const { width, odd, kind } = point
    const { data, parity: bit, output: result, error } = house.names
    const module = (body: Lines, port = output): string => moduleText(house, base(point), ports(point, house, port), body)
    const reduce = odd ? '~^' : '^'
    if (coding === 0) {
      return module([{
        generate: `assign ${bit} = ${reduce}${data};`,
        append: `assign ${result} = {${reduce}${data}, ${data}};`,
        check: `assign ${error} = ${reduce}{${bit}, ${data}};`,
      }[kind]])
    }
    if (coding === 1) {
      const target = { generate: bit, append: `${result}[${width}]`, check: error }[kind]
      const start = kind === 'check' ? `${odd ? '~' : ''}${bit}` : `1'b${odd ? 1 : 0}`
      return module(['integer i;', ...combinational(house, [
        ...kind === 'append' ? [`${result}[${width - 1}:0] = ${data};`] : [],
        `${target} = ${start};`, `for (i = 0; i < ${width}; i = i + 1)`, [`${target} = ${target} ^ ${data}[i];`],
      ])], outputReg)
    }
    const half = Math.floor(width / 2)
    const whole = net(house, 't', 1, `^${data}[${width - 1}:${half}] ^ ^${data}[${half - 1}:0]`)
    const value = odd ? '~t' : 't'
    return module([whole, {
      generate: `assign ${bit} = ${value};`,
      append: `assign ${result} = {${value}, ${data}};`,
      check: `assign ${error} = ${odd ? 't == ' : 't != '}${bit};`,
    }[kind]])
  },
})
