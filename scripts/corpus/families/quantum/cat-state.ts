import { bitAt, bitStrings, chooser, distinct, EVALUATION_ANGLES, halfMeasured, range, TRAINING_ANGLES } from './points.js'
import { quantumFamily } from './quantum-family.js'

type CatPoint = { text: string, angle: string, measured: boolean }

/** Bit strings that end in this are kept for evaluation. */
const HELD_OUT = '101'

function points(seed: number, sizes: readonly number[], angles: readonly string[], count: number, heldOut: boolean): Omit<CatPoint, 'measured'>[] {
  const choose = chooser(seed)
  return distinct(range(count).map((i) => {
    const strings = bitStrings(sizes[i % sizes.length]!).filter((text) => text.includes('1') && text.endsWith(HELD_OUT) === heldOut)
    return { text: choose.one(strings), angle: choose.one(angles) }
  }))
}

export const catState = quantumFamily<CatPoint>({
  name: 'cat-state',
  trainingPoints: halfMeasured(points(1, [3, 4, 5, 6, 7], TRAINING_ANGLES, 1300, false)),
  evaluationPoints: halfMeasured(points(2, [4, 5, 6, 7], EVALUATION_ANGLES, 100, true)),
  codings: 3,

  asks({ text, angle }, words) {
    const { data: q } = words
    const size = text.length
    const order = `the rightmost bit is ${q}[0]'s`
    return [
      `prepare the cat state |s> + e^(i*${angle})|not s> for s = ${text} on the ${words.sized(q, size)} (${order}): h and phase ${angle} on ${q}[0], cx from ${q}[0] to all others, x where s is 1.`,
      `put h and then the phase gate of angle ${angle} on ${q}[0] of ${words.declared(q, size)}, copy ${q}[0] to every other qubit by cx, and apply x where ${text} has a 1; ${order}.`,
      `make a cat state in ${words.declared(q, size)}. Apply h to ${q}[0], phase diag(1, e^(i*${angle})) to ${q}[0], cx from ${q}[0] to each other qubit, then x on the ones of ${text}, where ${order}.`,
      `superpose ${text} and its complement in the ${words.sized(q, size)} with relative phase ${angle}: h, phase on ${q}[0], cx from it to the others, finally x on the qubits with bit 1, where ${order}.`,
    ]
  },

  write({ text, angle, measured }, circuit, coding) {
    const fan = coding === 2 ? circuit.define('fan', text.length, (body, qubits) => { qubits.slice(1).forEach((target) => body.gate('cx', qubits[0]!, target)) }) : undefined
    const q = circuit.qubits('data', text.length)
    const ones = q.all.filter((_, i) => bitAt(text, i))
    circuit.gate('h', q.at(0))
    // An x on a target commutes with the cx, an x on the control does not.
    if (coding === 1) ones.filter((qubit) => qubit !== q.at(0)).forEach((qubit) => circuit.gate('x', qubit))
    if (coding === 0) circuit.phase(angle, q.at(0))
    else circuit.turn('rz', angle, q.at(0))
    if (fan !== undefined) circuit.gate(fan, ...q.all)
    else circuit.each(1, q.size - 1, (body, at) => body.gate('cx', q.at(0), q.at(at())))
    ones.filter((qubit) => coding !== 1 || qubit === q.at(0)).forEach((qubit) => circuit.gate('x', qubit))
    if (measured) circuit.readOut(q)
  },
})
