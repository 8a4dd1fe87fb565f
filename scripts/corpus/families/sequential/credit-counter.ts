import { cross, span } from '../../points.js'
import { sequentialFamily } from '../../verilog-sequential.js'
import { bitsFor, choose, clocked, combinational, decimal, input, net, output, outputReg, variable } from '../../verilog-text.js'

/** `back`: credits that one return brings. */
type CreditPoint = { readonly credits: number, readonly back: number }

export const creditCounter = sequentialFamily<CreditPoint>({
  name: 'credit-counter',
  trainingPoints: cross<CreditPoint>({ credits: span(4, 14), back: [1, 2] }),
  evaluationPoints: cross<CreditPoint>({ credits: [16, 18, 20, 25, 31], back: [1, 2] }),
  module: ({ credits, back }) => `credit${credits}_${back}`,
  wording({ credits, back }, { valid, ready, count, flag }) {
    const width = bitsFor(credits + 1)
    return {
      what: 'a credit counter',
      reset: `setting ${count} to ${credits}, ${flag} to 0`,
      behaviour: [
        `Output ${ready} is high while ${width}-bit output ${count} is not 0; an edge with ${valid} and ${ready} uses one credit, an edge with ret brings ${back}, summed, limited to ${credits}. Exceeding that sets sticky output ${flag}.`,
        `${count} (output, ${width} bits) falls by 1 on ${valid} with output ${ready}, which means ${count} above 0, and rises by ${back} on ret, net and at most ${credits}. A net value over ${credits} sets sticky output ${flag}.`,
        `Each edge makes ${count} (output, ${width} bits) ${count} - use + ${back} * ret: use is ${valid} and output ${ready}, which is ${count} not 0. A value above ${credits} becomes ${credits} and sets sticky output ${flag}.`,
        `Sending (${valid} with output ${ready}) costs a credit, ret returns ${back}, both at once are summed; output ${count} (${width} bits) stops at ${credits}, and exceeding it sets sticky output ${flag}. ${ready} means ${count} not 0.`,
      ],
    }
  },
  inputs: (_, { valid }) => [input(valid), input('ret')],
  codings: [
    ({ credits, back }, house) => {
      const { valid, ready, count, flag } = house.names
      const width = bitsFor(credits + 1)
      return {
        outputs: [output(ready), outputReg(count, width), outputReg(flag)],
        body: [
          net(house, 'tot', width + 1, `{1'b0, ${count}} + (ret ? ${decimal(width + 1, back)} : ${decimal(width + 1, 0)}) - (${valid} && ${ready})`),
          `assign ${ready} = (${count} != ${decimal(width, 0)});`,
          ...clocked(house, [`${count} <= ${decimal(width, credits)};`, `${flag} <= 1'b0;`], [
            [`tot > ${decimal(width + 1, credits)}`, [`${count} <= ${decimal(width, credits)};`, `${flag} <= 1'b1;`]],
          ], [`${count} <= tot[${width - 1}:0];`]),
        ],
      }
    },
    ({ credits, back }, house) => {
      const { valid, ready, count, flag } = house.names
      const width = bitsFor(credits + 1)
      return {
        outputs: [output(ready), outputReg(count, width), outputReg(flag)],
        body: [
          variable(house, 'nxt', width),
          variable(house, 'cut'),
          `assign ${ready} = |${count};`,
          ...combinational(house, [
            `nxt = ${count} - (${valid} & ${ready});`,
            `cut = ret & (nxt > ${decimal(width, credits - back)});`,
            ...choose(house, [['cut', [`nxt = ${decimal(width, credits)};`]], ['ret', [`nxt = nxt + ${decimal(width, back)};`]]]),
          ]),
          ...clocked(house, [`${count} <= ${decimal(width, credits)};`, `${flag} <= 1'b0;`], [], [`${count} <= nxt;`, `${flag} <= ${flag} | cut;`]),
        ],
      }
    },
  ],
})
