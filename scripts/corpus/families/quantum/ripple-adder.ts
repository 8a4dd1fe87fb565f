import type { Register, Statements } from './circuit.js'
import { chooser, combine, distinct, range } from './points.js'
import { quantumFamily } from './quantum-family.js'

/** `load` holds two numbers to start from, such as `2 1`, or is empty; a loaded sum is measured. */
type AdderPoint = { width: number, operation: 'add' | 'subtract', carry: boolean, load: string }

const kinds = { operation: ['add', 'subtract'], carry: [false, true] } as const

function loaded(seed: number, width: number, count: number): AdderPoint[] {
  const choose = chooser(seed)
  return distinct(range(count).map((i): AdderPoint => ({ width, operation: i % 2 === 0 ? 'add' : 'subtract', carry: choose.pick(2) === 1, load: `${choose.pick(2 ** width)} ${choose.pick(2 ** width)}` })))
}

export const rippleAdder = quantumFamily<AdderPoint>({
  name: 'ripple-adder',
  trainingPoints: [...combine({ width: [1, 2], ...kinds, load: [''] }), ...loaded(31, 1, 30), ...loaded(32, 2, 110)],
  evaluationPoints: [...combine({ width: [3], ...kinds, load: [''] }), ...loaded(33, 3, 50)],
  codings: 3,

  asks(point, words) {
    const { a, b, ancilla, target } = words
    const { width, operation, carry, load } = point
    const registers = `${words.declared(a, width)}, ${words.declared(b, width)} and ${words.declared(ancilla, 1)}`
    const formula = `${b} becomes ${operation === 'add' ? `${a} + ${b} + ${ancilla}` : `${b} - ${a} - ${ancilla}`} mod ${2 ** width}`
    const out = carry ? `; the ${operation === 'add' ? 'carry' : 'borrow'} flips ${words.declared(target, 1)}` : ''
    const [first, second] = load.split(' ')
    const start = load === '' ? '' : ` Start with ${a}=${first!}, ${b}=${second!}.`
    return [
      `${operation} in place with ripple carry on ${registers}: ${formula}; ${a} and ${ancilla} are kept, index 0 is least significant${out}.${start}`,
      `write a Cuccaro ${operation === 'add' ? 'adder' : 'subtractor'} over ${registers}, lowest qubits at index 0: ${formula}; ${a} and ${ancilla} are restored${out}.${start}`,
      `compute with little-endian registers ${registers} so that ${formula}, rippling the ${operation === 'add' ? 'carry' : 'borrow'} through ${a} and undoing it${out}.${start}`,
      `make a ${width}-bit ${operation === 'add' ? 'adder with carry-in' : 'subtractor with borrow-in'} ${ancilla}[0]. On ${registers}, index 0 lowest: ${formula}${out}; nothing else changes.${start}`,
    ]
  },

  reads: ({ load, carry }, words) => load === '' ? undefined : { from: carry ? `${words.b} then ${words.target}` : words.b, into: words.bits },

  write({ width, operation, carry, load }, circuit, coding) {
    const own = coding === 0
      ? {
          majority: circuit.define('maj', 3, (body, [c, b, a]) => { majority(body, c!, b!, a!) }),
          undo: circuit.define('uma', 3, (body, [c, b, a]) => { unmajority(body, c!, b!, a!, false) }),
        }
      : undefined
    const a = circuit.qubits('a', width)
    const b = circuit.qubits('b', width)
    const carryIn = circuit.qubits('ancilla', 1).at(0)
    const carryOut = carry ? circuit.qubits('target', 1) : undefined
    if (load !== '') {
      const [first, second] = load.split(' ').map(Number)
      loadNumber(circuit, a, first!)
      loadNumber(circuit, b, second!)
    }
    // b - a is the complement of (complement of b) + a.
    if (operation === 'subtract') circuit.layer('x', b)
    const chain = range(width).map((i) => [i === 0 ? carryIn : a.at(i - 1), b.at(i), a.at(i)] as const)
    for (const [c, sum, bit] of chain) {
      if (own) circuit.gate(own.majority, c, sum, bit)
      else majority(circuit, c, sum, bit)
    }
    if (carryOut) circuit.gate('cx', a.at(width - 1), carryOut.at(0))
    for (const [c, sum, bit] of chain.toReversed()) {
      if (own) circuit.gate(own.undo, c, sum, bit)
      else unmajority(circuit, c, sum, bit, coding === 2)
    }
    if (operation === 'subtract') circuit.layer('x', b)
    if (load === '') return
    const bits = circuit.bits(width + (carryOut ? 1 : 0))
    circuit.measure(b, bits)
    if (carryOut) circuit.measure(carryOut, bits, width)
  },
})

function loadNumber(body: Statements, register: Register, value: number): void {
  register.all.forEach((qubit, i) => { if ((value >> i) % 2 === 1) body.gate('x', qubit) })
}

function majority(body: Statements, c: string, b: string, a: string): void {
  body.gate('cx', a, b).gate('cx', a, c).gate('ccx', c, b, a)
}

/** Cuccaro et al. 2004 (quant-ph/0410184), figures 2 and 3: with two CNOTs, or with three and less depth. */
function unmajority(body: Statements, c: string, b: string, a: string, threeCnots: boolean): void {
  if (!threeCnots) body.gate('ccx', c, b, a).gate('cx', a, c).gate('cx', c, b)
  else body.gate('x', b).gate('cx', c, b).gate('ccx', c, b, a).gate('x', b).gate('cx', a, c).gate('cx', a, b)
}
