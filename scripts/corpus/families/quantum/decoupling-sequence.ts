import type { Register, Statements } from './circuit.js'
import { chooser, distinct, EVALUATION_ANGLES, halfMeasured, range, TRAINING_ANGLES } from './points.js'
import { quantumFamily } from './quantum-family.js'

/** `pulses`: letters X, Y, Z in time order. Between pulses every qubit precesses by rz of `drift`. */
type DecouplingPoint = { qubits: number, pulses: string, drift: string, ramsey: boolean, measured: boolean }

const TRAINED = ['XX', 'YY', 'XYXY', 'XZXZ', 'YZ', 'XYX', 'YXYX', 'XYYX', 'XYZ', 'ZYX', 'YXXY'] as const
const HELD_OUT = ['XYXYYX', 'YYXX', 'ZXZX', 'XXYYX', 'ZYZY'] as const

function points(seed: number, pulses: readonly string[], sizes: readonly number[], angles: readonly string[], count: number): DecouplingPoint[] {
  const choose = chooser(seed)
  return halfMeasured(distinct(range(count).map((i) => ({
    qubits: sizes[i % sizes.length]!, pulses: pulses[i % pulses.length]!, drift: choose.one(angles), ramsey: choose.pick(2) === 1,
  }))))
}

function pulse(body: Statements, letter: string, qubit: string, coding: number): void {
  if (coding === 0) body.gate(letter.toLowerCase(), qubit)
  else if (letter === 'X') body.gate('h', qubit).gate('z', qubit).gate('h', qubit)
  else if (letter === 'Y') body.gate('sdg', qubit).gate('x', qubit).gate('s', qubit)
  else body.gate('s', qubit).gate('s', qubit)
}

export const decouplingSequence = quantumFamily<DecouplingPoint>({
  name: 'decoupling-sequence',
  trainingPoints: points(251, TRAINED, [1, 2, 3], TRAINING_ANGLES, 1440),
  evaluationPoints: points(252, HELD_OUT, [1, 2], EVALUATION_ANGLES, 96),
  codings: 3,

  asks({ qubits, pulses, drift, ramsey }, words) {
    const { data: q } = words
    const letters = Array.from(pulses).join(', ')
    const frame = ramsey ? ` Put h on every qubit before and after all of it.` : ''
    return [
      `apply the dynamical decoupling sequence ${pulses} to all of the ${words.sized(q, qubits)}: rz(${drift}) as the free evolution before each pulse and once more after the last.${frame}`,
      `refocus ${words.declared(q, qubits)} with the pulses ${letters} in time order, the same on each qubit; delays are rz(${drift}), one before every pulse and one at the end.${frame}`,
      `write a ${pulses.length}-pulse decoupling train for ${words.declared(q, qubits)}. On every qubit alternate rz(${drift}) and the next of ${letters}, beginning and ending with rz.${frame}`,
      `decouple register ${q} of ${qubits === 1 ? '1 qubit' : `${qubits} qubits`} by ${pulses}, read from left to right, where each gap, also the first and the last, is a drift rz(${drift}).${frame}`,
    ]
  },

  write({ qubits, pulses, drift, ramsey, measured }, circuit, coding) {
    const train = (body: Statements, qubit: string, style: number): void => {
      for (const letter of pulses) {
        body.turn('rz', drift, qubit)
        pulse(body, letter, qubit, style)
      }
      body.turn('rz', drift, qubit)
    }
    const own = coding === 2 ? circuit.define('train', 1, (body, [qubit]) => { train(body, qubit!, 0) }) : undefined
    const q = circuit.qubits('data', qubits)
    if (ramsey) circuit.layer('h', q)
    if (own !== undefined) circuit.layer(own, q)
    else if (coding === 1) q.all.forEach((qubit) => { train(circuit, qubit, 1) })
    else byPulse(circuit, q, pulses, drift)
    if (ramsey) circuit.layer('h', q)
    if (measured) circuit.readOut(q)
  },
})

/** Pulse by pulse over the whole register, as a control system sends them. */
function byPulse(body: Statements, q: Register, pulses: string, drift: string): void {
  for (const letter of pulses) {
    q.all.forEach((qubit) => body.turn('rz', drift, qubit))
    q.all.forEach((qubit) => { pulse(body, letter, qubit, 0) })
  }
  q.all.forEach((qubit) => body.turn('rz', drift, qubit))
}
