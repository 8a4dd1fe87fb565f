import type { Register, Statements } from './circuit.js'
import { chooser, distinct, EVALUATION_ANGLES, range, TRAINING_ANGLES } from './points.js'
import { quantumFamily } from './quantum-family.js'

/** `error`: empty for the encoder alone, or the qubit that is hit before a distance-3 code is decoded and corrected. */
type RepetitionPoint = { kind: 'bit-flip' | 'phase-flip', qubits: number, angle: string, error: string }

function points(seed: number, sizes: readonly number[], angles: readonly string[], count: number): RepetitionPoint[] {
  const choose = chooser(seed)
  return distinct(range(count).map((i): RepetitionPoint => {
    const qubits = i % 2 === 0 ? 3 : choose.one(sizes)
    return { kind: choose.one(['bit-flip', 'phase-flip'] as const), qubits, angle: choose.one(angles), error: qubits === 3 && i % 2 === 0 ? String(choose.pick(3)) : '' }
  }))
}

export const repetitionCode = quantumFamily<RepetitionPoint>({
  name: 'repetition-code',
  trainingPoints: points(71, [2, 3, 4, 5], TRAINING_ANGLES, 1440),
  evaluationPoints: points(72, [3, 6, 7], EVALUATION_ANGLES, 112),
  codings: 3,

  asks({ kind, qubits, angle, error }, words) {
    const { data: q } = words
    const pauli = kind === 'bit-flip' ? 'x' : 'z'
    const basis = kind === 'bit-flip' ? '' : ` and h on all of ${q}`
    const story = error === '' ? '' : ` Then apply error ${pauli} to ${q}[${error}], undo the encoding and correct ${q}[0] by ccx from ${q}[1],${q}[2].`
    return [
      `encode ry(${angle})|0> of ${q}[0] in the ${qubits}-qubit ${kind} code on ${words.declared(q, qubits)}: cx from ${q}[0] to every other qubit${basis}.${story}`,
      `prepare ${q}[0] of the ${words.sized(q, qubits)} by ry(${angle}) and protect it by the ${kind} repetition code: cx from ${q}[0] to each other qubit${basis}.${story}`,
      `write the ${kind} encoder for ${words.declared(q, qubits)} with data qubit ${q}[0] in the state ry(${angle})|0>. It copies ${q}[0] to the rest by cx${kind === 'bit-flip' ? '' : `, followed by h everywhere`}.${story}`,
      `repeat the qubit ${q}[0], rotated by ry(${angle}), over the ${qubits} qubits of register ${q} using cx${basis} for a ${kind} code.${story}`,
    ]
  },

  reads: ({ error }, { data, bits }) => error === '' ? undefined : { from: `${data}[0]`, into: `${bits}[0]` },

  write({ kind, qubits, angle, error }, circuit, coding) {
    const phaseFlip = kind === 'phase-flip'
    const spread = coding === 2 ? circuit.define('spread', qubits, (body, formals) => { formals.slice(1).forEach((other) => body.gate('cx', formals[0]!, other)) }) : undefined
    const q = circuit.qubits('data', qubits)
    const copy = (): void => {
      if (spread !== undefined) circuit.gate(spread, ...q.all)
      else circuit.each(1, qubits - 1, (body, at) => body.gate('cx', q.at(0), q.at(at())))
    }
    const encode = (inverse: boolean): void => {
      if (coding === 1) {
        encodeByCz(circuit, q, phaseFlip, inverse)
        return
      }
      if (phaseFlip && inverse) circuit.layer('h', q)
      copy()
      if (phaseFlip && !inverse) circuit.layer('h', q)
    }
    circuit.turn('ry', angle, q.at(0))
    encode(false)
    if (error === '') return
    circuit.gate(phaseFlip ? 'z' : 'x', q.at(error))
    encode(true)
    circuit.gate('ccx', q.at(1), q.at(2), q.at(0))
    circuit.measurement(q.at(0), circuit.bits(1).at(0))
  },
})

/** A cx is a cz between h; beside the phase-flip code's own layer of h only one of the two is left. */
function encodeByCz(body: Statements, q: Register, phaseFlip: boolean, inverse: boolean): void {
  const [first, ...others] = q.all
  if (!phaseFlip) {
    others.forEach((other) => body.flipByCz(first!, other))
    return
  }
  if (inverse) body.gate('h', first!)
  for (const other of others) {
    if (inverse) body.gate('cz', first!, other).gate('h', other)
    else body.gate('h', other).gate('cz', first!, other)
  }
  if (!inverse) body.gate('h', first!)
}
