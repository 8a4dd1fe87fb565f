import { cross, span } from '../../points.js'
import { sequentialFamily } from '../../verilog-sequential.js'
import { bitsFor, caseOf, clocked, combinational, decimal, input, net, output, outputReg, variable } from '../../verilog-text.js'

type BucketPoint = { readonly burst: number, readonly interval: number }

export const tokenBucket = sequentialFamily<BucketPoint>({
  name: 'token-bucket',
  trainingPoints: cross<BucketPoint>({ burst: [2, 3, 4, 6, 7], interval: span(2, 6) }),
  evaluationPoints: cross<BucketPoint>({ burst: [8, 9, 12, 15], interval: [3, 5, 7] }),
  module: ({ burst, interval }) => `bucket${burst}_${interval}`,
  wording({ burst, interval }, { request, grant, count }) {
    const width = bitsFor(burst + 1)
    return {
      what: 'a token bucket',
      reset: `setting ${count} to ${burst}, timer 0`,
      behaviour: [
        `Output ${grant}, combinational, is ${request} while ${width}-bit output ${count} is not 0; it takes a token at the edge. A free-running timer counts 0 to ${interval - 1}; its wrap adds a token unless ${count} would exceed ${burst}.`,
        `Output ${count} (${width} bits) holds up to ${burst} tokens. ${request} with tokens left makes output ${grant} high at once and uses one; each wrap of a free-running timer, 0 to ${interval - 1}, adds one if there is then room.`,
        `Each edge with output ${grant} takes a token from ${count} (output, ${width} bits); ${grant} is ${request} with ${count} above 0. Each wrap of a timer running 0 to ${interval - 1} adds one, the net total kept at ${burst} or below.`,
        `Tokens, output ${count} (${width} bits, at most ${burst}), are used by output ${grant}: ${request} and ${count} not 0. A timer runs 0 to ${interval - 1} cyclically; each wrap adds a token, a simultaneous use cancelling out.`,
      ],
    }
  },
  inputs: (_, { request }) => [input(request)],
  codings: [
    ({ burst, interval }, house) => {
      const { request, grant, count } = house.names
      const [width, size] = [bitsFor(burst + 1), bitsFor(interval)]
      return {
        outputs: [output(grant), outputReg(count, width)],
        body: [
          variable(house, 'ctr', size),
          net(house, 'add', 1, `(ctr == ${decimal(size, interval - 1)})`),
          `assign ${grant} = ${request} && ${count} != ${decimal(width, 0)};`,
          ...clocked(house, [`ctr <= ${decimal(size, 0)};`], [], [`ctr <= add ? ${decimal(size, 0)} : ctr + 1'b1;`]),
          ...clocked(house, [`${count} <= ${decimal(width, burst)};`], [
            [`${grant} && !add`, [`${count} <= ${count} - 1'b1;`]],
            [`add && !${grant} && ${count} != ${decimal(width, burst)}`, [`${count} <= ${count} + 1'b1;`]],
          ]),
        ],
      }
    },
    ({ burst, interval }, house) => {
      const { request, grant, count } = house.names
      const [width, size] = [bitsFor(burst + 1), bitsFor(interval)]
      return {
        outputs: [output(grant), outputReg(count, width)],
        body: [
          variable(house, 'ctr', size),
          variable(house, 'add'),
          net(house, 'room', 1, `(${count} < ${decimal(width, burst)})`),
          `assign ${grant} = ${request} & |${count};`,
          ...combinational(house, [`add = ctr == ${decimal(size, interval - 1)};`]),
          ...clocked(house, [`ctr <= ${decimal(size, 0)};`, `${count} <= ${decimal(width, burst)};`], [], [
            `ctr <= (ctr + 1'b1) & {${size}{~add}};`,
            ...caseOf(house, `{add, ${grant}}`, [
              ['2\'b01', [`${count} <= ${count} - 1'b1;`]],
              ['2\'b10', [`${count} <= ${count} + room;`]],
              ['default', [`${count} <= ${count};`]],
            ]),
          ]),
        ],
      }
    },
  ],
})
