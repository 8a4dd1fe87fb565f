import type { Statements } from './circuit.js'
import { bitAt, bitStrings, combine, halfMeasured, range } from './points.js'
import { quantumFamily } from './quantum-family.js'

/** Fires where the controls read `pattern`; all but two controls need an ancilla each. */
type ControlledPoint = { pattern: string, gate: 'x' | 'z', measured: boolean }

const gates = { gate: ['x', 'z'] } as const
const fourBits = bitStrings(4)
const trainedOn = fourBits.filter((_, i) => i % 2 === 0)

/** Toffoli from the Clifford+T set, Nielsen and Chuang figure 4.9. */
export function cliffordToffoli(body: Statements, a: string, b: string, c: string): void {
  body.gate('h', c).gate('cx', b, c).gate('tdg', c).gate('cx', a, c).gate('t', c).gate('cx', b, c).gate('tdg', c).gate('cx', a, c)
    .gate('t', b).gate('t', c).gate('h', c).gate('cx', a, b).gate('t', a).gate('tdg', b).gate('cx', a, b)
}

export const multiControlled = quantumFamily<ControlledPoint>({
  name: 'multi-controlled',
  trainingPoints: halfMeasured([...combine({ pattern: [...bitStrings(2), ...bitStrings(3)], ...gates }), ...combine({ pattern: trainedOn, ...gates })]),
  evaluationPoints: halfMeasured(combine({ pattern: fourBits.filter((text) => !trainedOn.includes(text)), ...gates })),
  codings: 3,

  asks({ pattern, gate }, words) {
    const { data: q, ancilla, target } = words
    const count = pattern.length
    const place = `${words.declared(q, count)}${count > 2 ? `, ${words.declared(ancilla, count - 2)}` : ''} and ${words.declared(target, 1)}`
    const order = `rightmost bit ${q}[0]`
    const work = count === 2
      ? ''
      : ` Work qubits: ccx ${q}[0],${q}[1] to ${ancilla}[0]${count === 4 ? `, ccx ${q}[2],${ancilla}[0] to ${ancilla}[1]` : ''}, undone after use.`
    return [
      `apply ${gate} to ${target}[0] where the controls ${q} read ${pattern} (${order}), on ${place}; x gates around turn 0-controls into 1-controls.${work}`,
      `write the ${gate} gate with ${count} controls for ${place}. It fires on ${q} = ${pattern}, ${order}, with x before and after on the zeros.${work}`,
      `condition ${gate} of ${target}[0] on ${q} = ${pattern}, where the ${order.replace('bit', 'bit is for')}. Registers ${place}; zeros are inverted by x and restored.${work}`,
      `build a Toffoli ladder on ${place} which does ${gate} on ${target}[0] exactly if ${q} holds ${pattern}, ${order}.${work} Invert the zeros before and after.`,
    ]
  },

  write({ pattern, gate, measured }, circuit, coding) {
    const count = pattern.length
    const toffoli = coding === 2 ? circuit.define('toff', 3, (body, [a, b, c]) => { cliffordToffoli(body, a!, b!, c!) }) : 'ccx'
    const q = circuit.qubits('data', count)
    const ancillas = count > 2 ? circuit.qubits('ancilla', count - 2).all : []
    const target = circuit.qubits('target', 1).at(0)
    const zeros = q.all.filter((_, i) => !bitAt(pattern, i))
    const and = (a: string, b: string, c: string): void => { circuit.gate(toffoli, ...coding === 1 ? [b, a, c] : [a, b, c]) }
    const ladder = range(count - 2).map((i) => [i === 0 ? q.at(0) : q.at(i + 1), i === 0 ? q.at(1) : ancillas[i - 1]!, ancillas[i]!] as const)
    zeros.forEach((qubit) => circuit.gate('x', qubit))
    ladder.forEach((step) => { and(...step) })
    if (gate === 'z') circuit.gate('h', target)
    and(q.at(count - 1), ancillas.at(-1) ?? q.at(0), target)
    if (gate === 'z') circuit.gate('h', target)
    ladder.toReversed().forEach((step) => { and(...step) })
    zeros.forEach((qubit) => circuit.gate('x', qubit))
    if (measured) circuit.readOut(q)
  },
})
