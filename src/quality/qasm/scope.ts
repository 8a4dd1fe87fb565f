import type { QubitRegister } from './circuit.js'
import { MAXIMUM_OPERATIONS } from './circuit.js'
import { BeyondReader, QasmFault } from './errors.js'
import type { Operand } from './expressions.js'
import type { GateDefinition } from './gates.js'

export interface Place {
  readonly kind: 'qubit' | 'bit'
  /** Index of the first qubit or bit among all of its kind. */
  readonly first: number
  readonly size: number
  /** Declared without a size: the name alone is one qubit or bit. */
  readonly scalar: boolean
}

/** What is declared so far. */
export class Scope {
  readonly places = new Map<string, Place>()
  readonly gates = new Map<string, GateDefinition>()
  readonly constants = new Map<string, Operand>()
  /** Gates that an include has brought. */
  readonly library = new Set<string>()
  /** Of the language. */
  version: 2 | 3 = 3
  readonly qubits: QubitRegister[] = []
  readonly bits: QubitRegister[] = []
  #spent = 0

  /** Counts statements, calls and what they unroll to, so that neither loops nor gates of gates without any operation go on for ever. */
  spend(work: number): void {
    this.#spent += work
    if (this.#spent > 2 * MAXIMUM_OPERATIONS) throw new BeyondReader('too many operations')
  }

  declare(kind: Place['kind'], name: string, size: number | undefined, line: number): void {
    if (this.places.has(name) || this.gates.has(name) || this.constants.has(name)) throw new QasmFault(`"${name}" is declared twice`, line)
    if (size !== undefined && (!Number.isInteger(size) || size < 1 || size > 4096)) throw new QasmFault(`register "${name}" cannot have ${size} elements`, line)
    const registers = kind === 'qubit' ? this.qubits : this.bits
    const first = registers.reduce((sum, register) => sum + register.size, 0)
    this.places.set(name, { kind, first, size: size ?? 1, scalar: size === undefined })
    registers.push({ name, size: size ?? 1 })
  }

  /** The qubits or bits that `name` or `name[index]` stands for. */
  resolve(kind: Place['kind'], name: string, index: number | undefined, line: number): number[] {
    const place = this.places.get(name)
    if (!place) throw new QasmFault(`there is no ${kind} register "${name}"`, line)
    if (place.kind !== kind) throw new QasmFault(`"${name}" holds ${place.kind}s, and ${kind}s are expected here`, line)
    if (index === undefined) return Array.from({ length: place.size }, (_, i) => place.first + i)
    const at = index < 0 ? index + place.size : index
    if (!Number.isInteger(at) || at < 0 || at >= place.size) throw new QasmFault(`"${name}[${index}]" is out of range: "${name}" has ${place.size} elements, from 0`, line)
    return [place.first + at]
  }
}
