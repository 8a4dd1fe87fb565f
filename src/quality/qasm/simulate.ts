import type { Circuit, Operation } from './circuit.js'
import { size } from './circuit.js'
import { State } from './state.js'

/** One course that measurements can take. */
export interface Course {
  readonly bits: Uint8Array
  /** Its squared norm is the course's probability. */
  readonly state: State
}

/** A circuit whose last measurements are left out and listed instead, so that they do not multiply the courses. */
export interface Deferred {
  readonly circuit: Circuit
  readonly operations: readonly Operation[]
  /** Bit to qubit. */
  readonly measured: ReadonlyMap<number, number>
  /** Qubits that the program resets before it does anything else with them. */
  readonly freshlyReset: ReadonlySet<number>
  readonly isUnitary: boolean
}

/** More courses than this are not followed. */
const MAXIMUM_COURSES = 1024

export function defer(circuit: Circuit): Deferred {
  const measured = new Map<number, number>()
  const used = new Set<number>()
  const kept: Operation[] = []
  let readsBits = false
  for (const operation of [...circuit.operations].reverse()) {
    if (operation.kind === 'measure' && !readsBits && !used.has(operation.qubit) && operation.bit !== undefined
      && !measured.has(operation.bit) && ![...measured.values()].includes(operation.qubit)) {
      measured.set(operation.bit, operation.qubit)
      continue
    }
    // What is measured earlier could be read, or written again, by what follows.
    if (operation.kind !== 'gate' && operation.kind !== 'reset') readsBits = true
    for (const qubit of qubitsOf(operation)) used.add(qubit)
    kept.push(operation)
  }
  kept.reverse()
  const freshlyReset = new Set<number>()
  const touched = new Set<number>()
  const operations = kept.filter((operation) => {
    const fresh = operation.kind === 'reset' && !touched.has(operation.qubit)
    if (fresh) freshlyReset.add(operation.qubit)
    for (const qubit of qubitsOf(operation)) touched.add(qubit)
    return !fresh
  })
  return { circuit, operations, measured, freshlyReset, isUnitary: freshlyReset.size === 0 && circuit.operations.every((operation) => operation.kind === 'gate') }
}

/** The qubits that an operation acts on. */
export function qubitsOf(operation: Operation): number[] {
  switch (operation.kind) {
    case 'gate': return [...operation.qubits]
    case 'measure': case 'reset': return [operation.qubit]
    case 'assign': return []
    case 'branch': return [...operation.then, ...operation.otherwise].flatMap(qubitsOf)
  }
}

/**
 * Runs a circuit from a product state, one [a.re, a.im, b.re, b.im] a qubit.
 *
 * @returns undefined where measurements can take more than 1024 courses
 */
export function run(deferred: Deferred, input: readonly (readonly number[])[]): Course[] | undefined {
  const start = input.map((amplitudes, qubit) => deferred.freshlyReset.has(qubit) ? [1, 0, 0, 0] : amplitudes)
  return follow(deferred.operations, [{ bits: new Uint8Array(size(deferred.circuit.bits)), state: State.product(start) }])
}

function follow(operations: readonly Operation[], start: Course[]): Course[] | undefined {
  let courses = start
  for (const operation of operations) {
    switch (operation.kind) {
      case 'gate':
        for (const { state } of courses) for (const step of operation.steps) state.apply(step)
        break
      case 'measure': courses = courses.flatMap((course) => outcomes(course, operation.qubit, operation.bit)); break
      case 'reset': courses = courses.flatMap((course) => outcomes(course, operation.qubit).map((next) => flipToZero(next, operation.qubit))); break
      case 'assign':
        for (const { bits } of courses) bits[operation.bit] = operation.value(bits) ? 1 : 0
        break
      case 'branch': {
        const holds = courses.map(({ bits }) => operation.condition(bits))
        const taken = follow(operation.then, courses.filter((_, i) => holds[i]))
        const left = follow(operation.otherwise, courses.filter((_, i) => !holds[i]))
        if (!taken || !left) return undefined
        courses = [...taken, ...left]
      }
    }
    if (courses.length > MAXIMUM_COURSES) return undefined
  }
  return courses
}

function outcomes(course: Course, qubit: number, bit?: number): Course[] {
  return ([0, 1] as const).flatMap((value) => {
    const state = course.state.project(qubit, value)
    if (state.squaredNorm() < 1e-14) return []
    const bits = course.bits.slice()
    if (bit !== undefined) bits[bit] = value
    return [{ bits, state }]
  })
}

function flipToZero(course: Course, qubit: number): Course {
  const { real, imaginary } = course.state
  const bit = 1 << qubit
  for (let i = 0; i < real.length; i++) {
    if (!(i & bit)) continue
    real[i ^ bit]! += real[i]!
    imaginary[i ^ bit]! += imaginary[i]!
    real[i] = 0
    imaginary[i] = 0
  }
  return course
}
