import { defineFamily } from '../../family.js'
import type { HouseStyle } from '../../house.js'
import { cross, span } from '../../points.js'
import { FRAMES, specify } from '../../specification.js'
import type { Lines, Port } from '../../verilog-text.js'
import { choose, combinational, input, moduleName, moduleText, net, output, outputReg, pick, repeat } from '../../verilog-text.js'

/** |a - b| of unsigned or signed words, or |data| of a signed word. */
type AbsolutePoint = { width: number, kind: 'unsigned' | 'signed' | 'magnitude' }

const KINDS = ['unsigned', 'signed', 'magnitude'] as const

const base = ({ width, kind }: AbsolutePoint): string => `${{ unsigned: 'absdiff', signed: 'sabsdiff', magnitude: 'abs' }[kind]}${width}`

const ports = ({ width, kind }: AbsolutePoint, { names }: HouseStyle, result = output): Port[] =>
  [...kind === 'magnitude' ? [input(names.data, width)] : [input(names.a, width), input(names.b, width)], result(names.output, width)]

export const absolute = defineFamily<AbsolutePoint>({
  name: 'absolute-difference',
  domain: 'verilog',
  kind: 'combinational',
  trainingPoints: cross<AbsolutePoint>({ width: span(3, 12), kind: KINDS }),
  evaluationPoints: cross<AbsolutePoint>({ width: span(13, 18), kind: KINDS }),
  phrasings: FRAMES,
  codings: 3,

  describe(point, house, phrasing) {
    const { width, kind } = point
    const { a, b, data, output: result } = house.names
    const rule = kind === 'magnitude'
      ? pick(phrasing, [`${result} is the absolute value of the two's complement number ${data}`, `${result} is ${data} when its sign bit is 0 and its two's complement negation otherwise`])
      : pick(phrasing, [`${result} is the absolute difference of the ${kind} numbers ${a} and ${b}`, `${result} is the larger minus the smaller of ${a} and ${b}, compared as ${kind} numbers`])
    const title = `${width}-bit ${kind === 'magnitude' ? 'absolute value' : `${kind} absolute difference`} unit`
    return specify(phrasing, { module: moduleName(house, base(point)), title, ports: ports(point, house), rule })
  },

  write(point, house, coding) {
    const { width, kind } = point
    const { a, b, data, output: result } = house.names
    const top = width - 1
    const module = (body: Lines, port = output): string => moduleText(house, base(point), ports(point, house, port), body)
    if (kind === 'magnitude') {
      if (coding === 0) return module([`assign ${result} = ${data}[${top}] ? -${data} : ${data};`])
      if (coding === 1) return module([net(house, 't', width, repeat(width, `${data}[${top}]`)), `assign ${result} = (${data} ^ t) - t;`])
      return module(combinational(house, choose(house, [[`${data}[${top}]`, [`${result} = ~${data} + ${width}'d1;`]]], [`${result} = ${data};`])), outputReg)
    }
    const as = (name: string): string => kind === 'signed' ? `$signed(${name})` : name
    if (coding === 0) return module([`assign ${result} = (${as(a)} > ${as(b)}) ? ${a} - ${b} : ${b} - ${a};`])
    if (coding === 1) {
      const wide = (name: string): string => `{${kind === 'signed' ? `${name}[${top}]` : '1\'b0'}, ${name}}`
      return module([net(house, 't', width + 1, `${wide(a)} - ${wide(b)}`), `assign ${result} = t[${width}] ? -t[${top}:0] : t[${top}:0];`])
    }
    return module(combinational(house, choose(house, [[`${as(a)} < ${as(b)}`, [`${result} = ${b} - ${a};`]]], [`${result} = ${a} - ${b};`])), outputReg)
  },
})
