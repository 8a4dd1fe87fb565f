import { cross, span } from '../../points.js'
import { sequentialFamily } from '../../verilog-sequential.js'
import { clocked, combinational, decimal, input, net, output, outputReg, variable } from '../../verilog-text.js'

type InterruptPoint = { readonly sources: number, readonly onEdge: boolean, readonly setWins: boolean }

export const interruptLatch = sequentialFamily<InterruptPoint>({
  name: 'interrupt-latch',
  trainingPoints: cross<InterruptPoint>({ sources: span(2, 8), onEdge: [true, false], setWins: [true, false] }),
  evaluationPoints: cross<InterruptPoint>({ sources: [10, 12, 16], onEdge: [true, false], setWins: [true, false] }),
  module: ({ sources, onEdge, setWins }) => `irq${sources}_${onEdge ? 'edge' : 'level'}${setWins ? '_set' : ''}`,
  wording({ sources: n, onEdge, setWins }, { clear, mask }) {
    const event = onEdge ? 'is 1, one edge ago 0' : 'is 1'
    const winner = setWins ? 'setting wins' : 'clearing wins'
    return {
      what: 'an interrupt latch',
      reset: onEdge ? 'clearing pend and old src' : 'clearing pend',
      behaviour: [
        `Inputs src, ${clear}, ${mask} and register pend have ${n} bits. Bitwise, an edge sets pend where src ${event} and clears it where ${clear} is 1; ${winner}; output irq ORs pend AND ${mask}.`,
        `Output irq is 1 when pend AND ${mask} is not 0. Per bit, register pend (${n} bits like src, ${clear}, ${mask}) is set at an edge if src ${event}, cleared if ${clear} is 1; ${winner}.`,
        `With ${n} bits each: register pend is set where src ${event}, cleared where ${clear} is 1 (${winner}), at every edge. Output irq is high when pend AND ${mask} is not 0.`,
        `Bit by bit (${n} bits in src, ${clear}, ${mask} and register pend), src sets pend at an edge if it ${event}, ${clear} clears it, ${winner}. Output irq ORs pend AND ${mask}.`,
      ],
    }
  },
  inputs: ({ sources }, { clear, mask }) => [input('src', sources), input(clear, sources), input(mask, sources)],
  codings: [
    ({ sources: n, onEdge, setWins }, house) => {
      const { clear, mask } = house.names
      const event = onEdge ? 'evt' : 'src'
      return {
        outputs: [outputReg('pend', n), output('irq')],
        body: [
          ...(onEdge ? [variable(house, 'prev', n), net(house, 'evt', n, 'src & ~prev')] : []),
          `assign irq = |(pend & ${mask});`,
          ...clocked(house, [`pend <= ${decimal(n, 0)};`, ...(onEdge ? [`prev <= ${decimal(n, 0)};`] : [])], [], [
            ...(onEdge ? ['prev <= src;'] : []),
            setWins ? `pend <= (pend & ~${clear}) | ${event};` : `pend <= (pend | ${event}) & ~${clear};`,
          ]),
        ],
      }
    },
    ({ sources: n, onEdge, setWins }, house) => {
      const { clear, mask } = house.names
      const event = onEdge ? 'src[i] && !prev[i]' : 'src[i]'
      const choice = setWins ? `(${event}) ? 1'b1 : ${clear}[i] ? 1'b0` : `${clear}[i] ? 1'b0 : (${event}) ? 1'b1`
      return {
        outputs: [outputReg('pend', n), output('irq')],
        body: [
          ...(onEdge ? [variable(house, 'prev', n)] : []),
          variable(house, 'nxt', n),
          'integer i;',
          ...combinational(house, [`for (i = 0; i < ${n}; i = i + 1) nxt[i] = ${choice} : pend[i];`]),
          ...clocked(house, [`pend <= ${decimal(n, 0)};`], [], ['pend <= nxt;']),
          ...(onEdge ? clocked(house, [`prev <= ${decimal(n, 0)};`], [], ['prev <= src;']) : []),
          `assign irq = (pend & ${mask}) != ${decimal(n, 0)};`,
        ],
      }
    },
  ],
})
