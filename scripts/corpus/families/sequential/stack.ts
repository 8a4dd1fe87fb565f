import { cross, span } from '../../points.js'
import { sequentialFamily } from '../../verilog-sequential.js'
import { bitsFor, caseOf, choose, clocked, clockedWithoutReset, decimal, input, memory, net, output, variable } from '../../verilog-text.js'

type StackPoint = { readonly width: number, readonly depth: number }

export const stack = sequentialFamily<StackPoint>({
  name: 'stack',
  trainingPoints: cross<StackPoint>({ width: span(2, 8), depth: [2, 3, 4] }),
  evaluationPoints: [
    ...cross<StackPoint>({ width: [2, 3, 4], depth: [5, 6] }),
    ...cross<StackPoint>({ width: [9, 10], depth: [2, 3, 4] }),
  ],
  module: ({ width, depth }) => `stack${depth}x${width}`,
  wording({ width, depth }, { data, write, read, full, empty, output: q }) {
    return {
      what: `a stack of ${depth} words`,
      reset: 'emptying it',
      behaviour: [
        `${write} alone pushes ${width}-bit ${data} unless output ${full}; ${read} alone pops unless output ${empty}; both together replace the top word, or push if empty. ${width}-bit output ${q} is the top word, 0 when empty.`,
        `Output ${q} (${width} bits) shows the top, or 0 while output ${empty} is high. Only ${write}: push ${data} (${width} bits) unless output ${full}; only ${read}: drop the top if any; both: ${data} overwrites the top, or is pushed if none.`,
        `With ${write} and ${read} both high the top word becomes ${data} (${width} bits), pushed if empty; with one, ${write} pushes unless ${full} and ${read} pops unless ${empty}. Outputs: ${full}, ${empty}, ${q} (${width} bits, top or 0).`,
        `${write} pushes ${data} (ignored at ${full}), ${read} pops (ignored at ${empty}), together they exchange the top for ${data} or, if empty, push. Output ${q} is the top, 0 if empty, ${width} bits like ${data}; outputs ${full}, ${empty} show ${depth}, 0 words.`,
      ],
    }
  },
  inputs: ({ width }, { data, write, read }) => [input(write), input(read), input(data, width)],
  codings: [
    ({ width, depth }, house) => {
      const { data, write, read, full, empty, output: q } = house.names
      const [size, countSize] = [bitsFor(depth), bitsFor(depth + 1)]
      return {
        outputs: [output(q, width), output(full), output(empty)],
        body: [
          memory(house, 'mem', width, depth),
          variable(house, 'sp', countSize),
          net(house, 'top', size, 'sp - 1\'b1'),
          net(house, 'swap', 1, `${read} && !${empty}`),
          `assign ${full} = (sp == ${decimal(countSize, depth)});`,
          `assign ${empty} = (sp == ${decimal(countSize, 0)});`,
          `assign ${q} = ${empty} ? ${decimal(width, 0)} : mem[top];`,
          ...clocked(house, [`sp <= ${decimal(countSize, 0)};`], [
            [`${write} && !${full} && !swap`, ['sp <= sp + 1\'b1;']],
            [`swap && !${write}`, ['sp <= sp - 1\'b1;']],
          ]),
          ...clockedWithoutReset(house, choose(house, [
            [`${write} && swap`, [`mem[top] <= ${data};`]],
            [`${write} && !${full}`, [`mem[sp${size < countSize ? `[${size - 1}:0]` : ''}] <= ${data};`]],
          ])),
        ],
      }
    },
    ({ width, depth }, house) => {
      const { data, write, read, full, empty, output: q } = house.names
      const total = width * depth
      return {
        outputs: [output(q, width), output(full), output(empty)],
        body: [
          variable(house, 'v', depth),
          variable(house, 'words', total),
          `assign ${empty} = ~v[0];`,
          `assign ${full} = v[${depth - 1}];`,
          `assign ${q} = words[${width - 1}:0] & {${width}{v[0]}};`,
          ...clocked(house, [`v <= ${decimal(depth, 0)};`, `words <= ${decimal(total, 0)};`], [], caseOf(house, `{${write}, ${read} & v[0]}`, [
            ['2\'b01', ['v <= v >> 1;', `words <= words >> ${width};`]],
            ['2\'b10', choose(house, [[`!${full}`, [`v <= {v[${depth - 2}:0], 1'b1};`, `words <= {words[${total - width - 1}:0], ${data}};`]]])],
            ['2\'b11', [`words[${width - 1}:0] <= ${data};`]],
            ['default', ['v <= v;']],
          ])),
        ],
      }
    },
  ],
})
