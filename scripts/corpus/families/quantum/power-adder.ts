import type { Statements } from './circuit.js'
import { halfMeasured, range } from './points.js'
import { quantumFamily, type Vocabulary } from './quantum-family.js'

/** Adds or subtracts 2^power, if the control (where there is one) is 1. At most two controls per gate, so no ancillas. */
type PowerPoint = { qubits: number, power: number, operation: 'increment' | 'decrement', controlled: boolean, least: 'first' | 'last', measured: boolean }

function points(sizes: readonly number[]): PowerPoint[] {
  const all = sizes.flatMap((qubits) => range(qubits).flatMap((power) => [false, true].flatMap((controlled) =>
    qubits - 1 - power + Number(controlled) > 2
      ? []
      : (['increment', 'decrement'] as const).flatMap((operation) => (['first', 'last'] as const).map((least) => ({ qubits, power, operation, controlled, least }))))))
  return halfMeasured(all.filter(({ qubits, power, controlled }) => qubits - 1 - power + Number(controlled) > 0))
}

/** x, cx or ccx; the second coding names two controls in the other order. */
function flip(body: Statements, controls: readonly string[], target: string, coding: number): void {
  const order = coding === 0 ? controls : controls.toReversed()
  body.gate(['x', 'cx', 'ccx'][controls.length]!, ...order, target)
}

export const powerAdder = quantumFamily<PowerPoint>({
  name: 'power-adder',
  trainingPoints: points([3, 4, 5]),
  evaluationPoints: points([6, 7]),
  codings: 2,

  asks(point, words) {
    const { data: q, control } = words
    const { qubits, power, operation, controlled, least } = point
    const modulus = 2 ** qubits
    const change = `${operation === 'increment' ? '+' : '-'} ${2 ** power}`
    const low = `${q}[${least === 'first' ? 0 : qubits - 1}]`
    const when = controlled ? ` if ${control}[0] is 1` : ''
    const place = registers(point, words)
    return [
      `${operation} by ${2 ** power} modulo ${modulus}${when}: map ${q} to ${q} ${change} on ${place}, with ${low} least significant.`,
      `write a quantum ${operation}er by ${2 ** power} for the number in ${q}, modulo ${modulus}${when}. Registers: ${place}; ${low} is the lowest bit.`,
      `take |n> to |n ${change} mod ${modulus}>${when}, where n is held by ${q} with ${low} as its least significant qubit; use ${place}.`,
      `build from x, cx and ccx a circuit on ${place} that replaces the value n of ${q} by (n ${change}) mod ${modulus}${when}. The lowest bit of n sits in ${low}.`,
    ]
  },

  write({ qubits, power, operation, controlled, least, measured }, circuit, coding) {
    const q = circuit.qubits('data', qubits)
    const control = controlled ? [circuit.qubits('control', 1).at(0)] : []
    const bits = (least === 'first' ? q.all : q.all.toReversed()).slice(power)
    // Counting down is counting up between complements; the other coding counts the other way inside.
    const up = operation === 'increment'
    const order = range(bits.length)
    if (coding === 1) bits.forEach((qubit) => circuit.gate('x', qubit))
    for (const i of (coding === 0) === up ? order.toReversed() : order) flip(circuit, [...control, ...bits.slice(0, i)], bits[i]!, coding)
    if (coding === 1) bits.forEach((qubit) => circuit.gate('x', qubit))
    if (measured) circuit.readOut(q)
  },
})

function registers({ qubits, controlled }: PowerPoint, words: Vocabulary): string {
  return `${words.declared(words.data, qubits)}${controlled ? ` and ${words.declared(words.control, 1)}` : ''}`
}
