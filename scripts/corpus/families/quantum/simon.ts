import { bitAt, bitStrings, combine, range } from './points.js'
import { quantumFamily } from './quantum-family.js'

/** `whole`: with the layers of h and the measurement; otherwise the oracle alone. */
type SimonPoint = { secret: string, whole: boolean }

const nonZero = (size: number): string[] => bitStrings(size).filter((text) => text.includes('1'))
const fourBits = nonZero(4)
const trainedOn = fourBits.filter((_, i) => i % 3 !== 1)

export const simonOracle = quantumFamily<SimonPoint>({
  name: 'simon-oracle',
  trainingPoints: combine({ secret: [...nonZero(2), ...nonZero(3), ...trainedOn], whole: [false, true] }),
  evaluationPoints: combine({ secret: fourBits.filter((text) => !trainedOn.includes(text)), whole: [false, true] }),
  codings: 3,

  asks({ secret, whole }, words) {
    const { data: q, b: out } = words
    const size = secret.length
    const lowest = range(size).find((i) => bitAt(secret, i))!
    const rule = `copy ${q}[i] to ${out}[i] by cx for all i, then if ${q}[${lowest}] is 1 add s to ${out}`
    const around = whole ? ` Put h on all of ${q} before and after.` : ''
    return [
      `write Simon's oracle for s = ${secret} (rightmost bit: index 0) from ${words.declared(q, size)} to ${words.declared(out, size)}: ${rule}.${around}`,
      `map |x>|y> to |x>|y + f(x)> bitwise mod 2 with x in ${words.declared(q, size)}, y in ${words.declared(out, size)}, where f(x) = x xor (s if bit ${lowest} of x is 1), s = ${secret}, index 0 rightmost.${around}`,
      `build ${whole ? 'Simon\'s algorithm' : 'a two-to-one function'} for ${secret} on ${words.declared(q, size)} and ${words.declared(out, size)}. The oracle: ${rule}; s is the ${whole ? 'hidden string' : 'period'}, rightmost bit index 0.${around}`,
      `implement f(x) = x xor x_${lowest}*s for s = ${secret}, added into the ${words.sized(out, size)} from the ${words.sized(q, size)}, with index 0 the rightmost bit of s.${around}`,
    ]
  },

  reads: ({ whole }, { data, bits }) => whole ? { from: data, into: bits } : undefined,

  write({ secret, whole }, circuit, coding) {
    const size = secret.length
    const lowest = range(size).find((i) => bitAt(secret, i))!
    const ones = range(size).filter((i) => bitAt(secret, i))
    const add = coding === 2
      ? circuit.define('addsec', ones.length + 1, (body, qubits) => { qubits.slice(1).forEach((target) => body.gate('cx', qubits[0]!, target)) })
      : undefined
    const q = circuit.qubits('data', size)
    const out = circuit.qubits('b', size)
    if (whole) circuit.layer('h', q)
    if (coding === 1) {
      // What is copied and added to the lowest set bit cancels.
      for (const i of range(size)) if (i !== lowest) circuit.gate('cx', q.at(i), out.at(i))
      for (const i of ones) if (i !== lowest) circuit.gate('cx', q.at(lowest), out.at(i))
    } else {
      circuit.each(0, size - 1, (body, at) => body.gate('cx', q.at(at()), out.at(at())))
      if (add !== undefined) circuit.gate(add, q.at(lowest), ...ones.map((i) => out.at(i)))
      else ones.forEach((i) => circuit.gate('cx', q.at(lowest), out.at(i)))
    }
    if (whole) circuit.layer('h', q).readOut(q)
  },
})
