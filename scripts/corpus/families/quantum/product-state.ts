import type { Statements } from './circuit.js'
import { chooser, distinct, halfMeasured, range } from './points.js'
import { quantumFamily } from './quantum-family.js'

/** A letter per qubit, qubit 0 first: 0, 1, +, -, and r, l for the states of Y. */
type ProductPoint = { letters: string, measured: boolean }

function points(seed: number, sizes: readonly number[], alphabets: readonly string[], count: number): ProductPoint[] {
  const choose = chooser(seed)
  return halfMeasured(distinct(range(count).map((i) => {
    const draw = (): string => {
      const letters = choose.text(choose.one(alphabets), sizes[i % sizes.length]!)
      return /[1\-rl]/.test(letters) ? letters : draw()
    }
    return { letters: draw() }
  })))
}

const GATES: Readonly<Record<string, readonly (readonly string[])[]>> = {
  1: [['x'], ['h', 'z', 'h']],
  '+': [['h'], ['h']],
  '-': [['x', 'h'], ['h', 'z']],
  r: [['h', 's'], ['h', 'p+']],
  l: [['h', 'sdg'], ['h', 'p-']],
}

function prepare(body: Statements, letter: string, qubit: string, coding: number): void {
  for (const gate of GATES[letter]?.[coding] ?? []) {
    if (gate === 'p+' || gate === 'p-') body.phase(gate === 'p+' ? 'pi/2' : '-pi/2', qubit)
    else body.gate(gate, qubit)
  }
}

export const productState = quantumFamily<ProductPoint>({
  name: 'product-state',
  trainingPoints: points(141, [4, 5, 6], ['01', '01+-', '01+-rl', '01+-rl'], 1400),
  evaluationPoints: points(142, [7, 8], ['01+-', '01+-rl', '01'], 200),
  codings: 2,

  asks({ letters }, words) {
    const { data: q } = words
    const states = `the letters stand for ${q}[0] onwards`
    const keys = [
      letters.includes('1') ? '1 is x' : '',
      letters.includes('+') ? '+ is h' : '',
      letters.includes('-') ? '- is x then h' : '',
      letters.includes('r') ? 'r is h then s' : '',
      letters.includes('l') ? 'l is h then sdg' : '',
    ].filter((key) => key !== '').join(', ')
    const size = letters.length
    return [
      `prepare the product state ${letters} of the ${words.sized(q, size)}, where ${states}: ${keys}.`,
      `set the qubits of ${words.declared(q, size)} to ${letters}, leftmost letter for ${q}[0]. Rules: ${keys}${letters.includes('0') ? ', 0 is nothing' : ''}.`,
      `write a circuit for ${words.declared(q, size)} without entanglement that gives ${letters} (${states}); ${keys}.`,
      `initialise register ${q} of ${size} qubits as ${letters} from index 0 to ${size - 1}, each letter by its own gates: ${keys}.`,
    ]
  },

  write({ letters, measured }, circuit, coding) {
    const q = circuit.qubits('data', letters.length)
    for (const [i, letter] of Array.from(letters).entries()) prepare(circuit, letter, q.at(i), coding)
    if (measured) circuit.readOut(q)
  },
})
