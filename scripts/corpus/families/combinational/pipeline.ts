import { defineFamily } from '../../family.js'
import type { HouseStyle } from '../../house.js'
import { cross, span } from '../../points.js'
import { FRAMES, specify } from '../../specification.js'
import type { Port } from '../../verilog-text.js'
import { clockAndReset, clocked, decimal, input, moduleName, moduleText, output, outputReg, pick, variable } from '../../verilog-text.js'

/** An operation on registered operands, its result registered too: two clocks of delay, with a valid bit that travels along. */
type PipelinePoint = { width: number, operation: 'add' | 'sub' | 'and' | 'xor', valid: boolean }

const axes = { operation: ['add', 'sub', 'and', 'xor'] as const, valid: [false, true] }

const SIGNS = { add: '+', sub: '-', and: '&', xor: '^' }
const WORDS = { add: 'adder', sub: 'subtractor', and: 'AND unit', xor: 'XOR unit' }

const DONE = 'done_q'

const ports = ({ width, valid }: PipelinePoint, { names }: HouseStyle, done = outputReg): Port[] => [
  ...valid ? [input(names.valid)] : [], input(names.a, width), input(names.b, width), outputReg(names.output, width), ...valid ? [done(DONE)] : [],
]

const base = ({ width, operation }: PipelinePoint): string => `pipe_${operation}${width}`

export const pipeline = defineFamily<PipelinePoint>({
  name: 'pipelined-operator',
  domain: 'verilog',
  kind: 'sequential',
  trainingPoints: cross<PipelinePoint>({ width: span(3, 10), ...axes }),
  evaluationPoints: cross<PipelinePoint>({ width: span(11, 15), ...axes }),
  phrasings: FRAMES,
  codings: 2,

  describe(point, house, phrasing) {
    const { width, operation, valid } = point
    const { a, b, output: result, valid: taken } = house.names
    const value = `${a} ${SIGNS[operation]} ${b}`
    const rule = pick(phrasing, [`${a} and ${b} are registered, then ${result} is the registered ${value}`, `${result} is ${value} two clocks later, registered before and after`])
      + (valid ? `; ${DONE} is ${taken} delayed alike` : '') + '; reset clears all registers'
    return specify(phrasing, { module: moduleName(house, base(point)), title: `two-stage pipelined ${width}-bit ${WORDS[operation]}`, ports: ports(point, house), rule, clocking: house })
  },

  write(point, house, coding) {
    const { width, operation, valid } = point
    const { a, b, output: result, valid: taken } = house.names
    const sign = SIGNS[operation]
    const zero = decimal(width, 0)
    if (coding === 0) {
      return moduleText(house, base(point), [...clockAndReset(house), ...ports(point, house)], [
        variable(house, 't', width), variable(house, 'u', width), ...valid ? [variable(house, 'v')] : [],
        ...clocked(house,
          [`t <= ${zero};`, `u <= ${zero};`, `${result} <= ${zero};`, ...valid ? ['v <= 1\'b0;', `${DONE} <= 1'b0;`] : []], [],
          [`t <= ${a};`, `u <= ${b};`, `${result} <= t ${sign} u;`, ...valid ? [`v <= ${taken};`, `${DONE} <= v;`] : []]),
      ])
    }
    return moduleText(house, base(point), [...clockAndReset(house), ...ports(point, house, output)], [
      variable(house, 't', 2 * width), ...valid ? [variable(house, 'v', 2)] : [],
      ...clocked(house, [`t <= ${decimal(2 * width, 0)};`], [], [`t <= {${a}, ${b}};`]),
      ...clocked(house, [`${result} <= ${zero};`], [], [`${result} <= t[${2 * width - 1}:${width}] ${sign} t[${width - 1}:0];`]),
      ...valid ? [...clocked(house, ['v <= 2\'b00;'], [], [`v <= {v[0], ${taken}};`]), `assign ${DONE} = v[1];`] : [],
    ])
  },
})
