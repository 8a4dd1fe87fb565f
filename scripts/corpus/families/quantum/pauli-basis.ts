import { chooser, distinct, range } from './points.js'
import { quantumFamily } from './quantum-family.js'

/** A letter X, Y or Z per qubit, qubit 0 first, and the state that is measured in these bases. */
type BasisPoint = { bases: string, state: 'plus' | 'chain' | 'given' }

const STATES = ['given', 'plus', 'chain'] as const

function points(seed: number, sizes: readonly number[], count: number): BasisPoint[] {
  const choose = chooser(seed)
  return distinct(range(count).map((i) => {
    const draw = (): string => {
      const bases = choose.text('XYZ', sizes[i % sizes.length]!)
      return bases.includes('Y') ? bases : draw()
    }
    return { bases: draw(), state: STATES[i % 3]! }
  }))
}

export const pauliBasis = quantumFamily<BasisPoint>({
  name: 'pauli-basis',
  trainingPoints: points(171, [3, 4, 5, 6], 1200),
  evaluationPoints: points(172, [7, 8], 300),
  codings: 3,

  asks({ bases, state }, words) {
    const { data: q } = words
    const size = bases.length
    const start = {
      given: '',
      plus: ` Before that, put h on every qubit.`,
      chain: ` Before that, entangle: h on ${q}[0], cx ${q}[i] to ${q}[i+1] in ascending order.`,
    }[state]
    return [
      `measure the ${words.sized(q, size)} in the bases ${bases}, first letter for ${q}[0]: h for X, sdg then h for Y, nothing for Z.${start}`,
      `rotate ${words.declared(q, size)} so that a computational readout gives the Pauli string ${bases} (letter k acts on ${q}[k]). X needs h; Y needs sdg, h.${start}`,
      `write the basis change for the observable ${bases} on ${words.declared(q, size)}, leftmost letter ${q}[0], with h on X positions and sdg followed by h on Y positions.${start}`,
      `read out the Paulis ${bases} of register ${q}, ${size} qubits from index 0 to ${size - 1}, turning X by h, Y by sdg and h into Z.${start}`,
    ]
  },

  reads: (_point, { data, bits }) => ({ from: data, into: bits }),

  write({ bases, state }, circuit, coding) {
    const turn = coding === 2 ? circuit.define('ybasis', 1, (body, [qubit]) => body.gate('sdg', qubit!).gate('h', qubit!)) : undefined
    const q = circuit.qubits('data', bases.length)
    if (state === 'plus') circuit.layer('h', q)
    if (state === 'chain') circuit.gate('h', q.at(0)).each(0, q.size - 2, (body, at) => body.gate('cx', q.at(at()), q.at(at(1))))
    for (const [i, letter] of Array.from(bases).entries()) {
      const qubit = q.at(i)
      if (letter === 'X') circuit.gate('h', qubit)
      else if (letter === 'Y' && turn !== undefined) circuit.gate(turn, qubit)
      else if (letter === 'Y' && coding === 1) circuit.phase('-pi/2', qubit).gate('h', qubit)
      else if (letter === 'Y') circuit.gate('sdg', qubit).gate('h', qubit)
    }
    circuit.readOut(q)
  },
})
