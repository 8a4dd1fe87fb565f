import { cross, span } from '../../points.js'
import { sequentialFamily } from '../../verilog-sequential.js'
import type { Branch } from '../../verilog-text.js'
import { binary, bitsFor, caseOf, choose, clocked, combinational, decimal, input, net, output, outputReg, variable } from '../../verilog-text.js'

type SequencePoint = { readonly pattern: string, readonly mealy: boolean, readonly overlap: boolean }

/** How much of the pattern is matched once `seen` has come in: the longest prefix that `seen` ends in. */
function matched(pattern: string, seen: string): number {
  for (let length = Math.min(pattern.length, seen.length); length > 0; length--) {
    if (seen.endsWith(pattern.slice(0, length))) return length
  }
  return 0
}

/** The state after `bit` in the state with `length` bits matched. A Mealy machine has no state for the whole pattern. */
function follow({ pattern, mealy, overlap }: SequencePoint, length: number, bit: string): number {
  const before = length === pattern.length && !overlap ? '' : pattern.slice(0, length)
  const next = matched(pattern, before + bit)
  if (next < pattern.length || !mealy) return next
  return overlap ? matched(pattern, pattern.slice(1)) : 0
}

export const sequenceDetector = sequentialFamily<SequencePoint>({
  name: 'sequence-detector',
  trainingPoints: cross<SequencePoint>({ pattern: ['101', '110', '011', '010', '100', '001', '1001', '1010', '1101', '0110', '1011', '0010', '1100', '0111', '0100', '10110', '11011', '10010', '01100', '11101'], mealy: [true, false], overlap: [true, false] }),
  evaluationPoints: cross<SequencePoint>({ pattern: ['1110', '0101', '01101', '110101'], mealy: [true, false], overlap: [true, false] }),
  module: ({ pattern, mealy, overlap }) => `seq${pattern}_${mealy ? 'mealy' : 'moore'}${overlap ? '' : '_no'}`,
  wording({ pattern, mealy, overlap }, { serial, flag, enable }) {
    const bits = `bits ${pattern}`
    const late = mealy ? `high, combinationally, with ${enable} and ${serial} the last bit of a match` : 'high after the edge completing a match until the next taken bit'
    const shared = overlap ? 'Matches may share bits' : 'Matches do not share bits'
    return {
      what: `a ${mealy ? 'Mealy' : 'Moore'} sequence detector`,
      reset: 'forgetting all bits',
      behaviour: [
        `It looks for ${bits}, left bit first, in input ${serial}, taking one bit at each edge with ${enable} high. Output ${flag} is ${late}; ${shared[0]!.toLowerCase()}${shared.slice(1)}.`,
        `Input ${serial} is sampled at edges with ${enable} high and searched for ${bits}, leftmost first. ${shared}; output ${flag} is ${late}.`,
        `Output ${flag} is ${late}, a match being ${bits} in this order on input ${serial} at successive edges with ${enable} high. ${shared}.`,
        `Each edge with ${enable} high takes one bit of ${serial}, and ${bits} in this order are a match. ${shared}; output ${flag} is ${late}.`,
      ],
    }
  },
  inputs: (_, { serial, enable }) => [input(enable), input(serial)],
  codings: [
    (point, house) => {
      const { serial, flag, enable, state } = house.names
      const { pattern, mealy } = point
      const states = pattern.length + (mealy ? 0 : 1)
      const width = bitsFor(states)
      const arms = span(0, states - 1).map((length): Branch => {
        const [zero, one] = [follow(point, length, '0'), follow(point, length, '1')]
        return [length === states - 1 ? 'default' : decimal(width, length), [`nxt = ${serial} ? ${decimal(width, one)} : ${decimal(width, zero)};`]]
      })
      const found = mealy
        ? `${enable} && ${state} == ${decimal(width, states - 1)} && ${pattern.at(-1) === '1' ? '' : '!'}${serial}`
        : `(${state} == ${decimal(width, states - 1)})`
      return {
        outputs: [output(flag)],
        body: [
          variable(house, `${state}, nxt`, width),
          ...combinational(house, caseOf(house, state, arms)),
          ...clocked(house, [`${state} <= ${decimal(width, 0)};`], [[enable, [`${state} <= nxt;`]]]),
          `assign ${flag} = ${found};`,
        ],
      }
    },
    (point, house) => {
      const { serial, flag, enable } = house.names
      const { pattern, mealy, overlap } = point
      const kept = pattern.length - 1
      const value = binary(pattern.length, parseInt(pattern, 2))
      const fill = `age <= {age[${kept - 2}:0], 1'b1};`
      return {
        outputs: [mealy ? output(flag) : outputReg(flag)],
        body: [
          variable(house, 'hist, age', kept),
          net(house, 'found', 1, `&age && {hist, ${serial}} == ${value}`),
          ...(mealy ? [`assign ${flag} = found & ${enable};`] : []),
          ...clocked(house, [`{hist, age} <= ${decimal(2 * kept, 0)};`, ...(mealy ? [] : [`${flag} <= 1'b0;`])], [
            [enable, [
              `hist <= {hist[${kept - 2}:0], ${serial}};`,
              ...(overlap ? [fill] : choose(house, [['found', [`age <= ${decimal(kept, 0)};`]]], [fill])),
              ...(mealy ? [] : [`${flag} <= found;`]),
            ]],
          ]),
        ],
      }
    },
  ],
})
