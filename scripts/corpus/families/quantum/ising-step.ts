import { chooser, distinct, EVALUATION_ANGLES, halfMeasured, range, TRAINING_ANGLES } from './points.js'
import { quantumFamily } from './quantum-family.js'

type IsingPoint = { qubits: number, ring: boolean, steps: number, coupling: string, field: string, measured: boolean }

function points(seed: number, sizes: readonly number[], angles: readonly string[], count: number): IsingPoint[] {
  const choose = chooser(seed)
  return halfMeasured(distinct(range(count).map((i) => {
    const qubits = sizes[i % sizes.length]!
    return { qubits, ring: qubits > 2 && choose.pick(2) === 1, steps: qubits > 3 ? 1 : 1 + choose.pick(2), coupling: choose.one(angles), field: choose.one(angles) }
  })))
}

export const isingStep = quantumFamily<IsingPoint>({
  name: 'ising-step',
  trainingPoints: points(91, [2, 3, 4, 5], TRAINING_ANGLES, 1280),
  evaluationPoints: points(92, [3, 4, 6], EVALUATION_ANGLES, 96),
  codings: 4,

  asks({ qubits, ring, steps, coupling, field }, words) {
    const { data: q } = words
    const bonds = ring ? `neighbours of the ring (with ${q}[${qubits - 1}],${q}[0])` : 'neighbours of the open chain'
    const times = steps === 1 ? 'one Trotter step' : `${steps} Trotter steps`
    return [
      `apply ${times} of the transverse-field Ising model to the ${words.sized(q, qubits)}: exp(-i*(${coupling})/2*ZZ) on all ${bonds}, then rx(${field}) on every qubit.`,
      `evolve ${words.declared(q, qubits)} by ${times}, each made of rzz(${coupling}) on the ${bonds} followed by rx(${field}) on all qubits.`,
      `simulate an Ising ${ring ? 'ring' : 'chain'} of ${qubits} spins in register ${q}, ${times}: ZZ rotations of angle ${coupling} between ${bonds}, X rotations of angle ${field} on each spin.`,
      `write ${times} of Ising dynamics on ${words.declared(q, qubits)} with rzz angle ${coupling} for the ${bonds} and after them rx angle ${field} everywhere. rzz is cx, rz, cx.`,
    ]
  },

  write({ qubits, ring, steps, coupling, field, measured }, circuit, coding) {
    const bond = coding === 1 ? circuit.define('bond', 2, (body, [a, b], angle) => body.zz(angle, a!, b!), true) : undefined
    const q = circuit.qubits('data', qubits)
    const pairs = range(ring ? qubits : qubits - 1).map((i) => [q.at(i), q.at((i + 1) % qubits)] as const)
    // All bonds commute: one coding takes the even ones first.
    const order = coding === 3 ? [...pairs.filter((_, i) => i % 2 === 0), ...pairs.filter((_, i) => i % 2 === 1)] : pairs
    for (let step = 0; step < steps; step++) {
      for (const [a, b] of order) {
        if (bond !== undefined) circuit.turn(bond, coupling, a, b)
        else if (coding === 2) circuit.gate('h', b).gate('cz', a, b).turn('rx', coupling, b).gate('cz', a, b).gate('h', b)
        else if (coding === 3) circuit.zz(coupling, b, a)
        else circuit.zz(coupling, a, b)
      }
      circuit.each(0, qubits - 1, (body, at) => body.turn('rx', field, q.at(at())))
    }
    if (measured) circuit.readOut(q)
  },
})
