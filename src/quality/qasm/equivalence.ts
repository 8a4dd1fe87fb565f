import { createHash } from 'node:crypto'

import type { Random } from '../../telemetry/index.js'
import { createRandom } from '../../telemetry/index.js'
import { MAXIMUM_QUBITS } from '../constants.js'
import type { Outcome } from '../types.js'
import type { Circuit, QubitRegister } from './circuit.js'
import { size } from './circuit.js'
import type { Course, Deferred } from './simulate.js'
import { defer, run } from './simulate.js'
import { distance } from './state.js'

export interface QasmFinding {
  readonly outcome: Outcome
  readonly reason: string
}

/**
 * States closer than this are equal. Angles written with six digits instead of as fractions of pi differ by less;
 * the smallest angle that circuits are built from, 2 pi / 2^16, by more.
 */
const TOLERANCE = 2e-5

/** Random inputs and observations. One would do with probability 1; the others guard against unlucky cancellation. */
const SAMPLES = 3

/**
 * Compares what two circuits do, for every state of their qubits (`any`) or from |0...0> (`zero`): the unitary up to a global phase where nothing is measured,
 * otherwise the joint distribution of all classical bits and the state of the qubits that the reference never measures.
 *
 * @param seed - decides the random inputs; derived from both texts, so that verdicts repeat and nobody can write a circuit for known inputs
 */
export function compareCircuits(reference: Circuit, candidate: Circuit, seed: string, initialState: 'any' | 'zero' = 'any'): QasmFinding {
  const registers = compareRegisters(reference.qubits, candidate.qubits, 'qubit') ?? compareRegisters(reference.bits, candidate.bits, 'bit')
  if (registers) return { outcome: 'fail', reason: registers }
  const qubits = size(reference.qubits)
  if (qubits > MAXIMUM_QUBITS) return { outcome: 'unknown', reason: `circuits of ${qubits} qubits are not simulated: at most ${MAXIMUM_QUBITS}` }
  const [a, b] = [defer(reference), defer(candidate)]
  if (a.isUnitary && !b.isUnitary) return { outcome: 'fail', reason: 'the candidate measures or resets, and the reference does not' }
  const random = createRandom(createHash('sha256').update(seed).digest().readInt32LE())
  const zero = Array.from({ length: qubits }, () => [1, 0, 0, 0])
  const inputs = [zero, ...initialState === 'any' ? Array.from({ length: SAMPLES - 1 }, () => zero.map(() => randomQubit(random))) : []]
  for (const [i, input] of inputs.entries()) {
    const [left, right] = [run(a, input), run(b, input)]
    if (!left || !right) return { outcome: 'unknown', reason: 'the measurements inside the circuit can take too many courses to follow' }
    const difference = a.isUnitary ? stateDifference(left, right) : outcomeDifference(a, b, left, right, random)
    if (difference !== undefined) return { outcome: 'fail', reason: `${difference}${i === 0 ? ' from |0...0>' : ', on other inputs than |0...0>'}` }
  }
  const scope = initialState === 'any' ? `on |0...0> and ${SAMPLES - 1} random product inputs` : 'from |0...0>'
  return { outcome: 'pass', reason: `${a.isUnitary ? 'the same unitary up to a global phase' : 'the same outcomes'}, ${scope}` }
}

function compareRegisters(reference: readonly QubitRegister[], candidate: readonly QubitRegister[], kind: string): string | undefined {
  const describe = (registers: readonly QubitRegister[]): string => registers.map(({ name, size }) => `${name}[${size}]`).join(', ') || 'none'
  const [expected, found] = [describe(reference), describe(candidate)]
  return expected === found ? undefined : `the candidate's ${kind} registers are ${found}, and the reference's are ${expected}`
}

/** Uniform on the Bloch sphere. */
function randomQubit(random: Random): number[] {
  const theta = Math.acos(1 - 2 * random())
  const phi = 2 * Math.PI * random()
  return [Math.cos(theta / 2), 0, Math.sin(theta / 2) * Math.cos(phi), Math.sin(theta / 2) * Math.sin(phi)]
}

