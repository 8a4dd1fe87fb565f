import { bitAt, bitStrings, chooser, combine, distinct, halfMeasured, range } from './points.js'
import { quantumFamily } from './quantum-family.js'

type ShiftPoint = { shift: string, pairing: 'neighbours' | 'halves', measured: boolean }

const PAIRINGS = ['neighbours', 'halves'] as const
const trainedOn = (text: string): boolean => !text.startsWith('10')

function drawn(seed: number, size: number, count: number, keep: (text: string) => boolean): { shift: string, pairing: ShiftPoint['pairing'] }[] {
  const choose = chooser(seed)
  const strings = bitStrings(size).filter((text) => text.includes('1') && keep(text))
  return distinct(range(count).map((i) => ({ shift: choose.one(strings), pairing: PAIRINGS[i % 2]! })))
}

export const hiddenShift = quantumFamily<ShiftPoint>({
  name: 'hidden-shift',
  trainingPoints: halfMeasured([
    ...combine({ shift: bitStrings(2).filter((text) => text.includes('1')), pairing: ['neighbours'] }),
    ...combine({ shift: bitStrings(4).filter((text) => text.includes('1') && trainedOn(text)), pairing: PAIRINGS }),
    ...drawn(211, 6, 14, trainedOn),
  ]),
  evaluationPoints: halfMeasured([...drawn(212, 4, 4, (text) => !trainedOn(text)), ...drawn(213, 6, 5, (text) => !trainedOn(text)), ...drawn(214, 8, 4, () => true)]),
  codings: 3,

  asks({ shift, pairing }, words) {
    const { data: q } = words
    const size = shift.length
    const pairs = pairOf(size, pairing).map(([a, b]) => `${q}[${a}]${q}[${b}]`).join(' + ')
    const order = `rightmost bit ${q}[0]`
    return [
      `find the hidden shift ${shift} (${order}) of the bent function ${pairs} on ${words.declared(q, size)}: h on all; x on the shift, cz per product, x again; h on all; cz per product; h on all.`,
      `write the hidden shift algorithm for f = ${pairs} mod 2 and s = ${shift}, ${order}, in the ${words.sized(q, size)}. Layers: h, shifted phase oracle f(x+s) with x around cz, h, oracle f by cz, h.`,
      `solve the Boolean hidden shift problem on ${words.declared(q, size)}, s = ${shift} with ${order}. The function is ${pairs}, its own dual; apply h, (-1)^f(x+s), h, (-1)^f(x), h.`,
      `make the Clifford hidden shift circuit over register ${q} of ${size} qubits with products ${pairs} and shift ${shift} (${order}); three layers of h enclose the oracle shifted by x gates and the plain one.`,
    ]
  },

  write({ shift, pairing, measured }, circuit, coding) {
    const size = shift.length
    const pairs = pairOf(size, pairing)
    const oracle = coding === 2 ? circuit.define('bent', size, (body, qubits) => { pairs.forEach(([a, b]) => body.gate('cz', qubits[a]!, qubits[b]!)) }) : undefined
    const q = circuit.qubits('data', size)
    const signs = (): void => {
      if (oracle !== undefined) circuit.gate(oracle, ...q.all)
      else pairs.forEach(([a, b]) => circuit.gate('cz', q.at(a), q.at(b)))
    }
    const ones = range(size).filter((i) => bitAt(shift, i))
    circuit.layer('h', q)
    if (coding === 1) {
      // An x moves through a cz and leaves a z on the partner.
      signs()
      pairs.forEach(([a, b]) => {
        if (ones.includes(a)) circuit.gate('z', q.at(b))
        if (ones.includes(b)) circuit.gate('z', q.at(a))
      })
    } else {
      ones.forEach((i) => circuit.gate('x', q.at(i)))
      signs()
      ones.forEach((i) => circuit.gate('x', q.at(i)))
    }
    circuit.layer('h', q)
    signs()
    circuit.layer('h', q)
    if (measured) circuit.readOut(q)
  },
})

function pairOf(size: number, pairing: ShiftPoint['pairing']): (readonly [number, number])[] {
  return range(size / 2).map((i) => pairing === 'neighbours' ? [2 * i, 2 * i + 1] : [i, i + size / 2])
}
