import { cross, span } from '../../points.js'
import { sequentialFamily, wide } from '../../verilog-sequential.js'
import { clocked, decimal, input, output, outputReg, variable } from '../../verilog-text.js'

type DelayPoint = { readonly width: number, readonly depth: number }

/** A pipeline with a valid bit a stage; data moves with the valid bit under one enable. */
export const delayLine = sequentialFamily<DelayPoint>({
  name: 'delay-line',
  trainingPoints: cross<DelayPoint>({ width: span(2, 9), depth: [2, 3, 4] }),
  evaluationPoints: cross<DelayPoint>({ width: [3, 4, 6, 9, 10], depth: [5, 6] }),
  module: ({ width, depth }) => `delay${depth}x${width}`,
  wording({ width, depth }, { data, valid, enable, clear, output: q, flag }) {
    return {
      what: `a ${depth}-stage ${width}-bit pipeline`,
      reset: 'clearing all stages',
      behaviour: [
        `When ${enable} is high, input ${valid} and ${wide(width)}input ${data} move one stage on, appearing ${depth} such edges later at outputs ${flag} and ${q} (${width} bits). Input ${clear} zeroes all valid bits only, and beats ${enable}.`,
        `Outputs ${flag} and ${q} (${width} bits) are inputs ${valid} and ${data} (${width} bits) delayed by ${depth} cycles with ${enable} high; without it all stages hold. Input ${clear}, first in priority, sets every stage's valid bit to 0, leaving data.`,
        `${depth} stages of valid bit and ${width}-bit data shift under ${enable} from inputs ${valid}, ${data} to outputs ${flag}, ${q}. ${clear} overrides: at that edge valid bits become 0 and data stay.`,
        `Each edge with ${enable} (and not ${clear}) advances ${depth} stages, fed by ${valid} and ${width}-bit ${data}; the last is outputs ${flag} and ${width}-bit ${q}. An edge with ${clear} only zeroes the valid bits.`,
      ],
    }
  },
  inputs: ({ width }, { data, valid, enable, clear }) => [input(clear), input(enable), input(valid), input(data, width)],
  codings: [
    ({ width, depth }, house) => {
      const { data, valid, enable, clear, output: q, flag } = house.names
      const total = width * depth
      const noneValid = `v <= ${decimal(depth, 0)};`
      return {
        outputs: [output(flag), output(q, width)],
        body: [
          variable(house, 'v', depth),
          variable(house, 'pipe', total),
          ...clocked(house, [noneValid, `pipe <= ${decimal(total, 0)};`], [
            [clear, [noneValid]],
            [enable, [`v <= {v[${depth - 2}:0], ${valid}};`, `pipe <= {pipe[${total - width - 1}:0], ${data}};`]],
          ]),
          `assign ${flag} = v[${depth - 1}];`,
          `assign ${q} = pipe[${total - 1}:${total - width}];`,
        ],
      }
    },
    ({ width, depth }, house) => {
      const { data, valid, enable, clear, output: q, flag } = house.names
      const stages = [data, ...span(1, depth - 1).map((at) => `p${at}`), q]
      const marks = [valid, ...span(1, depth - 1).map((at) => `v${at}`), flag]
      const own = span(1, depth - 1)
      return {
        outputs: [outputReg(flag), outputReg(q, width)],
        body: [
          variable(house, own.map((at) => `p${at}`).join(', '), width),
          variable(house, own.map((at) => `v${at}`).join(', ')),
          ...clocked(house, stages.slice(1).map((stage) => `${stage} <= ${decimal(width, 0)};`), [
            [`${enable} && !${clear}`, stages.slice(1).map((stage, at) => `${stage} <= ${stages[at]!};`)],
          ]),
          ...clocked(house, [`{${marks.slice(1).join(', ')}} <= ${decimal(depth, 0)};`], [
            [clear, [`{${marks.slice(1).join(', ')}} <= ${decimal(depth, 0)};`]],
            [enable, [`{${marks.slice(1).join(', ')}} <= {${marks.slice(0, -1).join(', ')}};`]],
          ]),
        ],
      }
    },
  ],
})
