import { cross, span } from '../../points.js'
import { sequentialFamily } from '../../verilog-sequential.js'
import { choose, clocked, decimal, input, net, output, outputReg, repeat, variable } from '../../verilog-text.js'

/** `acked`: the turn passes on only in cycles with ack high. */
type RoundRobinPoint = { readonly requesters: number, readonly registered: boolean, readonly acked: boolean }

export const roundRobinArbiter = sequentialFamily<RoundRobinPoint>({
  name: 'round-robin-arbiter',
  trainingPoints: cross<RoundRobinPoint>({ requesters: span(3, 7), registered: [true, false], acked: [true, false] }),
  evaluationPoints: cross<RoundRobinPoint>({ requesters: [8, 9, 10], registered: [true, false], acked: [true, false] }),
  module: ({ requesters, registered, acked }) => `rr${requesters}${registered ? '_r' : ''}${acked ? '_ack' : ''}`,
  wording({ requesters: n, registered, acked }, { request, grant }) {
    const shown = registered
      ? `register ${grant} (${n} bits) takes it one-hot, 0 if none`
      : `output ${grant} (${n} bits) shows it at once, one-hot, 0 if none`
    const when = acked ? 'any request and ack' : 'any request'
    return {
      what: 'a round-robin arbiter',
      reset: registered ? `clearing ${grant} and turn` : 'clearing turn',
      behaviour: [
        `The winner is the first set bit of ${n}-bit ${request} from the turn upwards, cyclically; ${shown}. An edge with ${when} moves the turn just above the winner, modulo ${n}.`,
        `Search ${request} (${n} bits) upwards from the turn, cyclically: the first set bit wins, and ${shown}. At an edge with ${when}, the turn becomes winner + 1 modulo ${n}.`,
        `Of the set bits of ${request} (${n} bits), the one at or nearest above the turn, cyclically, wins; ${shown}. Edges with ${when} set the turn just after it, modulo ${n}.`,
        `Going up cyclically from the turn, the first set bit of ${request} (${n} bits) is the winner: ${shown}. An edge with ${when} gives the turn to winner + 1, modulo ${n}.`,
      ],
    }
  },
  inputs: ({ requesters, acked }, { request }) => [input(request, requesters), ...(acked ? [input('ack')] : [])],
  codings: [
    ({ requesters: n, registered, acked }, house) => {
      const { request, grant } = house.names
      const win = registered ? 'win' : grant
      return {
        outputs: [registered ? outputReg(grant, n) : output(grant, n)],
        body: [
          variable(house, 'ptr', n),
          net(house, 'dbl', 2 * n, `{${request}, ${request}} & ~({${request}, ${request}} - ptr)`),
          ...(registered ? [net(house, 'win', n)] : []),
          `assign ${win} = dbl[${n - 1}:0] | dbl[${2 * n - 1}:${n}];`,
          ...clocked(house, [`ptr <= ${decimal(n, 1)};`], [[`|${request}${acked ? ' && ack' : ''}`, [`ptr <= {${win}[${n - 2}:0], ${win}[${n - 1}]};`]]]),
          ...(registered ? clocked(house, [`${grant} <= ${decimal(n, 0)};`], [], [`${grant} <= win;`]) : []),
        ],
      }
    },
    ({ requesters: n, registered, acked }, house) => {
      const { request, grant } = house.names
      return {
        outputs: [registered ? outputReg(grant, n) : output(grant, n)],
        body: [
          variable(house, 'above', n),
          net(house, 'hi', n, `${request} & above`),
          net(house, 'cand', n, `(hi != ${decimal(n, 0)}) ? hi : ${request}`),
          net(house, 'win', n, `cand & (~cand + 1'b1)`),
          ...(registered ? [] : [`assign ${grant} = win;`]),
          ...clocked(house, [`above <= ${repeat(n, '1\'b1')};`, ...(registered ? [`${grant} <= ${decimal(n, 0)};`] : [])], [], [
            ...(registered ? [`${grant} <= win;`] : []),
            ...choose(house, [[`win != ${decimal(n, 0)}${acked ? ' && ack' : ''}`, ['above <= ~(win | (win - 1\'b1));']]]),
          ]),
        ],
      }
    },
  ],
})
