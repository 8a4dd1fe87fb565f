import type { Circuit, Operation } from './circuit.js'
import { MAXIMUM_OPERATIONS } from './circuit.js'
import { readCondition } from './conditions.js'
import { BeyondReader, QasmFault } from './errors.js'
import { constantExpression, TokenStream } from './expressions.js'
import { GateReader } from './gate-reader.js'
import { BUILT_IN, QELIB1, STDGATES } from './gates.js'
import { tokeniseQasm } from './lexer.js'
import { Scope } from './scope.js'

/** The parts of OpenQASM 3 that are left to qsharp-lang. */
const BEYOND = new Set(['def', 'while', 'switch', 'array', 'duration', 'stretch', 'delay', 'box', 'let', 'extern', 'defcal', 'cal', 'pragma', 'input', 'output', 'const',
  'int', 'uint', 'float', 'angle', 'bool', 'complex', 'return', 'break', 'continue', 'end', 'opaque', 'durationof', 'sizeof', 'nop'])

/**
 * Reads the part of OpenQASM 2 and 3 that circuits are mostly made of: registers, gates and their definitions and modifiers, measurement,
 * reset, barriers, `if` on bits, `for` over ranges.
 *
 * @throws QasmFault where the text is certainly wrong, BeyondReader where it uses anything else
 */
export function readCircuit(source: string): Circuit {
  const stream = new TokenStream(tokeniseQasm(source))
  const reader = new Reader(stream)
  reader.header()
  const operations: Operation[] = []
  while (!stream.done) reader.statement(operations)
  return { qubits: reader.scope.qubits, bits: reader.scope.bits, operations }
}

class Reader {
  readonly scope = new Scope()
  #operations = 0

  readonly #gates: GateReader

  constructor(private readonly stream: TokenStream) {
    this.#gates = new GateReader(stream, this.scope)
  }

  header(): void {
    const { stream } = this
    if (stream.done) throw new QasmFault('the text is empty', 0)
    if (stream.take('OPENQASM')) {
      const version = stream.next()
      if (!/^[23](?:\.\d)?$/.test(version.text)) throw new QasmFault(`OpenQASM ${version.text} is not known: use 2.0 or 3.0`, version.line)
      this.scope.version = version.text.startsWith('2') ? 2 : 3
      stream.expect(';')
    }
    for (const [name, gate] of Object.entries(BUILT_IN)) this.scope.gates.set(name, gate)
  }

  statement(into: Operation[]): void {
    this.stream.nested(() => this.#oneStatement(into))
  }

  #oneStatement(into: Operation[]): void {
    const { stream, scope } = this
    scope.spend(1)
    if (this.#operations > MAXIMUM_OPERATIONS) throw new BeyondReader('too many operations')
    const token = stream.peek()
    if (stream.take(';')) return
    if (token.kind !== 'name' || BEYOND.has(token.text)) {
      if (token.kind === 'symbol' && token.text === '@') throw new BeyondReader('annotations')
      if (token.kind === 'name') throw new BeyondReader(`"${token.text}" statements`)
      throw new QasmFault(`"${token.text}" starts no statement`, token.line)
    }
    switch (token.text) {
      case 'include': this.#include(); return
      case 'qreg': case 'creg': this.#oldRegister(token.text === 'qreg' ? 'qubit' : 'bit'); return
      case 'qubit': case 'bit': this.#register(token.text, into); return
      case 'gate': this.#gates.define(); return
      case 'measure': this.#measureArrow(into); return
      case 'reset': this.#reset(into); return
      case 'barrier': this.#barrier(); return
      case 'if': this.#branch(into); return
      case 'for': this.#loop(into); return
      default:
    }
    if (scope.places.get(token.text)?.kind === 'bit') this.#assign(into)
    else this.#call(into)
  }

  #include(): void {
    const { stream } = this
    stream.next()
    const file = stream.next()
    const gates = file.text === '"qelib1.inc"' ? QELIB1 : file.text === '"stdgates.inc"' ? STDGATES : undefined
    if (file.kind !== 'string' || !gates) throw new QasmFault(`there is no include file ${file.text}: only "qelib1.inc" and "stdgates.inc" are known`, file.line)
    for (const [name, gate] of Object.entries(gates)) {
      this.scope.gates.set(name, gate)
      this.scope.library.add(name)
    }
    stream.expect(';')
  }

