import type { HouseStyle } from '../../house.js'
import { defineFamily } from '../../family.js'
import { cross, span } from '../../points.js'
import { FRAMES, specify } from '../../specification.js'
import type { Lines, Port } from '../../verilog-text.js'
import { binary, caseOf, combinational, decimal, input, moduleName, moduleText, net, output, outputReg, pick } from '../../verilog-text.js'

/** `data` bits protected by a Hamming code; `even` parity unless `odd`; `extended` adds an overall parity bit on top. */
type EncoderPoint = { data: number, odd: boolean, extended: boolean }
type DecoderPoint = { data: number, odd: boolean, flag: boolean }

/** Parity bits that `data` bits need: the least r with 2^r > data + r. */
function parityBits(data: number): number {
  let bits = 2
  while (2 ** bits < data + bits + 1) bits++
  return bits
}

/** Positions (from 1) that carry data, in order: all that are no power of two. */
const dataPositions = (data: number): number[] =>
  span(1, data + parityBits(data)).filter((position) => (position & (position - 1)) !== 0)

const lengthOf = (data: number): number => data + parityBits(data)

/** Where parity bit `bit` looks, as the data bits' own numbers. */
const covered = (data: number, bit: number): number[] =>
  dataPositions(data).flatMap((position, at) => (position >> bit & 1) === 1 ? [at] : [])

const encoderPorts = ({ data, extended }: EncoderPoint, { names }: HouseStyle, result = output): Port[] =>
  [input(names.data, data), result(names.output, lengthOf(data) + (extended ? 1 : 0))]

const LAYOUT = 'position 1 is bit 0, parity at powers of two'

export const hammingEncoder = defineFamily<EncoderPoint>({
  name: 'hamming-encoder',
  domain: 'verilog',
  kind: 'combinational',
  trainingPoints: cross<EncoderPoint>({ data: span(3, 9), odd: [false, true], extended: [false, true] }),
  evaluationPoints: cross<EncoderPoint>({ data: span(10, 13), odd: [false, true], extended: [false, true] }),
  phrasings: FRAMES,
  codings: 2,

  describe(point, house, phrasing) {
    const { data, odd, extended } = point
    const { data: word, output: code } = house.names
    const sort = odd ? 'odd' : 'even'
    const rule = `${code} is the Hamming code of ${word} with ${sort} parity; ${LAYOUT}, ${word}[0] first between them`
      + (extended ? `; ${code}[${lengthOf(data)}] is the XOR of all other bits` : '')
    const title = `${extended ? 'extended ' : ''}Hamming (${lengthOf(data)},${data}) encoder`
    return specify(phrasing, { module: moduleName(house, `hamenc${data}`), title, ports: encoderPorts(point, house), rule })
  },

  write(point, house, coding) {
    const { data, odd, extended } = point
    const { data: word, output: code } = house.names
    const checks = parityBits(data)
    const module = (body: Lines, port = output): string => moduleText(house, `hamenc${data}`, encoderPorts(point, house, port), body)
    if (coding === 0) {
      const parts = span(1, lengthOf(data)).map((position) => (position & (position - 1)) === 0 ? `p${Math.log2(position)}` : `${word}[${dataPositions(data).indexOf(position)}]`)
      return module([
        ...span(0, checks - 1).map((bit) => net(house, `p${bit}`, 1, `${odd ? '~' : ''}^{${covered(data, bit).map((at) => `${word}[${at}]`).reverse().join(', ')}}`)),
        ...extended
          ? [net(house, 't', lengthOf(data), `{${parts.reverse().join(', ')}}`), `assign ${code} = {^t, t};`]
          : [`assign ${code} = {${parts.reverse().join(', ')}};`],
      ])
    }
    return module(combinational(house, [
      ...runs(data).map(({ from, to, at }) => from === to ? `${code}[${at}] = ${word}[${from}];` : `${code}[${at + to - from}:${at}] = ${word}[${to}:${from}];`),
      ...span(0, checks - 1).map((bit) => {
        const mask = covered(data, bit).reduce((sum, at) => sum + 2 ** at, 0)
        return `${code}[${2 ** bit - 1}] = ${odd ? '~' : ''}^(${word} & ${binary(data, mask)});`
      }),
      ...extended ? [`${code}[${lengthOf(data)}] = ^${code}[${lengthOf(data) - 1}:0];`] : [],
    ]), outputReg)
  },
})

