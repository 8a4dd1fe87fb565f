import { defineFamily } from '../../family.js'
import type { HouseStyle } from '../../house.js'
import { cross, span } from '../../points.js'
import { FRAMES, specify } from '../../specification.js'
import type { Lines, Port } from '../../verilog-text.js'
import { clockAndReset, clocked, decimal, input, moduleName, moduleText, net, outputReg, pick } from '../../verilog-text.js'

/** acc + a * b on every clock; with an enable or a synchronous clear. `guard` are the bits beyond those of one product. */
type MacPoint = { width: number, guard: number, control: 'none' | 'enable' | 'clear' }

const axes = { guard: [1, 2, 4], control: ['none', 'enable', 'clear'] as const }

const bitsOf = ({ width, guard }: MacPoint): number => 2 * width + guard

const ports = (point: MacPoint, { names }: HouseStyle): Port[] => [
  ...point.control === 'none' ? [] : [input(point.control === 'enable' ? names.enable : names.clear)],
  input(names.a, point.width), input(names.b, point.width), outputReg(names.accumulator, bitsOf(point)),
]

export const multiplyAccumulate = defineFamily<MacPoint>({
  name: 'multiply-accumulate',
  domain: 'verilog',
  kind: 'sequential',
  trainingPoints: cross<MacPoint>({ width: span(2, 5), ...axes }),
  evaluationPoints: cross<MacPoint>({ width: span(6, 7), ...axes }),
  phrasings: FRAMES,
  codings: 2,

  describe(point, house, phrasing) {
    const { width, control } = point
    const { a, b, enable, clear, accumulator } = house.names
    const rule = {
      none: pick(phrasing, [`on each clock ${a} * ${b} is added to ${accumulator}`, `${accumulator} grows by the product of ${a} and ${b} every clock`]),
      enable: pick(phrasing, [`on each clock with ${enable} high ${a} * ${b} is added to ${accumulator}`, `${accumulator} grows by the product of ${a} and ${b} while ${enable} is 1 and holds otherwise`]),
      clear: pick(phrasing, [`on each clock ${a} * ${b} is added to ${accumulator}, or ${accumulator} becomes 0 when ${clear} is high`, `${clear} = 1 zeroes ${accumulator}, else it grows by the product of ${a} and ${b}`]),
    }[control]
    return specify(phrasing, {
      module: moduleName(house, `mac${width}x${bitsOf(point)}`), title: `${width}-bit unsigned multiply-accumulate unit`, ports: ports(point, house), rule: `${rule}; reset to 0`, clocking: house,
    })
  },

  write(point, house, coding) {
    const { width, control } = point
    const { a, b, enable, clear, accumulator } = house.names
    const zero = `${accumulator} <= ${decimal(bitsOf(point), 0)};`
    const module = (body: Lines): string => moduleText(house, `mac${width}x${bitsOf(point)}`, [...clockAndReset(house), ...ports(point, house)], body)
    if (coding === 0) {
      const add = `${accumulator} <= ${accumulator} + ${a} * ${b};`
      if (control === 'enable') return module(clocked(house, [zero], [[enable, [add]]]))
      return module(clocked(house, [zero], control === 'clear' ? [[clear, [zero]]] : [], [add]))
    }
    const held = { none: 't', enable: `${enable} ? t : ${decimal(2 * width, 0)}`, clear: 't' }[control]
    const sum = `${control === 'clear' ? `${clear} ? ${decimal(bitsOf(point), 0)} : ` : ''}${accumulator} + u`
    return module([
      net(house, 't', 2 * width, `${a} * ${b}`),
      ...control === 'enable' ? [net(house, 'u', 2 * width, held)] : [],
      ...clocked(house, [zero], [], [`${accumulator} <= ${control === 'enable' ? sum : sum.replace('+ u', '+ t')};`]),
    ])
  },
})
