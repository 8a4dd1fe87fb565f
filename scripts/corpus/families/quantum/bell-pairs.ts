import { chooser, combine, distinct, halfMeasured, range } from './points.js'
import { quantumFamily } from './quantum-family.js'

type BellPoint = { kinds: string, layout: 'neighbours' | 'halves' | 'nested', measured: boolean }

const KINDS = ['phi+', 'phi-', 'psi+', 'psi-'] as const
const LAYOUTS = ['neighbours', 'halves', 'nested'] as const

/** First and second qubit of each pair. */
function pairs({ kinds, layout }: BellPoint): (readonly [number, number])[] {
  const count = kinds.split(' ').length
  return range(count).map((i) => layout === 'neighbours' ? [2 * i, 2 * i + 1] : layout === 'halves' ? [i, i + count] : [i, 2 * count - 1 - i])
}

const two = combine({ first: KINDS, second: KINDS }).map(({ first, second }) => `${first} ${second}`)

function drawn(seed: number, pairsPerPoint: number, count: number): { kinds: string, layout: BellPoint['layout'] }[] {
  const choose = chooser(seed)
  return range(count).map((i) => ({ kinds: range(pairsPerPoint).map(() => choose.one(KINDS)).join(' '), layout: LAYOUTS[i % 3]! }))
}

export const bellPairs = quantumFamily<BellPoint>({
  name: 'bell-pairs',
  trainingPoints: halfMeasured(distinct([
    ...KINDS.map((kinds) => ({ kinds, layout: 'neighbours' as const })),
    ...two.map((kinds, i) => ({ kinds, layout: LAYOUTS[i % 3]! })),
    ...drawn(3, 3, 12),
  ])),
  evaluationPoints: halfMeasured(distinct(drawn(4, 4, 12))),
  codings: 3,

  asks(point, words) {
    const { data: q } = words
    const states = point.kinds.split(' ')
    const size = 2 * states.length
    const each = pairs(point).map(([a, b], i) => `${states[i]!} on ${q}[${a}],${q}[${b}]`).join('; ')
    return [
      `prepare Bell pairs in the ${words.sized(q, size)}: ${each}. For each pair h on the first and cx to the second, then z on the first for a minus, x on the second for psi.`,
      `fill ${words.declared(q, size)} with Bell states (${each}), each by h on its first qubit and cx first to second, followed by z on the first if minus and x on the second if psi.`,
      `entangle these pairs of ${words.declared(q, size)}: ${each}. Use h and cx from first to second; afterwards psi takes an x on the second qubit, minus a z on the first.`,
      `create ${states.length === 1 ? 'a Bell pair' : `${states.length} Bell pairs`} in the ${words.sized(q, size)}, namely ${each}; phi+ comes from h and cx, minus adds z to the first qubit, psi adds x to the second.`,
    ]
  },

  write(point, circuit, coding) {
    const bell = coding === 2 ? circuit.define('bell', 2, (body, [a, b]) => body.gate('h', a!).gate('cx', a!, b!)) : undefined
    const states = point.kinds.split(' ')
    const q = circuit.qubits('data', 2 * states.length)
    pairs(point).forEach(([first, second], i) => {
      const [a, b] = [q.at(first), q.at(second)]
      const minus = states[i]!.endsWith('-')
      const psi = states[i]!.startsWith('psi')
      // h turns an x before it into a z behind it; an x on the target commutes with the cx.
      if (coding === 1) {
        if (minus) circuit.gate('x', a)
        if (psi) circuit.gate('x', b)
        circuit.gate('h', a).flipByCz(a, b)
        return
      }
      if (bell !== undefined) circuit.gate(bell, a, b)
      else circuit.gate('h', a).gate('cx', a, b)
      if (minus) circuit.gate('z', a)
      if (psi) circuit.gate('x', b)
    })
    if (point.measured) circuit.readOut(q)
  },
})
