import { scaleAngle } from './angle.js'
import { FOURIER_CODINGS, phaseWriter, writeFourier } from './fourier.js'
import { combine, halfMeasured, range } from './points.js'
import { quantumFamily } from './quantum-family.js'

type FourierAdderPoint = { qubits: number, constant: number, operation: 'add' | 'subtract', measured: boolean }

const operations = { operation: ['add', 'subtract'] } as const

export const fourierAdder = quantumFamily<FourierAdderPoint>({
  name: 'fourier-adder',
  trainingPoints: halfMeasured([
    ...combine({ qubits: [2], constant: range(4).slice(1), ...operations }),
    ...combine({ qubits: [3], constant: range(8).slice(1), ...operations }),
    ...combine({ qubits: [4], constant: range(9).slice(1), ...operations }),
  ]),
  evaluationPoints: halfMeasured(combine({ qubits: [4], constant: range(16).slice(9), ...operations })),
  codings: 3,

  asks({ qubits, constant, operation }, words) {
    const { data: q } = words
    const modulus = 2 ** qubits
    const sign = operation === 'add' ? '+' : '-'
    return [
      `${operation} the constant ${constant} ${operation === 'add' ? 'to' : 'from'} the ${words.sized(q, qubits)} modulo ${modulus} in the Fourier basis (QFT without swaps, one phase gate per qubit, inverse QFT); ${q}[0] is least significant.`,
      `write Draper's ${operation === 'add' ? 'adder' : 'subtractor'} of ${constant} on ${words.declared(q, qubits)}, little-endian, modulo ${modulus}: swap-free QFT, phases, inverse QFT.`,
      `map |n> to |n ${sign} ${constant} mod ${modulus}> on ${words.declared(q, qubits)} with ${q}[0] as lowest bit. Go to the Fourier basis without swaps, apply phases, and come back.`,
      `use a QFT without swaps to ${operation} ${constant}: the value in the ${words.sized(q, qubits)}, lowest qubit ${q}[0], changes by ${sign}${constant} modulo ${modulus}.`,
    ]
  },

  write({ qubits, constant, operation, measured }, circuit, coding) {
    const style = FOURIER_CODINGS[coding]!
    const writer = phaseWriter(circuit, style)
    const q = circuit.qubits('data', qubits)
    writeFourier(circuit, q.all, writer, { swaps: false, coding: style })
    q.all.forEach((qubit, i) => {
      const turns = constant % 2 ** (i + 1)
      if (turns !== 0) circuit.phase(scaleAngle('pi', operation === 'add' ? turns : -turns, 2 ** i), qubit)
    })
    writeFourier(circuit, q.all, writer, { inverse: true, swaps: false, coding: style })
    if (measured) circuit.readOut(q)
  },
})
