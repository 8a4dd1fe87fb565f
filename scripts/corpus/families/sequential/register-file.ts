import { cross, span } from '../../points.js'
import { sequentialFamily } from '../../verilog-sequential.js'
import { bitsFor, caseOf, choose, clocked, combinational, decimal, input, output, variable } from '../../verilog-text.js'

type RegisterFilePoint = { readonly width: number, readonly depth: 2 | 4, readonly bypass: boolean }

export const registerFile = sequentialFamily<RegisterFilePoint>({
  name: 'register-file',
  trainingPoints: cross<RegisterFilePoint>({ width: span(2, 8), depth: [2, 4], bypass: [true, false] }),
  evaluationPoints: cross<RegisterFilePoint>({ width: [9, 10, 11, 12], depth: [2, 4], bypass: [true, false] }),
  module: ({ width, depth, bypass }) => `regs${depth}x${width}${bypass ? '_fwd' : ''}`,
  wording({ width, depth, bypass }, { data, write, output: q }) {
    const size = bitsFor(depth)
    const address = size === 1 ? '1-bit' : `${size}-bit`
    const same = bypass
      ? `but ${data} while ${write} is high and waddr equals raddr`
      : `new words showing only after the edge`
    return {
      what: `a register file of ${depth} words`,
      reset: 'clearing all words',
      behaviour: [
        `At an edge with ${write} high, ${width}-bit input ${data} is stored in word waddr (${address}). ${width}-bit output ${q} is, combinationally, word raddr (${address}), ${same}.`,
        `Inputs waddr and raddr (${size} bit${size === 1 ? '' : 's'} each) choose words; ${write} stores ${data} (${width} bits) in word waddr at the edge. Output ${q} (${width} bits) reads word raddr without a clock, ${same}.`,
        `Words have ${width} bits. Input ${write} puts ${data} into word waddr; output ${q} always shows word raddr, asynchronously, ${same}; both addresses are ${address}.`,
        `Output ${q} (${width} bits) equals word raddr (${address}) at all times, ${same}. Each clock with ${write} high writes ${data} (${width} bits) to word waddr (${address}).`,
      ],
    }
  },
  inputs: ({ width, depth }, { data, write }) => [input(write), input('waddr', bitsFor(depth)), input(data, width), input('raddr', bitsFor(depth))],
  codings: [
    ({ width, depth, bypass }, house) => {
      const { data, write, output: q } = house.names
      const words = span(0, depth - 1).map((at) => `w${at}`)
      const label = (at: number): string => at === depth - 1 ? 'default' : decimal(bitsFor(depth), at)
      return {
        outputs: [output(q, width)],
        body: [
          variable(house, words.join(', '), width),
          variable(house, 'word', width),
          ...clocked(house, [`{${words.join(', ')}} <= ${decimal(depth * width, 0)};`], [
            [write, caseOf(house, 'waddr', words.map((word, at) => [label(at), [`${word} <= ${data};`]] as const))],
          ]),
          ...combinational(house, caseOf(house, 'raddr', words.map((word, at) => [label(at), [`word = ${word};`]] as const))),
          `assign ${q} = ${bypass ? `(${write} && waddr == raddr) ? ${data} : word` : 'word'};`,
        ],
      }
    },
    ({ width, depth, bypass }, house) => {
      const { data, write, output: q } = house.names
      const now = bypass ? 'nxt' : 'words'
      const total = width * depth
      return {
        outputs: [output(q, width)],
        body: [
          variable(house, 'words', total),
          variable(house, 'nxt', total),
          `assign ${q} = ${now}[raddr * ${width} +: ${width}];`,
          ...clocked(house, [`words <= ${decimal(total, 0)};`], [], ['words <= nxt;']),
          ...combinational(house, ['nxt = words;', ...choose(house, [[write, [`nxt[waddr * ${width} +: ${width}] = ${data};`]]])]),
        ],
      }
    },
  ],
})
