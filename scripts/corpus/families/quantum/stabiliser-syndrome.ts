import { chooser, distinct, range } from './points.js'
import { listed, quantumFamily } from './quantum-family.js'

/** Pauli strings, the first letter for qubit 0, such as `ZZI IZZ`; one ancilla each. */
type SyndromePoint = { checks: string }

const NAMED = ['ZZI IZZ', 'XXI IXX', 'XXXX ZZZZ', 'ZZZ', 'XXX', 'ZIZ', 'ZZII IZZI IIZZ'] as const

function drawn(seed: number, sizes: readonly number[], count: number, alphabets: readonly string[]): SyndromePoint[] {
  const choose = chooser(seed)
  return distinct(range(count).map((i) => {
    const size = sizes[i % sizes.length]!
    const check = (): string => {
      const text = choose.text(choose.one(alphabets), size)
      return text.replaceAll('I', '').length >= 2 ? text : check()
    }
    return { checks: range(1 + choose.pick(8 - size > 2 ? 3 : 2)).map(check).join(' ') }
  }))
}

const trainingPoints = distinct([...NAMED.map((checks) => ({ checks })), ...drawn(61, [3, 4, 5], 1000, ['ZZI', 'XXI', 'XZI'])])

export const stabiliserSyndrome = quantumFamily<SyndromePoint>({
  name: 'stabiliser-syndrome',
  trainingPoints,
  evaluationPoints: distinct([...drawn(62, [6], 150, ['ZZI', 'XXI', 'XZI']), ...drawn(63, [5], 80, ['XZZI', 'XXZI'])], trainingPoints),
  codings: 3,

  asks({ checks }, words) {
    const { data: q, ancilla } = words
    const strings = checks.split(' ')
    const size = strings[0]!.length
    const count = strings.length
    const place = `${words.declared(q, size)} and ${words.declared(ancilla, count)}`
    const each = strings.map((text, i) => `${text} by ${ancilla}[${i}]`)
    return [
      `extract the syndrome of ${listed(each)} on ${place}. The first letter acts on ${q}[0]; each ancilla gets h, controls the Paulis of its string, and gets h again.`,
      `measure the stabilisers ${listed(strings)} of the data ${q}, letters from ${q}[0] on, one ancilla each in that order: h, controlled Paulis, h. Registers: ${place}.`,
      `check the parities ${listed(each)}, where letter k of a string is the Pauli on ${q}[k]. Use ${place}; the ancilla in |+> by h controls X as cx and Z as cz, then h.`,
      `write a stabiliser measurement for ${place}: ${listed(each)} (leftmost letter: ${q}[0]), each as h on the ancilla, its controlled Pauli string, h on the ancilla.`,
    ]
  },

  reads: (_point, { ancilla, bits }) => ({ from: ancilla, into: bits }),

  write({ checks }, circuit, coding) {
    const strings = checks.split(' ')
    const q = circuit.qubits('data', strings[0]!.length)
    const ancilla = circuit.qubits('ancilla', strings.length)
    strings.forEach((text, index) => {
      const work = ancilla.at(index)
      const marks = Array.from(text, (letter, i) => ({ letter, qubit: q.at(i) })).filter(({ letter }) => letter !== 'I')
      // The ancilla's two h turn a cz onto it into a cx onto it.
      if (coding === 1) {
        for (const { letter, qubit } of marks) {
          if (letter === 'X') circuit.gate('h', qubit).gate('cx', qubit, work).gate('h', qubit)
          else circuit.gate('cx', qubit, work)
        }
        return
      }
      circuit.gate('h', work)
      for (const { letter, qubit } of coding === 2 ? marks.toReversed() : marks) {
        if (letter === 'X') circuit.gate('cx', work, qubit)
        else if (coding === 2) circuit.gate('cz', qubit, work)
        else circuit.gate('cz', work, qubit)
      }
      circuit.gate('h', work)
    })
    circuit.readOut(ancilla)
  },
})
