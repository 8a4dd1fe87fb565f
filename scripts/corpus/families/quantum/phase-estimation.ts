import { scaleAngle } from './angle.js'
import { FOURIER_CODINGS, phaseWriter, writeFourier } from './fourier.js'
import { combine, EVALUATION_ANGLES, TRAINING_ANGLES } from './points.js'
import { quantumFamily } from './quantum-family.js'

type EstimationPoint = { counting: number, angle: string }

export const phaseEstimation = quantumFamily<EstimationPoint>({
  name: 'phase-estimation',
  trainingPoints: combine({ counting: [2, 3], angle: TRAINING_ANGLES }),
  evaluationPoints: combine({ counting: [3, 4], angle: EVALUATION_ANGLES }),
  codings: 3,

  asks({ counting, angle }, words) {
    const { data: q, target } = words
    const inverse = `inverse QFT with swaps on ${q}, ${q}[0] least significant`
    return [
      `estimate the phase ${angle} of the phase gate on eigenstate |1>: x on ${words.declared(target, 1)}, h on all of ${words.declared(q, counting)}, controlled phase 2^k*${angle} from ${q}[k] to ${target}[0], then ${inverse}.`,
      `run phase estimation of diag(1, e^(i*${angle})) with ${words.sized(q, counting)} for counting and ${words.sized(target, 1)} set to |1>. Qubit ${q}[k] controls its 2^k-th power; finish by the ${inverse}.`,
      `do quantum phase estimation: counting qubits ${words.declared(q, counting)} get h, ${words.declared(target, 1)} gets x, ${q}[k] controls a phase of 2^k times ${angle} on ${target}[0], and last comes the ${inverse}.`,
      `find the eigenphase of p(${angle}) for |1> in ${words.declared(target, 1)}, reading it with the ${words.sized(q, counting)}. Use h on ${q}, powers 2^k controlled by ${q}[k], and the ${inverse}.`,
    ]
  },

  reads: (_point, { data, bits }) => ({ from: data, into: bits }),

  write({ counting, angle }, circuit, coding) {
    const style = FOURIER_CODINGS[coding]!
    const writer = phaseWriter(circuit, style)
    const q = circuit.qubits('data', counting)
    const target = circuit.qubits('target', 1)
    circuit.gate('x', target.at(0)).layer('h', q)
    q.all.forEach((qubit, k) => { writer(circuit, scaleAngle(angle, 2 ** k), qubit, target.at(0)) })
    writeFourier(circuit, q.all, writer, { inverse: true, swaps: true, coding: style })
    circuit.readOut(q)
  },
})
