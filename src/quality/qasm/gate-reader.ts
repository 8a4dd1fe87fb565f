import type { Elementary } from './circuit.js'
import { MAXIMUM_OPERATIONS } from './circuit.js'
import { BeyondReader, QasmFault } from './errors.js'
import type { TokenStream, Values } from './expressions.js'
import { constantExpression, real } from './expressions.js'
import type { GateDefinition } from './gates.js'
import { LATER_IN_QELIB1, LEFT_TO_QSHARP, QELIB1, STDGATES } from './gates.js'
import type { Modifier } from './modifiers.js'
import { applyModifiers } from './modifiers.js'
import type { Scope } from './scope.js'

export interface GateCall {
  readonly name: string
  readonly definition: GateDefinition
  readonly parameters: readonly number[]
  readonly modifiers: readonly Modifier[]
  readonly line: number
}

/** Reads what defines gates and calls them. */
export class GateReader {
  constructor(private readonly stream: TokenStream, private readonly scope: Scope) {}

  /** `gate name(angles) qubits { ... }` */
  define(): void {
    const { stream, scope } = this
    const { line } = stream.next()
    const name = stream.name()
    const parameters = stream.take('(') ? this.#names(')') : []
    const qubits = this.#names('{')
    const known = scope.gates.has(name) && !(scope.library.has(name) && LATER_IN_QELIB1.has(name) && scope.version === 2)
    if (known || scope.places.has(name)) throw new QasmFault(`"${name}" is declared twice`, line)
    if (new Set(qubits).size !== qubits.length || new Set(parameters).size !== parameters.length) throw new QasmFault(`gate "${name}" names an argument twice`, line)
    const start = stream.position
    // The body is read once now, so that its faults show even if nothing calls the gate.
    const replay = (values: readonly number[], targets: readonly number[]): Elementary[] => {
      const end = stream.position
      stream.position = start
      try {
        return this.#body(new Map(parameters.map((key, i) => [key, real(values[i]!)])), new Map(qubits.map((key, i) => [key, targets[i]!])))
      } finally {
        stream.position = end
      }
    }
    this.#body(new Map(parameters.map((key) => [key, real(1)])), new Map(qubits.map((key, i) => [key, i])))
    scope.library.delete(name)
    scope.gates.set(name, { parameters: parameters.length, qubits: qubits.length, steps: replay })
  }

  #names(end: string): string[] {
    const { stream } = this
    const names: string[] = []
    if (stream.take(end)) return names
    do names.push(stream.name())
    while (stream.take(','))
    stream.expect(end)
    return names
  }

  #body(values: Values, qubits: ReadonlyMap<string, number>): Elementary[] {
    const { stream } = this
    const steps: Elementary[] = []
    const known = new Map([...this.scope.constants, ...values])
    while (!stream.take('}')) {
      if (stream.done) throw new QasmFault('the body of a gate does not end', stream.line)
      if (stream.take(';')) continue
      if (stream.take('barrier')) {
        this.#names(';')
        continue
      }
      this.scope.spend(1)
      const call = this.callHead(known)
      const targets: number[] = []
      while (!stream.is(';')) {
        const name = stream.name()
        const qubit = qubits.get(name)
        if (qubit === undefined) throw new QasmFault(`"${name}" is no argument of the gate`, stream.line)
        targets.push(qubit)
        if (!stream.take(',')) break
      }
      stream.expect(';')
      steps.push(...this.expand(call, targets))
      if (steps.length > MAXIMUM_OPERATIONS) throw new BeyondReader('too many operations')
    }
    return steps
  }

  /** Modifiers, name and angles of a gate call. */
  callHead(values: Values): GateCall {
    const { stream } = this
    const modifiers: Modifier[] = []
    while (['ctrl', 'negctrl', 'inv', 'pow'].includes(stream.peek().text)) {
      const kind = stream.name() as Modifier['kind']
      let value = 1
      if (stream.take('(')) {
        value = constantExpression(stream, values)
        stream.expect(')')
      }
      stream.expect('@')
      modifiers.push({ kind, value })
    }
    const line = stream.line
    const name = stream.name()
    const parameters: number[] = []
    if (stream.take('(') && !stream.take(')')) {
      do parameters.push(constantExpression(stream, values))
      while (stream.take(','))
      stream.expect(')')
    }
    if (parameters.some((value) => !Number.isFinite(value))) throw new QasmFault(`an angle of gate "${name}" is no number`, line)
    const definition = name === 'gphase' ? { parameters: 1, qubits: 0, steps: () => [] } : this.scope.gates.get(name)
    if (!definition) {
      if (LEFT_TO_QSHARP.has(name) && this.scope.library.size > 0 || stream.is('(') || stream.is('=') || stream.is('[') && this.scope.version === 3) throw new BeyondReader(`"${name}"`)
      const hint = name in QELIB1 || name in STDGATES ? ': include the standard library' : ''
      throw new QasmFault(`gate "${name}" is not defined${hint}`, line)
    }
    if (definition.parameters !== parameters.length) throw new QasmFault(`gate "${name}" takes ${definition.parameters} angles, and ${parameters.length} are given`, line)
    return { name, definition, parameters, modifiers, line }
  }

  /** What a call does to its qubits, controls first. */
  expand(call: GateCall, targets: readonly number[]): Elementary[] {
    const controls = call.modifiers.reduce((sum, { kind, value }) => sum + (kind.endsWith('ctrl') ? value : 0), 0)
    if (targets.length !== call.definition.qubits + controls) {
      throw new QasmFault(`gate "${call.name}" takes ${call.definition.qubits + controls} qubits, and ${targets.length} are given`, call.line)
    }
    if (new Set(targets).size !== targets.length) throw new QasmFault(`gate "${call.name}" is given the same qubit twice`, call.line)
    return applyModifiers(call.modifiers, call.name === 'gphase' ? call.parameters[0]! : call.definition, call.parameters, targets)
  }
}
