import { chooser, distinct, halfMeasured, range } from './points.js'
import { quantumFamily } from './quantum-family.js'

/** `terms`: a constant 0 or 1, or a balanced function such as `x0^x2`, `x1^x0*x2`, `1^x3`. */
type DeutschPoint = { inputs: number, terms: string, measured: boolean }

/** A balanced function is one input, plus anything in the others. */
function balanced(seed: number, inputs: number, count: number): { inputs: number, terms: string }[] {
  const choose = chooser(seed)
  return distinct(range(count).map(() => {
    const [alone, ...others] = choose.some(range(inputs), inputs)
    const terms = [`x${alone!}`]
    if (others.length >= 2 && choose.pick(2) === 0) terms.push(others.slice(0, 2).sort().map((i) => `x${i}`).join('*'))
    else if (choose.pick(3) > 0) terms.push(`x${others[0]!}`)
    if (choose.pick(3) === 0) terms.unshift('1')
    return { inputs, terms: terms.join('^') }
  }))
}

const constants = (inputs: readonly number[]) => inputs.flatMap((count) => ['0', '1'].map((terms) => ({ inputs: count, terms })))

export const deutschJozsa = quantumFamily<DeutschPoint>({
  name: 'deutsch-jozsa',
  trainingPoints: halfMeasured([...constants([1, 2, 3, 4]), ...balanced(11, 2, 30), ...balanced(12, 3, 60), ...balanced(13, 4, 60)]),
  evaluationPoints: halfMeasured([...constants([5, 6]), ...balanced(14, 5, 5), ...balanced(15, 6, 5)]),
  codings: 2,

  asks({ inputs, terms }, words) {
    const { data: q, ancilla } = words
    const formula = `f = ${terms}`
    const product = terms.includes('*') ? ' and products by ccx' : ''
    return [
      `run Deutsch-Jozsa for ${formula} with inputs x0 to x${inputs - 1} in ${words.declared(q, inputs)} and ${words.declared(ancilla, 1)}: x then h on ${ancilla}[0], h on ${q}, ${ancilla}[0] ^= f, h on ${q}.`,
      `decide whether ${formula} (sums mod 2, xi is ${q}[i]) is constant: ${words.sized(q, inputs)} in superposition, ${words.sized(ancilla, 1)} in |-> by x and h, oracle onto ${ancilla}, h on ${q} again.`,
      `write the Deutsch-Jozsa circuit with ${words.declared(q, inputs)}, ${words.declared(ancilla, 1)} prepared by x and h, and the bit oracle ${ancilla}[0] ^= ${terms}, where xi is ${q}[i], between two layers of h on ${q}.`,
      `query ${formula} once. Take the ${words.sized(q, inputs)} as x and ${words.sized(ancilla, 1)}; ${ancilla}[0] gets x and h, ${q} gets h before and after the oracle, which adds f to ${ancilla}[0] by cx${product}.`,
    ]
  },

  reads: ({ measured }, { data, bits }) => measured ? { from: data, into: bits } : undefined,

  write({ inputs, terms, measured }, circuit, coding) {
    const q = circuit.qubits('data', inputs)
    const ancilla = circuit.qubits('ancilla', 1).at(0)
    // An h on both sides turns the oracle's flips into signs, so the h before it can wait until after it.
    circuit.gate('x', ancilla)
    if (coding === 0) circuit.gate('h', ancilla)
    circuit.layer('h', q)
    for (const term of terms.split('^')) {
      const factors = term.split('*').filter((factor) => factor.startsWith('x')).map((factor) => q.at(factor.slice(1)))
      const [a, b] = factors
      if (term === '0') continue
      if (coding === 0) circuit.gate(['x', 'cx', 'ccx'][factors.length]!, ...factors, ancilla)
      else if (b !== undefined) circuit.doublyControlledZ(a!, b, ancilla)
      else if (a !== undefined) circuit.gate('cz', a, ancilla)
      else circuit.gate('z', ancilla)
    }
    if (coding === 1) circuit.gate('h', ancilla)
    circuit.layer('h', q)
    if (measured) circuit.readOut(q)
  },
})
