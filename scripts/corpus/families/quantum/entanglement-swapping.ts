import { chooser, combine, distinct, halfMeasured, range } from './points.js'
import { quantumFamily } from './quantum-family.js'

/** The Bell state of each link, such as `phi+ psi-`. */
type SwappingPoint = { kinds: string, measured: boolean }

const KINDS = ['phi+', 'phi-', 'psi+', 'psi-'] as const
const three = combine({ a: KINDS, b: KINDS, c: KINDS }).map(({ a, b, c }) => `${a} ${b} ${c}`)
const trainedOn = three.filter((_, i) => i % 3 === 0)

function drawn(seed: number, links: number, count: number): { kinds: string }[] {
  const choose = chooser(seed)
  return distinct(range(count).map(() => ({ kinds: range(links).map(() => choose.one(KINDS)).join(' ') })))
}

export const entanglementSwapping = quantumFamily<SwappingPoint>({
  name: 'entanglement-swapping',
  trainingPoints: halfMeasured([...combine({ a: KINDS, b: KINDS }).map(({ a, b }) => ({ kinds: `${a} ${b}` })), ...trainedOn.map((kinds) => ({ kinds }))]),
  evaluationPoints: halfMeasured([...three.filter((kinds, i) => !trainedOn.includes(kinds) && i % 7 === 1).map((kinds) => ({ kinds })), ...drawn(161, 4, 5)]),
  codings: 3,

  asks({ kinds }, words) {
    const { data: q } = words
    const states = kinds.split(' ')
    const size = 2 * states.length
    const pair = (i: number): string => `${q}[${2 * i}],${q}[${2 * i + 1}]`
    const links = states.length === 2
      ? `${states[0]!} on ${pair(0)} and ${states[1]!} on ${pair(1)}`
      : `${states.join(', ')} on ${pair(0)} up to ${pair(states.length - 1)}`
    const last = `${q}[${size - 1}]`
    const making = 'h, cx; minus: z on the first, psi: x on the second'
    const joints = states.length === 2 ? `the joint ${q}[1],${q}[2]` : `each joint ${q}[1],${q}[2] to ${q}[${size - 3}],${q}[${size - 2}]`
    return [
      `swap entanglement along ${words.declared(q, size)}: ${links} (${making}). At ${joints}: cx, h on the first, then cx from the second and cz from the first to ${last}.`,
      `build a repeater with deferred corrections on ${words.declared(q, size)}. Links: ${links} (${making}). For ${joints}: cx, h on the first, cx (second) and cz (first) to ${last}.`,
      `connect ${q}[0] and ${last} of ${words.declared(q, size)} over ${links} (${making}); ${joints}: cx, h on the first, cx from its second and cz from its first to ${last}.`,
      `prepare ${links} in ${words.declared(q, size)} (${making}). Then at ${joints}: Bell basis change (cx, h first), cx from the second and cz from the first to ${last}.`,
    ]
  },

  write({ kinds, measured }, circuit, coding) {
    const states = kinds.split(' ')
    const bell = coding === 2 ? circuit.define('bell', 2, (body, [a, b]) => body.gate('h', a!).gate('cx', a!, b!)) : undefined
    const q = circuit.qubits('data', 2 * states.length)
    const last = q.at(q.size - 1)
    states.forEach((kind, i) => {
      const [a, b] = [q.at(2 * i), q.at(2 * i + 1)]
      const minus = kind.endsWith('-')
      const psi = kind.startsWith('psi')
      if (coding === 1 && minus) circuit.gate('x', a)
      if (coding === 1 && psi) circuit.gate('x', b)
      if (bell !== undefined) circuit.gate(bell, a, b)
      else circuit.gate('h', a).gate('cx', a, b)
      if (coding !== 1 && minus) circuit.gate('z', a)
      if (coding !== 1 && psi) circuit.gate('x', b)
    })
    for (const i of range(states.length - 1)) {
      const [left, right] = [q.at(2 * i + 1), q.at(2 * i + 2)]
      circuit.gate('cx', left, right).gate('h', left).gate('cx', right, last)
      if (coding === 1) circuit.signByCx(left, last)
      else circuit.gate('cz', left, last)
    }
    if (measured) circuit.readOut(q)
  },
})
