import { chooser, distinct, EVALUATION_ANGLES, halfMeasured, range, TRAINING_ANGLES } from './points.js'
import { quantumFamily } from './quantum-family.js'

/** Parities such as `0,2 1,2,3` and the phase that each odd one gets. */
type ParityPoint = { qubits: number, parities: string, angles: string, measured: boolean }

function points(seed: number, sizes: readonly number[], angles: readonly string[], count: number): ParityPoint[] {
  const choose = chooser(seed)
  return halfMeasured(distinct(range(count).map((i) => {
    const qubits = sizes[i % sizes.length]!
    const parities = distinct(range(1 + choose.pick(3)).map(() => ({ set: choose.some(range(qubits), 2 + choose.pick(qubits - 1)).sort().join(',') }))).map(({ set }) => set)
    return { qubits, parities: parities.join(' '), angles: parities.map(() => choose.one(angles)).join(' ') }
  })))
}

export const parityPhase = quantumFamily<ParityPoint>({
  name: 'parity-phase',
  trainingPoints: points(261, [3, 4, 5], TRAINING_ANGLES, 1680),
  evaluationPoints: points(262, [4, 5, 6], EVALUATION_ANGLES, 96),
  codings: 3,

  asks({ qubits, parities, angles }, words) {
    const { data: q } = words
    const turns = angles.split(' ')
    const sets = parities.split(' ')
    const sums = sets.map((set, i) => `${turns[i]!} on ${set.split(',').map((index) => `x${index}`).join('^')}`).join(', ')
    const conjugations = sets.map((set, i) => `${turns[i]!} for {${set}}`).join(', ')
    return [
      `apply phases to parities of ${words.declared(q, qubits)}, with xi the value of ${q}[i]: ${sums}. An odd parity gets e^(i*angle), an even one nothing.`,
      `write a CNOT-phase circuit for the ${words.sized(q, qubits)} that gives |x> the phase e^(i*angle) for each odd parity: ${sums} (xi is ${q}[i]). All qubits return to their values.`,
      `conjugate phase gates by CNOT chains on ${words.declared(q, qubits)}: ${conjugations}, meaning phase(angle) on the xor of the qubits with these indices, computed by cx into the last and undone.`,
      `implement the diagonal operator of the phase polynomial ${conjugations} in register ${q} of ${qubits} qubits, where each set of indices stands for the xor of its qubits and odd means e^(i*angle).`,
    ]
  },

  write({ qubits, parities, angles, measured }, circuit, coding) {
    const q = circuit.qubits('data', qubits)
    const turns = angles.split(' ')
    parities.split(' ').forEach((set, index) => {
      const members = set.split(',').map((i) => q.at(i))
      const collect = coding === 1 ? members.toReversed() : members
      const last = collect.at(-1)!
      const ladder = collect.slice(0, -1).map((member, i) => [member, coding === 2 ? last : collect[i + 1]!] as const)
      ladder.forEach(([from, to]) => circuit.gate('cx', from, to))
      if (coding === 2) circuit.turn('rz', turns[index]!, last)
      else circuit.phase(turns[index]!, last)
      ladder.toReversed().forEach(([from, to]) => circuit.gate('cx', from, to))
    })
    if (measured) circuit.readOut(q)
  },
})
