import { addAngles, half, negate } from './angle.js'
import type { Statements } from './circuit.js'
import { chooser, distinct, EVALUATION_ANGLES, halfMeasured, range, TRAINING_ANGLES } from './points.js'
import { quantumFamily } from './quantum-family.js'

/** ry of `root` on the high qubit, of `zero` or `one` on the low qubit, after the high qubit's value. */
type EncodingPoint = { root: string, zero: string, one: string, high: 0 | 1, measured: boolean }

function points(seed: number, angles: readonly string[], count: number): EncodingPoint[] {
  const choose = chooser(seed)
  const units = [angles.filter((angle) => angle.includes('pi')), angles.filter((angle) => !angle.includes('pi'))]
  return halfMeasured(distinct(range(count).map((i) => {
    // Their half sum and half difference must be writable exactly: both multiples of pi, or both numbers.
    const [zero, one] = choose.some(units[i % 2]!, 2)
    return { root: choose.one(angles), zero: zero!, one: one!, high: choose.one([0, 1] as const) }
  })))
}

export const amplitudeEncoding = quantumFamily<EncodingPoint>({
  name: 'amplitude-encoding',
  trainingPoints: points(231, TRAINING_ANGLES, 1440),
  evaluationPoints: points(232, EVALUATION_ANGLES, 96),
  codings: 3,

  asks({ root, zero, one, high }, words) {
    const { data: q } = words
    const [top, low] = [`${q}[${high}]`, `${q}[${1 - high}]`]
    return [
      `encode four real amplitudes in ${words.declared(q, 2)} by a tree of rotations: ry(${root}) on ${top}, then on ${low} ry(${zero}) if ${top} is 0 and ry(${one}) if ${top} is 1.`,
      `load data into the ${words.sized(q, 2)} with a uniformly controlled ry: first ${top} turns by ${root}; after that ${low} turns by ${zero} for ${top} = 0 and by ${one} for ${top} = 1.`,
      `prepare a real two-qubit state of ${words.declared(q, 2)} from the angles ${root}, ${zero}, ${one}. The first is ry on ${top}; the others are ry on ${low}, selected by ${top} being 0 or 1.`,
      `write amplitude encoding for register ${q} of 2 qubits. Rotate ${top} by ry(${root}), and ${low} by ry(${zero}) or ry(${one}) where ${top} holds 0 or 1.`,
    ]
  },

  write({ root, zero, one, high, measured }, circuit, coding) {
    const select = coding === 2 ? circuit.define('pickry', 2, (body, [control, target]) => { multiplexed(body, zero, one, control!, target!) }) : undefined
    const q = circuit.qubits('data', 2)
    const [top, low] = [q.at(high), q.at(1 - high)]
    circuit.turn('ry', root, top)
    if (select !== undefined) circuit.gate(select, top, low)
    else if (coding === 1) multiplexed(circuit, zero, one, top, low)
    else circuit.gate('x', top).controlledRy(zero, top, low).gate('x', top).controlledRy(one, top, low)
    if (measured) circuit.readOut(q)
  },
})

/** Half sum and half difference of the two angles, see Möttönen et al. 2004 (quant-ph/0404089). */
function multiplexed(body: Statements, zero: string, one: string, control: string, target: string): void {
  const mean = half(addAngles(zero, one))
  const difference = half(addAngles(zero, negate(one)))
  body.turn('ry', mean, target).gate('cx', control, target).turn('ry', difference, target).gate('cx', control, target)
}
