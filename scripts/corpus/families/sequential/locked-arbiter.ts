import { cross, span } from '../../points.js'
import { sequentialFamily } from '../../verilog-sequential.js'
import { choose, clocked, decimal, input, net, output, outputReg } from '../../verilog-text.js'

type LockedPoint = { readonly requesters: number, readonly lowFirst: boolean, readonly gap: boolean }

export const lockedArbiter = sequentialFamily<LockedPoint>({
  name: 'locked-arbiter',
  trainingPoints: cross<LockedPoint>({ requesters: span(2, 7), lowFirst: [true, false], gap: [true, false] }),
  evaluationPoints: cross<LockedPoint>({ requesters: [8, 9, 10], lowFirst: [true, false], gap: [true, false] }),
  module: ({ requesters, lowFirst, gap }) => `lockarb${requesters}_${lowFirst ? 'low' : 'high'}${gap ? '_gap' : ''}`,
  wording({ requesters: n, lowFirst, gap }, { request, grant, busy }) {
    const first = lowFirst ? 'lowest' : 'highest'
    const after = gap
      ? `a nonzero ${grant} becomes 0, a zero one the ${first} set bit of ${request}, if any`
      : `it becomes the ${first} set bit of ${request}, or 0 if none`
    return {
      what: 'a locking fixed-priority arbiter',
      reset: `clearing ${grant}`,
      behaviour: [
        `At each edge register ${grant} (${n} bits, one-hot or 0) holds if its bit of ${n}-bit ${request} is high. Otherwise, ${after}; output ${busy} means ${grant} not 0.`,
        `The owner in register ${grant} (${n} bits, one-hot or 0) stays while its bit of ${request} (${n} bits) is high. Otherwise, ${after}; output ${busy} ORs ${grant}.`,
        `An edge with the granted bit of ${request} (${n} bits) high keeps register ${grant} (${n} bits); else ${after}. Output ${busy} means ${grant} not 0.`,
        `Register ${grant} (${n} bits, one-hot or 0) is locked while the same bit of ${request} (${n} bits) is high. Without that, ${after}; output ${busy} means ${grant} not 0.`,
      ],
    }
  },
  inputs: ({ requesters }, { request }) => [input(request, requesters)],
  codings: [
    ({ requesters: n, lowFirst, gap }, house) => {
      const { request, grant, busy } = house.names
      const order = lowFirst ? span(0, n - 1) : span(0, n - 1).reverse()
      return {
        outputs: [outputReg(grant, n), output(busy)],
        body: [
          ...clocked(house, [`${grant} <= ${decimal(n, 0)};`], [
            [`|(${grant} & ${request})`, [`${grant} <= ${grant};`]],
            ...(gap ? [[busy, [`${grant} <= ${decimal(n, 0)};`]] as const] : []),
          ], [`${grant} <= ${order.map((bit) => `${request}[${bit}] ? ${decimal(n, 2 ** bit)} : `).join('')}${decimal(n, 0)};`]),
          `assign ${busy} = |${grant};`,
        ],
      }
    },
    ({ requesters: n, lowFirst, gap }, house) => {
      const { request, grant, busy } = house.names
      const alone = span(0, n - 1).reverse().map((bit) => bit === n - 1 ? `${request}[${bit}]` : `${request}[${bit}] & ~|${request}[${n - 1}:${bit + 1}]`)
      return {
        outputs: [outputReg(grant, n), output(busy)],
        body: [
          net(house, 'keep', n, `${grant} & ${request}`),
          net(house, 'first', n, lowFirst ? `${request} & (~${request} + 1'b1)` : `{${alone.join(', ')}}`),
          `assign ${busy} = (${grant} != ${decimal(n, 0)});`,
          ...clocked(house, [`${grant} <= ${decimal(n, 0)};`], [], choose(house, [[gap ? busy : `keep != ${decimal(n, 0)}`, [`${grant} <= keep;`]]], [`${grant} <= first;`])),
        ],
      }
    },
  ],
})
