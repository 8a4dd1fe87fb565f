import type { Statements } from './circuit.js'
import { chooser, distinct, EVALUATION_ANGLES, range, TRAINING_ANGLES } from './points.js'
import { quantumFamily } from './quantum-family.js'

type SwapTestPoint = { size: number, left: string, right: string }

function points(seed: number, sizes: readonly number[], angles: readonly string[], count: number): SwapTestPoint[] {
  const choose = chooser(seed)
  return distinct(range(count).map((i) => ({ size: sizes[i % sizes.length]!, left: choose.one(angles), right: choose.one(angles) })))
}

/** Swaps b and c if a is 1, with the outer CNOTs either way round. */
function controlledSwap(body: Statements, a: string, b: string, c: string): void {
  body.gate('cx', c, b).gate('ccx', a, b, c).gate('cx', c, b)
}

export const swapTest = quantumFamily<SwapTestPoint>({
  name: 'swap-test',
  trainingPoints: points(51, [1, 2], TRAINING_ANGLES, 1200),
  evaluationPoints: points(52, [1, 2, 3], EVALUATION_ANGLES, 96),
  codings: 3,

  asks({ size, left, right }, words) {
    const { a, b, ancilla } = words
    const registers = `${words.declared(ancilla, 1)}, ${words.declared(a, size)} and ${words.declared(b, size)}`
    return [
      `compare two registers by a swap test on ${registers}: ry(${left}) on every qubit of ${a}, ry(${right}) on every qubit of ${b}, h on ${ancilla}[0], swap ${a}[i] with ${b}[i] controlled by ${ancilla}[0], h on ${ancilla}[0].`,
      `write a swap test. ${registers} hold the control and the states, prepared by ry(${left}) on ${a} and ry(${right}) on ${b}; ${ancilla}[0] gets h before and after the controlled swaps of ${a}[i] and ${b}[i].`,
      `estimate the overlap of ry(${left})|0> and ry(${right})|0>, ${size === 1 ? 'one copy' : `${size} copies`} each in ${a} and ${b}, with ${registers}: h, controlled swap of each ${a}[i] with ${b}[i], h on ${ancilla}[0].`,
      `rotate ${a} by ry(${left}) and ${b} by ry(${right}), then test them for equality with h on ${ancilla}[0], cswap per index controlled by it, and h again. Registers are ${registers}.`,
    ]
  },

  reads: (_point, { ancilla, bits }) => ({ from: ancilla, into: bits }),

  write({ size, left, right }, circuit, coding) {
    const exchange = coding === 2 ? circuit.define('fredkin', 3, (body, [a, b, c]) => { controlledSwap(body, a!, b!, c!) }) : undefined
    const ancilla = circuit.qubits('ancilla', 1)
    const a = circuit.qubits('a', size)
    const b = circuit.qubits('b', size)
    const control = ancilla.at(0)
    circuit.each(0, size - 1, (body, at) => body.turn('ry', left, a.at(at())))
    circuit.each(0, size - 1, (body, at) => body.turn('ry', right, b.at(at())))
    circuit.gate('h', control)
    circuit.each(0, size - 1, (body, at) => {
      const [first, second] = [a.at(at()), b.at(at())]
      if (exchange !== undefined) body.gate(exchange, control, first, second)
      else if (coding === 1) controlledSwap(body, control, second, first)
      else if (body.style.version === 3) body.gate('cswap', control, first, second)
      else controlledSwap(body, control, first, second)
    })
    circuit.gate('h', control).readOut(ancilla)
  },
})
