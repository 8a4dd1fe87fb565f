import { defineFamily, type Family, type Point } from '../../family.js'
import { PLAIN_HOUSE, type HouseStyle } from '../../house.js'
import { Circuit } from './circuit.js'
import { hash, quantumStyle, type QuantumStyle } from './quantum-style.js'

/** What a specification calls things. */
export interface Vocabulary extends Readonly<QuantumStyle['names']> {
  /** `4-qubit register q`. */
  sized(name: string, size: number): string
  /** `qreg q[4]` or `qubit[4] q`, as the language has it. */
  declared(name: string, size: number): string
}

/** What is measured, as the specification says it: `q` into `c`. */
export interface Reading {
  readonly from: string
  readonly into: string
}

export interface QuantumFamily<P extends Point> {
  readonly name: string
  readonly trainingPoints: readonly P[]
  readonly evaluationPoints: readonly P[]
  readonly codings: number
  /**
   * At least 4 ways to ask for the circuit. Each begins with a verb in the imperative, names the registers with their
   * sizes and ends in a full stop; the language version goes before it and the measurement behind it.
   */
  asks(point: P, words: Vocabulary): readonly string[]
  /** What is measured at the end. Without this: all of the data register if `point.measured`, otherwise nothing. */
  reads?(point: P, words: Vocabulary): Reading | undefined
  write(point: P, circuit: Circuit, coding: number): void
}

const LEADS = [
  (version: number) => `In OpenQASM ${version}, `,
  (version: number) => `OpenQASM ${version}: `,
  (version: number) => `Using OpenQASM ${version}, `,
  (version: number) => `With OpenQASM ${version}, `,
  (version: number) => `Quantum circuit in OpenQASM ${version}: `,
] as const

const MEASURED = [
  ({ from, into }: Reading) => ` Measure ${from} into ${into}.`,
  ({ from, into }: Reading) => ` Then measure ${from} into ${into}.`,
  ({ from, into }: Reading) => ` Read ${from} out into ${into}.`,
  ({ from, into }: Reading) => ` Finally measure ${from} into ${into}.`,
] as const

const UNMEASURED = [' No measurement.', ' Do not measure.', ' Nothing is measured.', ' Leave out measurements.'] as const

/** A quantum family from its own parts; the wording around them is the same for all. */
export function quantumFamily<P extends Point>(family: QuantumFamily<P>): Family {
  const { name, trainingPoints, evaluationPoints, codings } = family
  return defineFamily<P>({
    name,
    domain: 'qasm',
    kind: 'quantum',
    trainingPoints,
    evaluationPoints,
    phrasings: family.asks(trainingPoints[0]!, vocabulary(quantumStyle(PLAIN_HOUSE))).length,
    codings,
    describe(point, house, phrasing) {
      const style = quantumStyle(house)
      const words = vocabulary(style)
      const turn = phrasing + hash(house.id)
      const reading = family.reads ? family.reads(point, words) : point.measured === true ? { from: words.data, into: words.bits } : undefined
      const ending = reading ? MEASURED[turn % MEASURED.length]!(reading) : UNMEASURED[turn % UNMEASURED.length]!
      return LEADS[turn % LEADS.length]!(style.version) + family.asks(point, words)[phrasing]! + ending
    },
    write(point, house: HouseStyle, coding) {
      const circuit = new Circuit(house)
      family.write(point, circuit, coding)
      return circuit.text()
    },
  })
}

function vocabulary({ names, version }: QuantumStyle): Vocabulary {
  return {
    ...names,
    sized: (name, size) => `${size}-qubit register ${name}`,
    declared: (name, size) => version === 2 ? `qreg ${name}[${size}]` : `qubit[${size}] ${name}`,
  }
}

/** `a`, `a and b`, `a, b and c`. */
export function listed(items: readonly (string | number)[]): string {
  if (items.length < 2) return items.join('')
  return `${items.slice(0, -1).join(', ')} and ${String(items.at(-1))}`
}
