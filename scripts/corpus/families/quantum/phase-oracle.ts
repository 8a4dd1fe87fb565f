import { chooser, distinct, halfMeasured, range } from './points.js'
import { quantumFamily } from './quantum-family.js'

/** A polynomial over GF(2) such as `x0*x2+x1`, of degree 3 at most. */
type OraclePoint = { qubits: number, polynomial: string, superposed: boolean, measured: boolean }

function points(seed: number, sizes: readonly number[], count: number): OraclePoint[] {
  const choose = chooser(seed)
  return halfMeasured(distinct(range(count).map((i) => {
    const qubits = sizes[i % sizes.length]!
    const monomials = range(3 + choose.pick(3)).map((at) => choose.some(range(qubits), at === 0 ? 2 : 1 + choose.pick(3)).sort().map((index) => `x${index}`).join('*'))
    return { qubits, polynomial: [...new Set(monomials)].join('+'), superposed: choose.pick(2) === 1 }
  })))
}

export const phaseOracle = quantumFamily<OraclePoint>({
  name: 'phase-oracle',
  trainingPoints: points(241, [3, 4, 5], 1600),
  evaluationPoints: points(242, [6, 7], 400),
  codings: 3,

  asks({ qubits, polynomial, superposed }, words) {
    const { data: q } = words
    const begin = superposed ? ' Put h on every qubit first.' : ''
    const cubic = /x\d\*x\d\*x\d/.test(polynomial)
    return [
      `flip the sign of |x> where f(x) = ${polynomial} mod 2 is 1, with xi in ${q}[i] of ${words.declared(q, qubits)}.${begin}`,
      `write the phase oracle (-1)^f for the polynomial f = ${polynomial} over GF(2) on the ${words.sized(q, qubits)}; variable xi is ${q}[i].${begin}`,
      `implement |x> -> (-1)^(${polynomial}) |x> on ${words.declared(q, qubits)}, where xi denotes ${q}[i], one gate per term: z, cz${cubic ? ' or a ccx between h' : ''}.${begin}`,
      `mark the solutions of ${polynomial} = 1 (mod 2) by a phase of -1 in register ${q} with ${qubits} qubits, ${q}[i] holding xi.${begin}`,
    ]
  },

  write({ qubits, polynomial, superposed, measured }, circuit, coding) {
    const monomials = polynomial.split('+').map((monomial) => monomial.split('*').map((variable) => Number(variable.slice(1))))
    const pair = coding === 2 && monomials.some(({ length }) => length === 2) ? circuit.define('sign2', 2, (body, [a, b]) => body.signByCx(a!, b!)) : 'cz'
    const triple = coding === 2 && monomials.some(({ length }) => length === 3) ? circuit.define('sign3', 3, (body, [a, b, c]) => body.doublyControlledZ(a!, b!, c!)) : undefined
    const q = circuit.qubits('data', qubits)
    if (superposed) circuit.layer('h', q)
    // The terms commute, and each is symmetric in its variables.
    for (const monomial of coding === 1 ? monomials.toReversed() : monomials) {
      const [a, b, c] = (coding === 1 ? monomial.toReversed() : monomial).map((i) => q.at(i))
      if (b === undefined) circuit.gate('z', a!)
      else if (c === undefined && coding === 1) circuit.signByCx(a!, b)
      else if (c === undefined) circuit.gate(pair, a!, b)
      else if (triple !== undefined) circuit.gate(triple, a!, b, c)
      else circuit.doublyControlledZ(a!, b, c)
    }
    if (measured) circuit.readOut(q)
  },
})
