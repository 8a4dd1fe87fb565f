import type { Statements } from './circuit.js'
import { bitAt, bitStrings, combine, halfMeasured } from './points.js'
import { quantumFamily } from './quantum-family.js'

type GroverPoint = { marked: string, iterations: number, measured: boolean }

const HELD_OUT = ['101', '010']
const threeBits = bitStrings(3).filter((text) => !HELD_OUT.includes(text))

/** Sign on the basis state of `marked`, between x gates on its zeros. */
function signOn(body: Statements, qubits: readonly string[], marked: string, coding: number): void {
  const zeros = qubits.filter((_, i) => !bitAt(marked, i))
  zeros.forEach((qubit) => body.gate('x', qubit))
  const [a, b, c] = coding === 1 ? qubits.toReversed() : qubits
  if (c !== undefined) body.doublyControlledZ(a!, b!, c)
  else if (coding === 1) body.signByCx(a!, b!)
  else body.gate('cz', a!, b!)
  zeros.forEach((qubit) => body.gate('x', qubit))
}

export const groverSearch = quantumFamily<GroverPoint>({
  name: 'grover-search',
  trainingPoints: halfMeasured([
    ...combine({ marked: bitStrings(2), iterations: [1, 2] }),
    ...combine({ marked: threeBits, iterations: [1, 2] }),
    ...combine({ marked: bitStrings(2), iterations: [4] }),
  ]),
  evaluationPoints: halfMeasured([
    ...combine({ marked: HELD_OUT, iterations: [1, 2] }),
    ...combine({ marked: bitStrings(2), iterations: [3] }),
  ]),
  codings: 3,

  asks({ marked, iterations }, words) {
    const { data: q } = words
    const size = marked.length
    const times = iterations === 1 ? 'one Grover iteration' : `${iterations} Grover iterations`
    return [
      `search for |${marked}> in the ${words.sized(q, size)} with ${times} after h on all qubits: a sign flip of ${marked} (rightmost bit ${q}[0]), then the diffusion about the mean.`,
      `run Grover's algorithm on ${words.declared(q, size)}, marked element ${marked} with its rightmost bit at ${q}[0], ${times}: phase oracle, then h, sign flip of |${'0'.repeat(size)}>, h.`,
      `amplify ${marked} (last bit belongs to ${q}[0]) starting from the uniform superposition of ${words.declared(q, size)}; ${times} of phase oracle and reflection about the uniform state.`,
      `write Grover search over ${size} qubits, register ${q}, for the marked string ${marked} read with ${q}[0] rightmost. Begin with h everywhere and do ${times}, each an oracle phase of -1 and a diffuser.`,
    ]
  },

  write({ marked, iterations, measured }, circuit, coding) {
    const size = marked.length
    const none = '0'.repeat(size)
    const oracle = coding === 2 ? circuit.define('oracle', size, (body, qubits) => { signOn(body, qubits, marked, 0) }) : undefined
    const diffuse = coding === 2
      ? circuit.define('diffuse', size, (body, qubits) => {
          qubits.forEach((qubit) => body.gate('h', qubit))
          signOn(body, qubits, none, 0)
          qubits.forEach((qubit) => body.gate('h', qubit))
        })
      : undefined
    const q = circuit.qubits('data', size)
    circuit.layer('h', q)
    for (let i = 0; i < iterations; i++) {
      if (oracle !== undefined && diffuse !== undefined) {
        circuit.gate(oracle, ...q.all).gate(diffuse, ...q.all)
        continue
      }
      signOn(circuit, q.all, marked, coding)
      circuit.layer('h', q).layer('x', q)
      const [a, b, c] = coding === 1 ? q.all.toReversed() : q.all
      if (c !== undefined) circuit.doublyControlledZ(a!, b!, c)
      else if (coding === 1) circuit.signByCx(a!, b!)
      else circuit.gate('cz', a!, b!)
      circuit.layer('x', q).layer('h', q)
    }
    if (measured) circuit.readOut(q)
  },
})
