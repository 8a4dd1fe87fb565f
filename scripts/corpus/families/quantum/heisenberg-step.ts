import { negate } from './angle.js'
import type { Statements } from './circuit.js'
import { chooser, distinct, EVALUATION_ANGLES, halfMeasured, range, TRAINING_ANGLES } from './points.js'
import { quantumFamily } from './quantum-family.js'

/** Angles of XX, YY and ZZ; `0` leaves a term out of an XY or XZ model. */
type HeisenbergPoint = { qubits: number, xx: string, yy: string, zz: string, measured: boolean }

function points(seed: number, sizes: readonly number[], angles: readonly string[], count: number): HeisenbergPoint[] {
  const choose = chooser(seed)
  return halfMeasured(distinct(range(count).map((i) => {
    const [xx, yy, zz] = choose.some(angles, 3)
    return { qubits: sizes[i % sizes.length]!, xx: xx!, yy: yy!, zz: zz! }
  })))
}

/** The three terms one after another, each in its own basis. */
function termByTerm(body: Statements, { xx, yy, zz }: HeisenbergPoint, a: string, b: string): void {
  body.gate('h', a).gate('h', b).zz(xx, a, b).gate('h', a).gate('h', b)
  body.turn('rx', 'pi/2', a).turn('rx', 'pi/2', b).zz(yy, a, b).turn('rx', '-pi/2', a).turn('rx', '-pi/2', b)
  body.zz(zz, a, b)
}

/** In the frame of one CNOT, XX is X on a, ZZ is Z on b, and YY is their product with a minus sign. */
function inOneFrame(body: Statements, { xx, yy, zz }: HeisenbergPoint, a: string, b: string): void {
  body.gate('cx', a, b).turn('rx', xx, a).turn('rz', zz, b).gate('h', a).zz(negate(yy), a, b).gate('h', a).gate('cx', a, b)
}

export const heisenbergStep = quantumFamily<HeisenbergPoint>({
  name: 'heisenberg-step',
  trainingPoints: points(101, [2, 3, 4], TRAINING_ANGLES, 1200),
  evaluationPoints: points(102, [3, 4, 5], EVALUATION_ANGLES, 96),
  codings: 2,

  asks({ qubits, xx, yy, zz }, words) {
    const { data: q } = words
    const pairs = qubits === 2 ? `the pair ${q}[0],${q}[1]` : `the pairs ${q}[i],${q}[i+1] in ascending order`
    return [
      `apply one Heisenberg step to the ${words.sized(q, qubits)}: on ${pairs} rotate by exp(-i*t/2*PP) with t = ${xx} for XX, ${yy} for YY and ${zz} for ZZ.`,
      `evolve ${words.declared(q, qubits)} by rxx(${xx}), ryy(${yy}), rzz(${zz}) on ${pairs}, spelled in cx and one-qubit gates.`,
      `write a Trotter step of the XYZ chain of ${qubits} spins in register ${q}, coupling angles ${xx} (XX), ${yy} (YY), ${zz} (ZZ); take ${pairs}, and rxx(t) means exp(-i*t/2*XX).`,
      `couple ${pairs} of ${words.declared(q, qubits)} through XX, YY and ZZ rotations of angles ${xx}, ${yy} and ${zz}, in the convention exp(-i*angle/2*PP).`,
    ]
  },

  write(point, circuit, coding) {
    const step = coding === 0 && point.qubits > 2
      ? circuit.define('exchange', 2, (body, [a, b]) => { termByTerm(body, point, a!, b!) })
      : undefined
    const q = circuit.qubits('data', point.qubits)
    circuit.each(0, point.qubits - 2, (body, at) => {
      const [a, b] = [q.at(at()), q.at(at(1))]
      if (step !== undefined) body.gate(step, a, b)
      else if (coding === 0) termByTerm(body, point, a, b)
      else inOneFrame(body, point, a, b)
    })
    if (point.measured) circuit.readOut(q)
  },
})
