import { chooser, combine, distinct, halfMeasured, range } from './points.js'
import { quantumFamily } from './quantum-family.js'

/** `to`: where each qubit's state goes, qubit 0 first, such as `2 0 1`. */
type PermutationPoint = { to: string, measured: boolean }

function drawn(seed: number, sizes: readonly number[], count: number): { to: string }[] {
  const choose = chooser(seed)
  return distinct(range(count).map((i) => {
    const size = sizes[i % sizes.length]!
    const draw = (): string => {
      const to = choose.some(range(size), size)
      return to.filter((target, from) => target !== from).length > 2 ? to.join(' ') : draw()
    }
    return { to: draw() }
  }))
}

const reversal = (size: number) => ({ to: range(size).reverse().join(' ') })
const rotation = ({ size, by }: { size: number, by: number }) => ({ to: range(size).map((i) => (i + by) % size).join(' ') })

export const qubitPermutation = quantumFamily<PermutationPoint>({
  name: 'qubit-permutation',
  trainingPoints: halfMeasured(distinct([...[3, 4, 5, 6].map(reversal), ...combine({ size: [3, 4, 5], by: [1, 2] }).map(rotation), ...drawn(221, [3, 4, 5, 6], 900)])),
  evaluationPoints: halfMeasured(distinct([...[7, 8].map(reversal), ...combine({ size: [7, 8], by: [1, 3] }).map(rotation), ...drawn(222, [7], 200)])),
  codings: 3,

  asks({ to }, words) {
    const { data: q } = words
    const targets = to.split(' ')
    const size = targets.length
    const moves = targets.map((target, from) => `${from}>${target}`).join(', ')
    return [
      `permute the ${words.sized(q, size)} by ${moves}, where a>b means that the state of ${q}[a] ends in ${q}[b].`,
      `write a network of swaps on ${words.declared(q, size)} that moves the states of ${q}[0] to ${q}[${size - 1}] to the indices ${targets.join(', ')}.`,
      `route the qubits of ${words.declared(q, size)}: ${moves} (from index > to index), using swaps made of cx or the swap gate.`,
      `rearrange register ${q} of ${size} qubits so that the contents of index 0, 1, ... arrive at ${targets.join(', ')} respectively.`,
    ]
  },

  write({ to, measured }, circuit, coding) {
    const targets = to.split(' ').map(Number)
    const exchange = coding === 2 ? circuit.define('exch', 2, (body, [a, b]) => body.gate('cx', a!, b!).gate('cx', b!, a!).gate('cx', a!, b!)) : undefined
    const q = circuit.qubits('data', targets.length)
    for (const [a, b] of coding === 1 ? adjacentSwaps(targets) : cycleSwaps(targets)) {
      if (exchange !== undefined) circuit.gate(exchange, q.at(a), q.at(b))
      else if (coding === 1) circuit.swap(q.at(b), q.at(a))
      else circuit.swap(q.at(a), q.at(b))
    }
    if (measured) circuit.readOut(q)
  },
})

/** Puts one state per swap in its place. */
function cycleSwaps(targets: readonly number[]): (readonly [number, number])[] {
  const held = [...targets]
  const swaps: (readonly [number, number])[] = []
  for (let at = 0; at < held.length; at++) {
    while (held[at] !== at) {
      const target = held[at]!
      swaps.push([at, target])
      held[at] = held[target]!
      held[target] = target
    }
  }
  return swaps
}

/** Sorts each state to its place from the left, by the fewest swaps of neighbours where that is short enough to write. */
function adjacentSwaps(targets: readonly number[]): (readonly [number, number])[] {
  const held = [...targets]
  const swaps: (readonly [number, number])[] = []
  for (let end = held.length - 1; end > 0; end--) {
    for (let at = 0; at < end; at++) {
      if (held[at]! < held[at + 1]!) continue
      swaps.push([at, at + 1])
      const left = held[at]!
      held[at] = held[at + 1]!
      held[at + 1] = left
    }
  }
  const SHORT = 10
  return swaps.length <= SHORT ? swaps : cycleSwaps(targets)
}
