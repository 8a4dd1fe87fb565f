import type { Circuit, Elementary, Operation, QubitRegister } from './circuit.js'
import { BeyondReader, QasmFault } from './errors.js'
import { inverse, QELIB1, STDGATES } from './gates.js'
import { tokeniseQasm } from './lexer.js'

const GATES = { ...QELIB1, ...STDGATES }

/**
 * Reads the QIR that qsharp-lang prints for a program without classical control. Registers are those that the source declares
 * at its top level, in the order in which qsharp-lang numbers their qubits.
 *
 * @throws BeyondReader for control flow, calls of unknown operations, and registers without a literal size
 */
export function readQir(qir: string, source: string): Circuit {
  const { qubits, bits } = declaredRegisters(source)
  const body = /define i64 @ENTRYPOINT__main\(\)[^{]*\{([\s\S]*?)\n\}/.exec(qir)?.[1] ?? ''
  if (/^[ \t]*br /m.test(body)) throw new BeyondReader('classical control')
  const recorded = [...body.matchAll(/result_record_output\(%Result\* (\S+ \(i64 (\d+)[^,]*|null)/g)].map((match) => Number(match[2] ?? 0))
  const operations: Operation[] = []
  for (const [, name, variant, rest] of body.matchAll(/call void @__quantum__qis__(\w+?)__(body|adj)\(([^\n]*)\)/g)) {
    if (name === 'barrier') continue
    const on = [...rest!.matchAll(/%Qubit\* (?:inttoptr \(i64 (\d+) to %Qubit\*\)|null)/g)].map((match) => Number(match[1] ?? 0))
    const results = [...rest!.matchAll(/%Result\* (?:inttoptr \(i64 (\d+) to %Result\*\)|null)/g)].map((match) => Number(match[1] ?? 0))
    if (name === 'm' || name === 'mz' || name === 'mresetz') {
      const bit = recorded.indexOf(results[0]!)
      operations.push({ kind: 'measure', qubit: on[0]!, ...bit >= 0 && { bit } })
      if (name === 'mresetz') operations.push({ kind: 'reset', qubit: on[0]! })
      continue
    }
    if (name === 'reset') {
      operations.push({ kind: 'reset', qubit: on[0]! })
      continue
    }
    const angles = [...rest!.matchAll(/double (-?[\d.]+(?:[eE][+-]?\d+)?)/g)].map((match) => Number(match[1]))
    operations.push({ kind: 'gate', name: variant === 'adj' ? `${name!}dg` : name!, qubits: on, steps: stepsOf(name!, variant === 'adj', angles, on) })
  }
  return { qubits, bits, operations }
}

function stepsOf(name: string, adjoint: boolean, angles: readonly number[], qubits: readonly number[]): Elementary[] {
  const gate = GATES[name]
  if (gate?.parameters !== angles.length || gate.qubits !== qubits.length) throw new BeyondReader(`operation "${name}"`)
  const steps = gate.steps(angles, qubits)
  return adjoint ? inverse(steps) : steps
}

/** Top-level declarations with literal sizes. */
export function declaredRegisters(source: string): { qubits: QubitRegister[], bits: QubitRegister[] } {
  const qubits: QubitRegister[] = []
  const bits: QubitRegister[] = []
  const tokens = tokeniseQasm(source)
  let depth = 0
  for (let i = 0; i < tokens.length; i++) {
    const { text } = tokens[i]!
    if (text === '{' || text === '(') depth++
    if (text === '}' || text === ')') depth--
    const old = text === 'qreg' || text === 'creg'
    if (depth > 0 || !old && text !== 'qubit' && text !== 'bit') continue
    const words = tokens.slice(i + 1, i + 5).map((token) => token.text)
    const sized = old ? words[1] === '[' : words[0] === '['
    const length = sized ? Number(old ? words[2] : words[1]) : 1
    const name = old || !sized ? words[0] : words[3]
    if (!Number.isInteger(length) || name === undefined) throw new BeyondReader('registers without a literal size')
    const list = text === 'qreg' || text === 'qubit' ? qubits : bits
    list.push({ name, size: length })
  }
  if (depth !== 0) throw new QasmFault('brackets do not match', 0)
  return { qubits, bits }
}
