import type { Statements } from './circuit.js'
import { cliffordToffoli } from './multi-controlled.js'
import { chooser, distinct, halfMeasured, range } from './points.js'
import { quantumFamily } from './quantum-family.js'

/** Assignments such as `2^=0&1 0^=3 !1`: index ^= index & index, index ^= index, or a negation. */
type LogicPoint = { qubits: number, operations: string, measured: boolean }

function points(seed: number, sizes: readonly number[], steps: readonly number[], count: number): LogicPoint[] {
  const choose = chooser(seed)
  return halfMeasured(distinct(range(count).map((i) => {
    const qubits = sizes[i % sizes.length]!
    const operations = range(choose.one(steps)).map((at) => {
      const [target, a, b] = choose.some(range(qubits), 3)
      const kind = at === 0 ? 0 : choose.pick(4)
      return kind < 2 ? `${target!}^=${a!}&${b!}` : kind === 2 ? `${target!}^=${a!}` : `!${target!}`
    })
    return { qubits, operations: operations.join(' ') }
  })))
}

interface Operation { readonly target: string, readonly controls: readonly string[] }

function parse(text: string, at: (index: string) => string): Operation {
  if (text.startsWith('!')) return { target: at(text.slice(1)), controls: [] }
  const [target, controls] = text.split('^=')
  return { target: at(target!), controls: controls!.split('&').map(at) }
}

export const reversibleLogic = quantumFamily<LogicPoint>({
  name: 'reversible-logic',
  trainingPoints: points(271, [3, 4, 5], [3, 4, 5], 1600),
  evaluationPoints: points(272, [6, 7], [3, 4, 5, 6], 400),
  codings: 3,

  asks({ qubits, operations }, words) {
    const { data: q } = words
    const element = (index: string): string => `${q}[${index}]`
    const listing = operations.split(' ').map((text) => {
      const { target, controls } = parse(text, element)
      return controls.length === 0 ? `not ${target}` : `${target} ^= ${controls.join('&')}`
    }).join('; ')
    return [
      `compute on ${words.declared(q, qubits)} in this order: ${listing}.`,
      `write the reversible program ${listing} as x, cx and Toffoli gates on the ${words.sized(q, qubits)}, executed from left to right.`,
      `run these Boolean assignments on basis states of ${words.declared(q, qubits)}, one after another, & being AND and ^= adding modulo 2: ${listing}.`,
      `translate into a quantum circuit on register ${q} of ${qubits} qubits: ${listing}. Each assignment is one classical reversible gate, first to last.`,
    ]
  },

  write({ qubits, operations, measured }, circuit, coding) {
    const toffoli = coding === 2 ? circuit.define('toff', 3, (body, [a, b, c]) => { cliffordToffoli(body, a!, b!, c!) }) : 'ccx'
    const q = circuit.qubits('data', qubits)
    for (const text of operations.split(' ')) {
      const { target, controls } = parse(text, (index) => q.at(index))
      if (coding === 1) throughSigns(circuit, controls, target)
      else circuit.gate(['x', 'cx', toffoli][controls.length]!, ...controls, target)
    }
    if (measured) circuit.readOut(q)
  },
})

/** Controlled flips as controlled signs between Hadamards, or with the controls exchanged. */
function throughSigns(body: Statements, controls: readonly string[], target: string): void {
  if (controls.length === 1) body.flipByCz(controls[0]!, target)
  else body.gate(['x', 'cx', 'ccx'][controls.length]!, ...controls.toReversed(), target)
}
