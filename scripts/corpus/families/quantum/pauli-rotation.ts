import type { Statements } from './circuit.js'
import { chooser, distinct, EVALUATION_ANGLES, halfMeasured, range, TRAINING_ANGLES } from './points.js'
import { quantumFamily } from './quantum-family.js'

/** One or two Pauli strings, qubit 0's letter first, each with its angle. */
type RotationPoint = { paulis: string, angles: string, measured: boolean }

function points(seed: number, sizes: readonly number[], angles: readonly string[], count: number): RotationPoint[] {
  const choose = chooser(seed)
  return halfMeasured(distinct(range(count).map((i) => {
    const size = sizes[i % sizes.length]!
    const draw = (): string => {
      const text = choose.text('XYZZI', size)
      return text.replaceAll('I', '').length >= 2 ? text : draw()
    }
    const terms = size < 5 ? 1 + choose.pick(2) : 1
    return { paulis: range(terms).map(draw).join(' '), angles: range(terms).map(() => choose.one(angles)).join(' ') }
  })))
}

/** Turns the letter's basis to Z, or back. */
function toZ(body: Statements, letter: string, qubit: string, back: boolean, coding: number): void {
  if (letter === 'X') body.gate('h', qubit)
  if (letter !== 'Y') return
  if (coding === 1) {
    if (back) body.gate('h', qubit).gate('s', qubit)
    else body.gate('sdg', qubit).gate('h', qubit)
  } else body.turn('rx', back ? '-pi/2' : 'pi/2', qubit)
}

export const pauliRotation = quantumFamily<RotationPoint>({
  name: 'pauli-rotation',
  trainingPoints: points(181, [2, 3, 4, 5], TRAINING_ANGLES, 1600),
  evaluationPoints: points(182, [3, 4, 6], EVALUATION_ANGLES, 96),
  codings: 3,

  asks({ paulis, angles }, words) {
    const { data: q } = words
    const strings = paulis.split(' ')
    const turns = angles.split(' ')
    const size = strings[0]!.length
    const each = strings.map((text, i) => `exp(-i*(${turns[i]!})/2*${text})`).join(', then ')
    const short = strings.map((text, i) => `${text} by ${turns[i]!}`).join(', then ')
    const order = `letter k acts on ${q}[k]`
    return [
      `apply ${each} to the ${words.sized(q, size)}, where ${order} counting from the left. Use basis changes, a cx ladder and rz.`,
      `rotate ${words.declared(q, size)} about Pauli strings: ${short}. A rotation of P by t is exp(-i*t/2*P), and ${order}.`,
      `write the exponentiated Pauli ${strings.length === 1 ? 'string' : 'strings'} ${each} on ${words.declared(q, size)} with rz between CNOTs; the first letter belongs to ${q}[0].`,
      `generate the Pauli ${strings.length === 1 ? 'rotation' : 'rotations'} ${short} in register ${q} of ${size} qubits, leftmost letter ${q}[0], convention exp(-i*angle/2*P).`,
    ]
  },

  write({ paulis, angles, measured }, circuit, coding) {
    const strings = paulis.split(' ')
    const q = circuit.qubits('data', strings[0]!.length)
    strings.forEach((text, index) => {
      const active = Array.from(text, (letter, i) => ({ letter, qubit: q.at(i) })).filter(({ letter }) => letter !== 'I')
      // A ladder collects the parity step by step in the last qubit, a star at once in the first.
      const last = active.at(coding === 2 ? 0 : -1)!.qubit
      const ladder = coding === 2
        ? active.slice(1).map(({ qubit }) => [qubit, last] as const)
        : active.slice(0, -1).map(({ qubit }, i) => [qubit, active[i + 1]!.qubit] as const)
      active.forEach(({ letter, qubit }) => { toZ(circuit, letter, qubit, false, coding) })
      ladder.forEach(([from, to]) => circuit.gate('cx', from, to))
      if (coding === 1) circuit.phase(angles.split(' ')[index]!, last)
      else circuit.turn('rz', angles.split(' ')[index]!, last)
      ladder.toReversed().forEach(([from, to]) => circuit.gate('cx', from, to))
      active.forEach(({ letter, qubit }) => { toZ(circuit, letter, qubit, true, coding) })
    })
    if (measured) circuit.readOut(q)
  },
})
