import { allEdges, chooser, distinct, EVALUATION_ANGLES, halfMeasured, parseEdges, range, TRAINING_ANGLES } from './points.js'
import { quantumFamily } from './quantum-family.js'

type QaoaPoint = { qubits: number, edges: string, gamma: string, beta: string, measured: boolean }

function points(seed: number, sizes: readonly number[], angles: readonly string[], count: number): QaoaPoint[] {
  const choose = chooser(seed)
  return halfMeasured(distinct(range(count).map((i) => {
    const qubits = sizes[i % sizes.length]!
    const all = allEdges(qubits)
    const chosen = choose.some(all, Math.min(all.length, 2 + choose.pick(qubits)))
    return { qubits, edges: all.filter((edge) => chosen.includes(edge)).join(' '), gamma: choose.one(angles), beta: choose.one(angles) }
  })))
}

export const qaoaLayer = quantumFamily<QaoaPoint>({
  name: 'qaoa-layer',
  trainingPoints: points(121, [3, 4, 5], TRAINING_ANGLES, 1440),
  evaluationPoints: points(122, [4, 5, 6], EVALUATION_ANGLES, 96),
  codings: 3,

  asks({ qubits, edges, gamma, beta }, words) {
    const { data: q } = words
    const graph = edges.split(' ').join(', ')
    return [
      `write one QAOA layer for MaxCut of the graph with edges ${graph} on ${words.declared(q, qubits)}: h on all, exp(-i*(${gamma})/2*ZZ) per edge, then rx(${beta}) on all.`,
      `prepare the p = 1 QAOA state in the ${words.sized(q, qubits)}, vertex k being ${q}[k]. Edges ${graph}; h everywhere, rzz(${gamma}) for each edge, mixer rx(${beta}) everywhere.`,
      `run QAOA with a single layer on register ${q} of ${qubits} qubits: start from h on each, cost rzz(${gamma}) over the edges ${graph}, mixer rx(${beta}) on each. rzz is made of cx, rz, cx.`,
      `solve MaxCut approximately for ${graph} using ${words.declared(q, qubits)}; after the uniform superposition come ZZ rotations of ${gamma} along the edges and X rotations of ${beta} on every qubit.`,
    ]
  },

  write({ qubits, edges, gamma, beta, measured }, circuit, coding) {
    const cost = coding === 2 ? circuit.define('cost', 2, (body, [a, b], angle) => body.zz(angle, a!, b!), true) : undefined
    const q = circuit.qubits('data', qubits)
    circuit.layer('h', q)
    for (const [a, b] of coding === 1 ? parseEdges(edges).toReversed() : parseEdges(edges)) {
      if (cost !== undefined) circuit.turn(cost, gamma, q.at(a), q.at(b))
      else if (coding === 1) circuit.zz(gamma, q.at(b), q.at(a))
      else circuit.zz(gamma, q.at(a), q.at(b))
    }
    circuit.each(0, qubits - 1, (body, at) => body.turn('rx', beta, q.at(at())))
    if (measured) circuit.readOut(q)
  },
})