/** Runs of data bits that lie side by side in the code word. */
function runs(data: number): { from: number, to: number, at: number }[] {
  const found: { from: number, to: number, at: number }[] = []
  dataPositions(data).forEach((position, bit) => {
    const last = found.at(-1)
    if (last !== undefined && last.at + (last.to - last.from) + 2 === position) last.to = bit
    else found.push({ from: bit, to: bit, at: position - 1 })
  })
  return found
}

const decoderPorts = ({ data, flag }: DecoderPoint, { names }: HouseStyle, result = output): Port[] =>
  [input(names.data, lengthOf(data)), result(names.output, data), ...flag ? [output(names.error)] : []]

export const hammingDecoder = defineFamily<DecoderPoint>({
  name: 'hamming-decoder',
  domain: 'verilog',
  kind: 'combinational',
  trainingPoints: cross<DecoderPoint>({ data: span(3, 8), odd: [false, true], flag: [false, true] }),
  evaluationPoints: cross<DecoderPoint>({ data: span(9, 11), odd: [false, true], flag: [false, true] }),
  phrasings: FRAMES,
  codings: 2,

  describe(point, house, phrasing) {
    const { data, odd, flag } = point
    const { data: code, output: word, error } = house.names
    const rule = `${word} is the data of ${code} with the bit at the syndrome's position inverted; ${odd ? 'odd' : 'even'} parity, ${LAYOUT}`
      + (flag ? `; ${error} is high for a non-zero syndrome` : '')
    const title = pick(phrasing, [`Hamming (${lengthOf(data)},${data}) decoder`, `single-error correcting Hamming (${lengthOf(data)},${data}) decoder`])
    return specify(phrasing, { module: moduleName(house, `hamdec${data}`), title, ports: decoderPorts(point, house), rule })
  },

  write(point, house, coding) {
    const { data, odd, flag } = point
    const { data: code, output: word, error } = house.names
    const length = lengthOf(data)
    const checks = parityBits(data)
    const module = (body: Lines, port = output): string => moduleText(house, `hamdec${data}`, decoderPorts(point, house, port), body)
    const looked = (bit: number): number[] => span(1, length).filter((position) => (position >> bit & 1) === 1).map((position) => position - 1)
    const told = flag ? [`assign ${error} = ${coding === 0 ? '|t' : `t != ${decimal(checks, 0)}`};`] : []
    if (coding === 0) {
      return module([
        net(house, 't', checks),
        ...span(0, checks - 1).map((bit) => `assign t[${bit}] = ${odd ? '~' : ''}^{${looked(bit).map((at) => `${code}[${at}]`).reverse().join(', ')}};`),
        net(house, 'v', length + 1, `{${code}, 1'b0} ^ (${decimal(length + 1, 1)} << t)`),
        `assign ${word} = {${dataPositions(data).map((position) => `v[${position}]`).reverse().join(', ')}};`,
        ...told,
      ])
    }
    const masks = span(0, checks - 1).map((bit) => `${odd ? '~' : ''}^(${code} & ${binary(length, looked(bit).reduce((sum, at) => sum + 2 ** at, 0))})`)
    return module([
      net(house, 't', checks, `{${masks.reverse().join(', ')}}`),
      ...combinational(house, [
        `${word} = {${dataPositions(data).map((position) => `${code}[${position - 1}]`).reverse().join(', ')}};`,
        ...caseOf(house, 't', dataPositions(data).map((position, bit) => [decimal(checks, position), [`${word}[${bit}] = ~${word}[${bit}];`]])),
      ]),
      ...told,
    ], outputReg)
  },
})
