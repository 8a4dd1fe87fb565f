import type { Statements } from './circuit.js'
import { chooser, distinct, EVALUATION_ANGLES, halfMeasured, range, TRAINING_ANGLES } from './points.js'
import { quantumFamily } from './quantum-family.js'

/** `angles`: one per qubit and rotation layer, qubit 0 first. `closing`: one more rotation layer after the last entangler. */
type AnsatzPoint = { qubits: number, layers: number, rotation: 'rx' | 'ry' | 'rz', entangler: 'cx' | 'cz', ring: boolean, closing: boolean, angles: string, measured: boolean }

function points(seed: number, shapes: readonly (readonly [number, number])[], angles: readonly string[], count: number): AnsatzPoint[] {
  const choose = chooser(seed)
  return halfMeasured(distinct(range(count).map((i) => {
    const [qubits, layers] = shapes[i % shapes.length]!
    const closing = qubits < 4 && choose.pick(2) === 1
    return {
      qubits, layers, rotation: choose.one(['ry', 'ry', 'rx', 'rz'] as const), entangler: choose.one(['cx', 'cz'] as const), ring: qubits > 2 && choose.pick(3) === 0, closing,
      angles: range(qubits * (layers + Number(closing))).map(() => choose.one(angles)).join(' '),
    }
  })))
}

/** The same rotation by another gate of the library. */
function otherRotation(body: Statements, rotation: AnsatzPoint['rotation'], angle: string, qubit: string): void {
  if (rotation === 'rz') body.phase(angle, qubit)
  else if (rotation === 'ry') body.turn('u3', [angle, '0.0', '0.0'], qubit)
  else body.turn('u3', [angle, '-pi/2', 'pi/2'], qubit)
}

export const layeredAnsatz = quantumFamily<AnsatzPoint>({
  name: 'layered-ansatz',
  trainingPoints: points(111, [[2, 1], [2, 2], [3, 1], [3, 2], [4, 1], [4, 2]], TRAINING_ANGLES, 1680),
  evaluationPoints: points(112, [[3, 2], [5, 1], [4, 2], [2, 3]], EVALUATION_ANGLES, 96),
  codings: 3,

  asks({ qubits, layers, rotation, entangler, ring, closing, angles }, words) {
    const { data: q } = words
    const list = angles.split(' ')
    const each = range(list.length / qubits).map((i) => list.slice(i * qubits, (i + 1) * qubits).join(', ')).join('; ')
    const links = `${entangler} ${q}[i],${q}[i+1] in ascending order${ring ? ` and ${q}[${qubits - 1}],${q}[0] last` : ''}`
    const many = layers === 1 ? '' : 'each '
    const end = closing ? ' The last angles form a closing rotation layer without entangler.' : ''
    return [
      `build a hardware-efficient ansatz on ${words.declared(q, qubits)}: ${rotation} by ${each} (from ${q}[0] up, layers separated by semicolons), ${many}followed by ${links}.${end}`,
      `write ${layers === 1 ? 'one layer' : `${layers} layers`} of ${rotation} rotations and ${entangler} entanglers for the ${words.sized(q, qubits)}. Angles per layer from ${q}[0]: ${each}; entangler: ${links}.${end}`,
      `rotate the qubits of ${words.declared(q, qubits)} by ${rotation} with ${each}, one group per layer, and entangle ${layers === 1 ? '' : 'after each group '}by ${links}.${end}`,
      `make a variational circuit over register ${q} of ${qubits} qubits, ${rotation} angles ${each} (semicolon: next layer), entangling ${layers === 1 ? '' : 'each layer '}with ${links}.${end}`,
    ]
  },

  write({ qubits, layers, rotation, entangler, ring, closing, angles, measured }, circuit, coding) {
    const list = angles.split(' ')
    const link = coding === 2 ? circuit.define('link', 2, (body, [a, b]) => entangler === 'cx' ? body.flipByCz(a!, b!) : body.signByCx(a!, b!)) : undefined
    const q = circuit.qubits('data', qubits)
    for (let layer = 0; layer < layers + Number(closing); layer++) {
      q.all.forEach((qubit, i) => {
        const angle = list[layer * qubits + i]!
        if (coding === 1) otherRotation(circuit, rotation, angle, qubit)
        else circuit.turn(rotation, angle, qubit)
      })
      if (layer === layers) break
      const join = (body: Statements, a: string, b: string): void => { body.gate(link ?? entangler, a, b) }
      circuit.each(0, qubits - 2, (body, at) => { join(body, q.at(at()), q.at(at(1))) })
      if (ring) join(circuit, q.at(qubits - 1), q.at(0))
    }
    if (measured) circuit.readOut(q)
  },
})
