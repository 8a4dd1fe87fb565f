import { allEdges, chooser, distinct, halfMeasured, parseEdges, range } from './points.js'
import { quantumFamily } from './quantum-family.js'

type GraphPoint = { qubits: number, edges: string, measured: boolean }

function points(seed: number, sizes: readonly number[], count: number): GraphPoint[] {
  const choose = chooser(seed)
  return halfMeasured(distinct(range(count).map((i) => {
    const qubits = sizes[i % sizes.length]!
    const all = allEdges(qubits)
    const chosen = choose.some(all, Math.min(all.length, qubits - 1 + choose.pick(4)))
    return { qubits, edges: all.filter((edge) => chosen.includes(edge)).join(' ') }
  })))
}

export const graphState = quantumFamily<GraphPoint>({
  name: 'graph-state',
  trainingPoints: points(131, [3, 4, 5, 6], 1600),
  evaluationPoints: points(132, [7, 8], 400),
  codings: 3,

  asks({ qubits, edges }, words) {
    const { data: q } = words
    const graph = edges.split(' ').join(', ')
    return [
      `prepare the graph state with edges ${graph} on the ${words.sized(q, qubits)}: h on all qubits, then cz for each edge.`,
      `make ${words.declared(q, qubits)} a cluster state whose bonds are ${graph}, numbers being indices of ${q}. Every qubit gets h, every bond a controlled Z.`,
      `entangle ${words.declared(q, qubits)} into a graph state: vertices are the qubits, all in |+> by h, and a cz joins the ends of each of ${graph}.`,
      `write a circuit that applies h to each of the ${qubits} qubits of register ${q} and cz to the pairs ${graph}.`,
    ]
  },

  write({ qubits, edges, measured }, circuit, coding) {
    const bond = coding === 2 ? circuit.define('bond', 2, (body, [a, b]) => body.signByCx(a!, b!)) : undefined
    const q = circuit.qubits('data', qubits)
    circuit.layer('h', q)
    for (const [a, b] of coding === 1 ? parseEdges(edges).toReversed() : parseEdges(edges)) {
      if (bond !== undefined) circuit.gate(bond, q.at(a), q.at(b))
      else if (coding === 1) circuit.signByCx(q.at(a), q.at(b))
      else circuit.gate('cz', q.at(a), q.at(b))
    }
    if (measured) circuit.readOut(q)
  },
})
