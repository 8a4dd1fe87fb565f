import { cross, span } from '../../points.js'
import { sequentialFamily } from '../../verilog-sequential.js'
import type { HouseStyle } from '../../house.js'
import { bitsFor, choose, clocked, clockedWithoutReset, decimal, input, memory, net, output, outputReg, variable } from '../../verilog-text.js'

type FifoPoint = { readonly width: number, readonly depth: 2 | 4 | 8, readonly level: boolean }

const names = ({ level }: FifoPoint, house: HouseStyle) => ({ ...house.names, used: level ? house.names.count : 'used' })

export const fifo = sequentialFamily<FifoPoint>({
  name: 'fifo',
  trainingPoints: cross<FifoPoint>({ width: span(2, 8), depth: [2, 4], level: [true, false] }),
  evaluationPoints: [
    ...cross<FifoPoint>({ width: [2, 3, 4, 5], depth: [8], level: [true, false] }),
    ...cross<FifoPoint>({ width: [9, 10], depth: [2, 4], level: [true, false] }),
  ],
  module: ({ width, depth, level }) => `fifo${depth}x${width}${level ? '_n' : ''}`,
  wording({ width, depth, level }, { data, write, read, full, empty, output: q, count }) {
    const amount = level ? `; output ${count} (${bitsFor(depth + 1)} bits) is the number stored` : ''
    return {
      what: `a FIFO of ${depth} words`,
      reset: 'emptying it',
      behaviour: [
        `${write} appends ${width}-bit ${data} unless output ${full} is high; ${read} removes the oldest word unless output ${empty} is high; both may act together${amount}. ${width}-bit output ${q} shows the oldest word, 0 when empty.`,
        `Output ${q} (${width} bits) is the oldest word, or 0 while output ${empty}; ${read} drops it at the edge. ${write} stores ${data} (${width} bits) while output ${full} is low; other requests are ignored${amount}.`,
        `At each edge ${write} and not ${full} stores ${data} (${width} bits); independently, ${read} and not ${empty} drops the oldest word. Outputs ${full}, ${empty} show ${depth}, 0 words, ${q} (${width} bits) the oldest or 0${amount}.`,
        `Words enter from ${data} (${width} bits) on ${write} while output ${full} is 0, and leave on ${read} while output ${empty} is 0. Output ${q} (${width} bits) shows the next to leave, 0 if none${amount}.`,
      ],
    }
  },
  inputs: ({ width }, { data, write, read }) => [input(write), input(data, width), input(read)],
  codings: [
    (point, house) => {
      const { data, write, read, full, empty, output: q, used } = names(point, house)
      const { width, depth, level } = point
      const [size, countSize] = [bitsFor(depth), bitsFor(depth + 1)]
      return {
        outputs: [output(q, width), output(full), output(empty), ...(level ? [outputReg(used, countSize)] : [])],
        body: [
          memory(house, 'mem', width, depth),
          variable(house, 'wp, rp', size),
          ...(level ? [] : [variable(house, used, countSize)]),
          net(house, 'put', 1, `${write} && !${full}`),
          net(house, 'get', 1, `${read} && !${empty}`),
          `assign ${full} = (${used} == ${decimal(countSize, depth)});`,
          `assign ${empty} = (${used} == ${decimal(countSize, 0)});`,
          `assign ${q} = ${empty} ? ${decimal(width, 0)} : mem[rp];`,
          ...clocked(house, [`wp <= ${decimal(size, 0)};`, `rp <= ${decimal(size, 0)};`, `${used} <= ${decimal(countSize, 0)};`], [], [
            'wp <= wp + put;', 'rp <= rp + get;', `${used} <= ${used} + put - get;`,
          ]),
          ...clockedWithoutReset(house, choose(house, [['put', [`mem[wp] <= ${data};`]]])),
        ],
      }
    },
    (point, house) => {
      const { data, write, read, full, empty, output: q, count } = names(point, house)
      const { width, depth, level } = point
      const [size, last] = [bitsFor(depth), bitsFor(depth) - 1]
      return {
        outputs: [output(q, width), output(full), output(empty), ...(level ? [output(count, size + 1)] : [])],
        body: [
          memory(house, 'mem', width, depth),
          variable(house, 'wp', size + 1),
          variable(house, 'rp', size + 1),
          `assign ${empty} = (wp == rp);`,
          `assign ${full} = (wp == {~rp[${size}], rp[${last}:0]});`,
          ...(level ? [`assign ${count} = wp - rp;`] : []),
          `assign ${q} = mem[rp[${last}:0]] & {${width}{~${empty}}};`,
          ...clockedWithoutReset(house, choose(house, [[`${write} && !${full}`, [`mem[wp[${last}:0]] <= ${data};`]]])),
          ...clocked(house, [`wp <= ${decimal(size + 1, 0)};`], [[`${write} && !${full}`, ['wp <= wp + 1\'b1;']]]),
          ...clocked(house, [`rp <= ${decimal(size + 1, 0)};`], [[`${read} && !${empty}`, ['rp <= rp + 1\'b1;']]]),
        ],
      }
    },
  ],
})
