import type { Family } from '../../family.js'
import { FOURIER_CODINGS, phaseWriter, writeFourier } from './fourier.js'
import { combine, halfMeasured } from './points.js'
import { quantumFamily, type Vocabulary } from './quantum-family.js'

/** `furthest` is 0 for the exact transform. */
type FourierPoint = { qubits: number, least: 'first' | 'last', swaps: boolean, furthest: number, measured: boolean }

const kinds = { least: ['first', 'last'], swaps: [true, false] } as const

const trainingPoints: FourierPoint[] = halfMeasured([
  ...combine({ qubits: [2, 3, 4], ...kinds, furthest: [0] }),
  ...combine({ qubits: [5], ...kinds, furthest: [0, 2] }),
  ...combine({ qubits: [4], ...kinds, furthest: [1, 2] }),
])

const evaluationPoints: FourierPoint[] = halfMeasured([
  ...combine({ qubits: [6], ...kinds, furthest: [1, 2] }),
  ...combine({ qubits: [7], least: ['first', 'last'], swaps: [false], furthest: [1, 2] }),
  ...combine({ qubits: [6], least: ['first', 'last'], swaps: [false], furthest: [0] }),
])

function family(name: string, inverse: boolean): Family {
  return quantumFamily<FourierPoint>({
    name,
    trainingPoints,
    evaluationPoints,
    codings: 3,

    asks(point, words) {
      const { data: q } = words
      const title = `${inverse ? 'inverse ' : ''}quantum Fourier transform`
      const low = `${q}[${point.least === 'first' ? 0 : point.qubits - 1}]`
      const sign = inverse ? '-' : ''
      const end = closing(point, words, inverse)
      const cut = point.furthest === 0 ? '' : ` Keep only controlled phases of size at least pi/${2 ** point.furthest}.`
      return [
        `apply the ${title} to the ${words.sized(q, point.qubits)}, least significant qubit ${low}, ${end}.${cut}`,
        `transform ${words.declared(q, point.qubits)} by the ${inverse ? 'inverse QFT' : 'QFT'} with kernel e^(${sign}2*pi*i*j*k/${2 ** point.qubits}), where ${low} is the least significant qubit, ${end}.${cut}`,
        `write the ${inverse ? 'inverse QFT' : 'QFT'} of ${words.declared(q, point.qubits)} with h and controlled phases, ${end}; ${low} counts 1, the other end of ${q} counts ${2 ** (point.qubits - 1)}.${cut}`,
        `take the ${words.sized(q, point.qubits)} through a ${point.furthest === 0 ? 'full' : 'truncated'} ${title}, ${end}. The least significant qubit is ${low}.${cut}`,
      ]
    },

    write(point, circuit, coding) {
      const style = FOURIER_CODINGS[coding]!
      const writer = phaseWriter(circuit, style)
      const q = circuit.qubits('data', point.qubits)
      const order = point.least === 'first' ? q.all : q.all.toReversed()
      writeFourier(circuit, order, writer, { inverse, swaps: point.swaps, furthest: point.furthest === 0 ? point.qubits : point.furthest, coding: style })
      if (point.measured) circuit.readOut(q)
    },
  })
}

function closing({ swaps }: FourierPoint, { data: q }: Vocabulary, inverse: boolean): string {
  if (swaps) return inverse ? `beginning with swaps that reverse ${q}` : `with final swaps, so that the output is in the order of the input`
  return inverse ? 'without swaps: the input comes in reversed bit order' : 'without swaps: the output stays in reversed bit order'
}

export const fourierTransform = family('fourier-transform', false)
export const inverseFourierTransform = family('inverse-fourier-transform', true)
