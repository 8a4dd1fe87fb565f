import { half, negate, scaleAngle } from './angle.js'
import { chooser, distinct, EVALUATION_ANGLES, halfMeasured, range, TRAINING_ANGLES } from './points.js'
import { quantumFamily } from './quantum-family.js'

/** Step i has the angle times growth^i. */
type LadderPoint = { qubits: number, axis: 'ry' | 'rz', shape: 'chain' | 'fan', growth: 'constant' | 'doubling' | 'halving', angle: string, measured: boolean }

function points(seed: number, sizes: readonly number[], angles: readonly string[], count: number): LadderPoint[] {
  const choose = chooser(seed)
  return halfMeasured(distinct(range(count).map((i) => ({
    qubits: sizes[i % sizes.length]!, axis: choose.one(['ry', 'rz'] as const), shape: choose.one(['chain', 'fan'] as const),
    growth: choose.one(['constant', 'doubling', 'halving'] as const), angle: choose.one(angles),
  }))))
}

export const rotationLadder = quantumFamily<LadderPoint>({
  name: 'rotation-ladder',
  trainingPoints: points(191, [3, 4, 5, 6], TRAINING_ANGLES, 1600),
  evaluationPoints: points(192, [3, 5, 7], EVALUATION_ANGLES, 96),
  codings: 3,

  asks({ qubits, axis, shape, growth, angle }, words) {
    const { data: q } = words
    const step = shape === 'chain' ? `${q}[i] controls ${axis} on ${q}[i+1]` : `${q}[i] controls ${axis} on ${q}[${qubits - 1}]`
    const list = range(qubits - 1).map((i) => stepAngle(growth, angle, i)).join(', ')
    const rule = { constant: `always by ${angle}`, doubling: `by ${angle} times 2^i`, halving: `by ${angle} divided by 2^i` }[growth]
    return [
      `write a ladder of controlled rotations on the ${words.sized(q, qubits)}: for i = 0 to ${qubits - 2} in order ${step}, ${rule}.`,
      `apply controlled ${axis} gates to ${words.declared(q, qubits)} one after another, where ${step} by the i-th of ${list} (i from 0).`,
      `let each qubit of ${words.declared(q, qubits)} rotate ${shape === 'chain' ? 'its successor' : 'the last one'}: ${step}, angles ${list}, starting at i = 0. It is the usual c${axis} with half-angle matrices.`,
      `make a ${shape} of c${axis} gates in register ${q} of ${qubits} qubits, ascending in i: ${step}, ${rule}. No phase beyond that of ${axis}.`,
    ]
  },

  write({ qubits, axis, shape, growth, angle, measured }, circuit, coding) {
    const own = coding === 2 ? circuit.define(`half${axis}`, 2, (body, [control, target], formal) => body.halfTurns(axis, formal, control!, target!, 'cx'), true) : undefined
    const q = circuit.qubits('data', qubits)
    for (const i of range(qubits - 1)) {
      const [control, target] = [q.at(i), q.at(shape === 'chain' ? i + 1 : qubits - 1)]
      const turn = stepAngle(growth, angle, i)
      if (own !== undefined) circuit.turn(own, half(turn), control, target)
      else if (coding === 0 && axis === 'rz') circuit.controlledRz(turn, control, target)
      else if (coding === 0) circuit.controlledRy(turn, control, target)
      else if (axis === 'ry') circuit.halfTurns('ry', half(turn), control, target, 'cz')
      // The two halves of a diagonal gate may come in either order.
      else circuit.gate('cx', control, target).turn('rz', negate(half(turn)), target).gate('cx', control, target).turn('rz', half(turn), target)
    }
    if (measured) circuit.readOut(q)
  },
})

function stepAngle(growth: LadderPoint['growth'], angle: string, step: number): string {
  if (growth === 'constant') return angle
  return growth === 'doubling' ? scaleAngle(angle, 2 ** step) : scaleAngle(angle, 1, 2 ** step)
}
