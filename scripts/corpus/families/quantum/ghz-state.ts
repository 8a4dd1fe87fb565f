import type { Circuit, Register, Statements } from './circuit.js'
import { combine, halfMeasured, range } from './points.js'
import { quantumFamily, type Vocabulary } from './quantum-family.js'

type GhzPoint = { qubits: number, shape: 'line' | 'star' | 'tree', root: 'first' | 'last', measured: boolean }

const shapes = { shape: ['line', 'star', 'tree'], root: ['first', 'last'] } as const

/** Pairs of control and target, counted from the root. */
function links({ qubits, shape }: GhzPoint): (readonly [number, number])[] {
  if (shape === 'line') return range(qubits - 1).map((i) => [i, i + 1])
  if (shape === 'star') return range(qubits - 1).map((i) => [0, i + 1])
  return range(qubits - 1).map((i) => [i + 1 - 2 ** Math.floor(Math.log2(i + 1)), i + 1])
}

function rule({ qubits, shape, root }: GhzPoint, { data: q }: Vocabulary): string {
  const top = qubits - 1
  if (root === 'first') {
    if (shape === 'line') return `cx from each qubit to the next, ${q}[0] to ${q}[1] first`
    if (shape === 'star') return `cx from ${q}[0] to every other qubit`
    return `cx ${q}[i] to ${q}[i+d] for i < d, in rounds d = 1, 2, 4`
  }
  if (shape === 'line') return `cx from each qubit to the one below, ${q}[${top}] to ${q}[${top - 1}] first`
  if (shape === 'star') return `cx from ${q}[${top}] to every other qubit`
  return `cx ${q}[${top}-i] to ${q}[${top}-i-d] for i < d, in rounds d = 1, 2, 4`
}

export const ghzState = quantumFamily<GhzPoint>({
  name: 'ghz-state',
  trainingPoints: halfMeasured(combine({ qubits: [3, 4, 5, 6], ...shapes })),
  evaluationPoints: halfMeasured(combine({ qubits: [7, 8], ...shapes })),
  codings: 3,

  asks(point, words) {
    const { data: q } = words
    const root = `${q}[${point.root === 'first' ? 0 : point.qubits - 1}]`
    return [
      `prepare a GHZ state on the ${words.sized(q, point.qubits)}: h on ${root}, then ${rule(point, words)}.`,
      `build the ${point.qubits}-qubit GHZ state in ${words.declared(q, point.qubits)} as a ${point.shape}. Put ${root} in superposition by h, then ${rule(point, words)}.`,
      `entangle ${words.declared(q, point.qubits)} into (|0..0> + |1..1>)/sqrt(2), starting with h on ${root} and going on with ${rule(point, words)}.`,
      `make a GHZ state with ${root} as the root of a ${point.shape} over the ${words.sized(q, point.qubits)}: first h on the root, then ${rule(point, words)}.`,
    ]
  },

  write(point, circuit, coding) {
    const copy = coding === 2 ? circuit.define('copy', 2, (body, [from, to]) => body.flipByCz(from!, to!)) : undefined
    const q = circuit.qubits('data', point.qubits)
    const place = (i: number): string => q.at(point.root === 'first' ? i : point.qubits - 1 - i)
    circuit.gate('h', place(0))
    const link = (body: Statements, from: string, to: string): Statements =>
      copy !== undefined ? body.gate(copy, from, to) : coding === 1 ? body.flipByCz(from, to) : body.gate('cx', from, to)
    if (point.shape === 'line' && point.root === 'first') chain(circuit, q, link)
    else for (const [from, to] of links(point)) link(circuit, place(from), place(to))
    if (point.measured) circuit.readOut(q)
  },
})

function chain(circuit: Circuit, q: Register, link: (body: Statements, from: string, to: string) => Statements): void {
  circuit.each(0, q.size - 2, (body, at) => link(body, q.at(at()), q.at(at(1))))
}