  #oldRegister(kind: 'qubit' | 'bit'): void {
    const { stream } = this
    const { line } = stream.next()
    const name = stream.name()
    let size: number | undefined
    if (stream.take('[')) {
      size = constantExpression(stream, this.scope.constants)
      stream.expect(']')
    } else if (this.scope.version === 2) throw new QasmFault(`register "${name}" has no size`, line)
    stream.expect(';')
    this.scope.declare(kind, name, size, line)
  }

  #register(kind: 'qubit' | 'bit', into: Operation[]): void {
    const { stream } = this
    const { line } = stream.next()
    let size: number | undefined
    if (stream.take('[')) {
      size = constantExpression(stream, this.scope.constants)
      stream.expect(']')
    }
    const name = stream.name()
    this.scope.declare(kind, name, size, line)
    if (kind === 'bit' && stream.take('=')) {
      this.#measureInto(this.scope.resolve('bit', name, undefined, line), into)
      return
    }
    stream.expect(';')
  }

  #call(into: Operation[]): void {
    const { stream } = this
    const call = this.#gates.callHead(this.scope.constants)
    const groups: number[][] = []
    const whole: boolean[] = []
    while (!stream.is(';')) {
      const { indices, register } = this.#operand('qubit')
      groups.push(indices)
      whole.push(register)
      if (!stream.take(',')) break
    }
    stream.expect(';')
    for (const targets of broadcast(groups, whole, call.line)) {
      const steps = this.#gates.expand(call, targets)
      this.scope.spend(steps.length)
      into.push({ kind: 'gate', name: call.modifiers.length > 0 ? `${call.modifiers.map(({ kind }) => `${kind} @ `).join('')}${call.name}` : call.name, qubits: targets, steps })
      this.#operations++
    }
  }

  /** `q`, `q[1]` or `q[0:2]`. */
  #operand(kind: 'qubit' | 'bit'): { indices: number[], register: boolean } {
    const { stream, scope } = this
    const line = stream.line
    const name = stream.name()
    if (!stream.take('[')) {
      scope.spend(scope.places.get(name)?.size ?? 1)
      return { indices: scope.resolve(kind, name, undefined, line), register: scope.places.get(name)?.scalar === false }
    }
    if (stream.is('{') || stream.is(':')) throw new BeyondReader('index sets')
    const index = constantExpression(stream, scope.constants)
    if (stream.is(':')) throw new BeyondReader('index ranges')
    stream.expect(']')
    return { indices: scope.resolve(kind, name, index, line), register: false }
  }

  #measureArrow(into: Operation[]): void {
    const { stream } = this
    const { line } = stream.next()
    const from = this.#operand('qubit').indices
    if (this.scope.version === 3 && stream.take(';')) {
      for (const qubit of from) into.push({ kind: 'measure', qubit })
      return
    }
    stream.expect('->')
    const to = this.#operand('bit').indices
    stream.expect(';')
    this.#measure(from, to, into, line)
  }

  #assign(into: Operation[]): void {
    const { indices } = this.#operand('bit')
    this.stream.expect('=')
    this.#measureInto(indices, into)
  }

  #measureInto(bits: readonly number[], into: Operation[]): void {
    const { stream } = this
    const line = stream.line
    if (!stream.take('measure')) throw new BeyondReader('assignments')
    const from = this.#operand('qubit').indices
    stream.expect(';')
    this.#measure(from, bits, into, line)
  }

  #measure(from: readonly number[], to: readonly number[], into: Operation[], line: number): void {
    if (from.length !== to.length) throw new QasmFault(`${from.length} qubits are measured into ${to.length} bits`, line)
    from.forEach((qubit, i) => into.push({ kind: 'measure', qubit, bit: to[i]! }))
    this.#operations += from.length
  }

  #reset(into: Operation[]): void {
    this.stream.next()
    for (const qubit of this.#operand('qubit').indices) into.push({ kind: 'reset', qubit })
    this.stream.expect(';')
  }

  #barrier(): void {
    this.stream.next()
    while (!this.stream.is(';')) {
      this.#operand('qubit')
      if (!this.stream.take(',')) break
    }
    this.stream.expect(';')
  }

  #branch(into: Operation[]): void {
    const { stream } = this
    stream.next()
    stream.expect('(')
    const condition = readCondition(stream, this.scope)
    stream.expect(')')
    const then = this.#block()
    const otherwise = stream.take('else') ? this.#block() : []
    into.push({ kind: 'branch', condition, then, otherwise })
  }

  #block(): Operation[] {
    const { stream } = this
    const operations: Operation[] = []
    if (!stream.take('{')) {
      this.statement(operations)
      return operations
    }
    while (!stream.take('}')) {
      if (stream.done) throw new QasmFault('a block does not end', stream.line)
      this.statement(operations)
    }
    return operations
  }

  #loop(into: Operation[]): void {
    const { stream, scope } = this
    const { line } = stream.next()
    if (!['int', 'uint'].includes(stream.peek().text)) throw new BeyondReader('loops over other values')
    stream.next()
    if (stream.is('[')) throw new BeyondReader('sized integers')
    const name = stream.name()
    stream.expect('in')
    const values = this.#range()
    const before = scope.constants.get(name)
    if (scope.places.has(name) || scope.gates.has(name)) throw new QasmFault(`"${name}" is declared twice`, line)
    const start = stream.position
    if (values.length === 0) throw new BeyondReader('empty loops')
    for (const value of values) {
      scope.spend(1)
      stream.position = start
      scope.constants.set(name, { value, integer: true })
      into.push(...this.#block())
    }
    if (before === undefined) scope.constants.delete(name)
    else scope.constants.set(name, before)
  }

  /** `[first:last]`, `[first:step:last]` or `{a, b, c}`. */
  #range(): number[] {
    const { stream, scope } = this
    const parts: number[] = []
    const set = stream.take('{')
    if (!set) stream.expect('[')
    do parts.push(constantExpression(stream, scope.constants))
    while (stream.take(set ? ',' : ':'))
    stream.expect(set ? '}' : ']')
    if (set) return parts
    const [first, step, last] = parts.length === 3 ? parts : [parts[0], 1, parts[1]]
    if (first === undefined || last === undefined || !step || ![first, step, last].every(Number.isSafeInteger)) throw new BeyondReader('ranges of this form')
    if (Math.abs((last - first) / step) > MAXIMUM_OPERATIONS) throw new BeyondReader('too many operations')
    const values: number[] = []
    for (let value = first; step > 0 ? value <= last : value >= last; value += step) values.push(value)
    return values
  }
}

/** A register in place of a qubit stands for one call for each of its qubits. */
function broadcast(groups: readonly number[][], whole: readonly boolean[], line: number): number[][] {
  const sizes = new Set(groups.filter((_, i) => whole[i]).map((group) => group.length))
  if (sizes.size > 1) throw new QasmFault(`registers of ${[...sizes].join(' and ')} qubits do not go together`, line)
  const count = [...sizes][0] ?? 1
  return Array.from({ length: count }, (_, i) => groups.map((group, at) => whole[at] ? group[i]! : group[0]!))
}
