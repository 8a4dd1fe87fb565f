import { chooser, distinct, range } from './points.js'
import { quantumFamily } from './quantum-family.js'

/** `copies` and `rows` are fans such as `2>4,5`: CNOTs from the first qubit to the others; a row's first qubit gets h before. */
type EncoderPoint = { code: string, qubits: number, copies: string, rows: string, inverse: boolean }

interface Code { readonly name: string, readonly qubits: number, readonly copies: string, readonly rows: string }

/** Each a [[n,k,d]] code whose X generators are the rows. */
const SMALL: Code = { name: '[[4,2,2]]', qubits: 4, copies: '1>3 2>3', rows: '0>1,2,3' }
const ICEBERG: Code = { name: '[[6,4,2]]', qubits: 6, copies: '1>5 2>5 3>5 4>5', rows: '0>1,2,3,4,5' }
const STEANE: Code = { name: 'Steane', qubits: 7, copies: '2>4,5', rows: '3>4,5,6 1>2,5,6 0>2,4,6' }
const LARGE_ICEBERG: Code = { name: '[[8,6,2]]', qubits: 8, copies: '1>7 2>7 3>7 4>7 5>7 6>7', rows: '0>1,2,3,4,5,6,7' }

/** The same code with its qubits numbered otherwise. */
function relabelled(code: Code, seed: number, count: number): EncoderPoint[] {
  const choose = chooser(seed)
  return distinct(range(count).map((i) => {
    const labels = i === 0 ? range(code.qubits) : choose.some(range(code.qubits), code.qubits)
    const rename = (text: string): string => text.replaceAll(/\d+/g, (digits) => String(labels[Number(digits)]))
    return { code: code.name, qubits: code.qubits, copies: rename(code.copies), rows: rename(code.rows), inverse: i % 3 === 2 }
  }))
}

const trainingPoints = [...relabelled(SMALL, 81, 60), ...relabelled(ICEBERG, 82, 50), ...relabelled(STEANE, 83, 70)]

function parseFans(text: string): { root: number, others: number[] }[] {
  return text.split(' ').map((fan) => {
    const [root, others] = fan.split('>')
    return { root: Number(root), others: others!.split(',').map(Number) }
  })
}

export const cssEncoder = quantumFamily<EncoderPoint>({
  name: 'css-encoder',
  trainingPoints,
  // Other numberings of the Steane code, and a larger code of the [[n,n-2,2]] kind.
  evaluationPoints: [
    ...relabelled(STEANE, 84, 45).slice(1).filter(({ rows }) => trainingPoints.every((point) => point.rows !== rows)),
    ...relabelled(LARGE_ICEBERG, 85, 4),
  ],
  codings: 3,

  asks({ code, qubits, copies, rows, inverse }, words) {
    const { data: q } = words
    const one = rows.split(' ').length === 1
    const what = inverse ? 'decoder' : 'encoder'
    const back = inverse ? ' All this runs in reverse order.' : ''
    return [
      `write the ${code} ${what} on ${words.declared(q, qubits)}. First cx fans ${copies.replaceAll(' ', '; ')} (source>targets, indices of ${q}); then ${one ? 'the generator' : 'for each generator'} ${rows.replaceAll(' ', '; ')}: h on the source, cx to the targets.${back}`,
      `${inverse ? 'decode' : 'encode'} with the ${code} code in ${words.declared(q, qubits)}: cx along ${copies.replaceAll(' ', ', then ')} as source>targets, next h and cx fan for ${one ? '' : 'each of '}${rows.replaceAll(' ', '; ')}.${back}`,
      `${inverse ? 'take a logical state out of' : 'bring a state into'} the ${code} code of the ${words.sized(q, qubits)}; logical fans ${copies.replaceAll(' ', '; ')} by cx from source>targets, X generators ${rows.replaceAll(' ', '; ')} by h on the source and cx to the targets.${back}`,
      `build a ${qubits}-qubit CSS ${what} (${code} code) on register ${q}: for ${copies.replaceAll(' ', '; ')} cx from the first index to those behind the >, and for ${rows.replaceAll(' ', '; ')} the same after an h on the first.${back}`,
    ]
  },

  write({ qubits, copies, rows, inverse }, circuit, coding) {
    const fans = [...parseFans(copies).map((fan) => ({ ...fan, row: false })), ...parseFans(rows).map((fan) => ({ ...fan, row: true }))]
    const own = new Map<number, string>()
    if (coding === 2) {
      for (const width of new Set(fans.map(({ others }) => others.length))) {
        own.set(width, circuit.define(`fan${width}`, width + 1, (body, formals) => { formals.slice(1).forEach((other) => body.gate('cx', formals[0]!, other)) }))
      }
    }
    const q = circuit.qubits('data', qubits)
    for (const { root, others, row } of inverse ? fans.toReversed() : fans) {
      if (row && !inverse) circuit.gate('h', q.at(root))
      const name = own.get(others.length)
      if (name !== undefined) circuit.gate(name, q.at(root), ...others.map((i) => q.at(i)))
      else if (coding === 1) {
        others.forEach((i) => circuit.gate('h', q.at(i)))
        others.forEach((i) => circuit.gate('cz', q.at(root), q.at(i)))
        others.forEach((i) => circuit.gate('h', q.at(i)))
      } else others.forEach((i) => circuit.gate('cx', q.at(root), q.at(i)))
      if (row && inverse) circuit.gate('h', q.at(root))
    }
  },
})