function stateDifference(left: readonly Course[], right: readonly Course[]): string | undefined {
  const apart = distance(left[0]!.state, right[0]!.state)
  return apart > TOLERANCE ? `the final states differ by ${apart.toPrecision(2)} (norm, of at most 1.41)` : undefined
}

function outcomeDifference(a: Deferred, b: Deferred, left: readonly Course[], right: readonly Course[], random: Random): string | undefined {
  const bits = size(a.circuit.bits)
  const shown = (key: string): string => key === '' ? 'no bits' : `bits ${key}`
  const plain = [probabilities(a, left, bits), probabilities(b, right, bits)] as const
  const worst = furthest(...plain, TOLERANCE / 2)
  if (worst !== undefined) {
    return `the outcome ${shown(worst)} has probability ${(plain[1].get(worst) ?? 0).toFixed(4)} instead of ${(plain[0].get(worst) ?? 0).toFixed(4)}`
  }
  const open = unmeasured(a)
  if (open.length === 0) return undefined
  for (let sample = 0; sample < SAMPLES; sample++) {
    const observation = new Map(open.map((qubit) => [qubit, randomQubit(random)]))
    const found = furthest(probabilities(a, left, bits, observation), probabilities(b, right, bits, observation), TOLERANCE / 2 / 2 ** open.length)
    if (found !== undefined) return `the measured bits agree, but the state of the qubits that are not measured differs`
  }
  return undefined
}

/** Qubits that the circuit never measures: their state is part of what it puts out. */
function unmeasured(deferred: Deferred): number[] {
  const seen = new Set<number>(deferred.measured.values())
  const visit = (operations: Circuit['operations']): void => {
    for (const operation of operations) {
      if (operation.kind === 'measure') seen.add(operation.qubit)
      if (operation.kind === 'branch') visit([...operation.then, ...operation.otherwise])
    }
  }
  visit(deferred.circuit.operations)
  return Array.from({ length: size(deferred.circuit.qubits) }, (_, qubit) => qubit).filter((qubit) => !seen.has(qubit))
}

/** How likely each value of the classical bits is, together with finding the observed qubits in the given states. */
function probabilities(deferred: Deferred, courses: readonly Course[], bits: number, observation = new Map<number, readonly number[]>()): Map<string, number> {
  const result = new Map<string, number>()
  for (const course of courses) {
    const { real, imaginary } = observe(course, observation)
    for (let i = 0; i < real.length; i++) {
      const probability = real[i]! ** 2 + imaginary[i]! ** 2
      if (probability < 1e-16) continue
      let key = ''
      for (let bit = bits - 1; bit >= 0; bit--) {
        const qubit = deferred.measured.get(bit)
        key += String(qubit === undefined ? course.bits[bit]! : (i >> qubit) & 1)
      }
      result.set(key, (result.get(key) ?? 0) + probability)
    }
  }
  return result
}

/** Amplitudes after each observed qubit is found in its state; they stand where the qubit is 0. */
function observe(course: Course, observation: ReadonlyMap<number, readonly number[]>): { real: Float64Array, imaginary: Float64Array } {
  if (observation.size === 0) return course.state
  const { real, imaginary } = course.state.clone()
  for (const [qubit, [ar, ai, br, bi]] of observation) {
    const bit = 1 << qubit
    for (let i = 0; i < real.length; i++) {
      if (i & bit) continue
      const [xr, xi, yr, yi] = [real[i]!, imaginary[i]!, real[i | bit]!, imaginary[i | bit]!]
      real[i] = ar! * xr + ai! * xi + br! * yr + bi! * yi
      imaginary[i] = ar! * xi - ai! * xr + br! * yi - bi! * yr
      real[i | bit] = 0
      imaginary[i | bit] = 0
    }
  }
  return { real, imaginary }
}

function furthest(a: ReadonlyMap<string, number>, b: ReadonlyMap<string, number>, tolerance: number): string | undefined {
  let worst: string | undefined
  let distance = tolerance
  for (const key of new Set([...a.keys(), ...b.keys()])) {
    const apart = Math.abs((a.get(key) ?? 0) - (b.get(key) ?? 0))
    if (apart <= distance) continue
    worst = key
    distance = apart
  }
  return worst
}
