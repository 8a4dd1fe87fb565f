import { bitAt, bitStrings, chooser, distinct, halfMeasured, range } from './points.js'
import { quantumFamily } from './quantum-family.js'

type BernsteinPoint = { hidden: string, offset: number, measured: boolean }

function points(seed: number, sizes: readonly number[], count: number, keep: (text: string) => boolean): Omit<BernsteinPoint, 'measured'>[] {
  const choose = chooser(seed)
  return distinct(range(count).map((i) => ({ hidden: choose.one(bitStrings(sizes[i % sizes.length]!).filter((text) => text.includes('1') && keep(text))), offset: i % 4 === 3 ? 1 : 0 })))
}

/** Strings with this in the middle are kept for evaluation. */
const heldOut = (text: string): boolean => text.includes('0110')

export const bernsteinVazirani = quantumFamily<BernsteinPoint>({
  name: 'bernstein-vazirani',
  trainingPoints: halfMeasured(points(21, [2, 3, 4, 5, 6, 7, 8], 900, (text) => !heldOut(text))),
  evaluationPoints: halfMeasured([...points(22, [5, 6, 7], 60, heldOut), ...points(23, [9], 100, () => true)]),
  codings: 3,

  asks({ hidden, offset }, words) {
    const { data: q, ancilla } = words
    const size = hidden.length
    const formula = `f(x) = s.x${offset === 1 ? ' + 1' : ''} mod 2`
    return [
      `find the hidden string s = ${hidden} of ${formula} by Bernstein-Vazirani: ${words.declared(q, size)} with h before and after the oracle, ${words.declared(ancilla, 1)} in |-> by x and h. The rightmost bit of s is ${q}[0]'s.`,
      `write the Bernstein-Vazirani circuit for s = ${hidden}, rightmost bit at ${q}[0], and ${formula}. Inputs are the ${words.sized(q, size)} between layers of h; x and h prepare the ${words.sized(ancilla, 1)}, which the oracle flips.`,
      `query ${formula} with s = ${hidden} (${q}[0] is the last character) once: x and h on ${words.declared(ancilla, 1)}, h on all of ${words.declared(q, size)}, add f to ${ancilla}[0], h on all of ${q}.`,
      `put ${words.declared(q, size)} through h, the oracle ${ancilla}[0] ^= f and h again, where ${formula} and s = ${hidden} counts from ${q}[${size - 1}] down to ${q}[0]; ${words.declared(ancilla, 1)} starts with x, h.`,
    ]
  },

  write({ hidden, offset, measured }, circuit, coding) {
    const ones = range(hidden.length).filter((i) => bitAt(hidden, i))
    const oracle = coding === 2
      ? circuit.define('oracle', ones.length + 1, (body, qubits) => {
          const target = qubits.at(-1)!
          qubits.slice(0, -1).forEach((control) => body.gate('cx', control, target))
          if (offset === 1) body.gate('x', target)
        })
      : undefined
    const q = circuit.qubits('data', hidden.length)
    const ancilla = circuit.qubits('ancilla', 1).at(0)
    circuit.gate('x', ancilla)
    if (coding !== 1) circuit.gate('h', ancilla)
    circuit.layer('h', q)
    if (oracle !== undefined) circuit.gate(oracle, ...ones.map((i) => q.at(i)), ancilla)
    else {
      // With its h behind the oracle instead of before it, the ancilla turns cx into cz.
      ones.forEach((i) => circuit.gate(coding === 0 ? 'cx' : 'cz', q.at(i), ancilla))
      if (offset === 1) circuit.gate(coding === 0 ? 'x' : 'z', ancilla)
    }
    if (coding === 1) circuit.gate('h', ancilla)
    circuit.layer('h', q)
    if (measured) circuit.readOut(q)
  },
})
