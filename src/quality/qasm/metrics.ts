import type { CircuitVerdict } from '../types.js'
import type { Circuit, Operation } from './circuit.js'
import { size } from './circuit.js'

/** Counts of a circuit as it is written: calls of defined gates count once, under their own name. */
export function measureCircuit(circuit: Circuit): Omit<CircuitVerdict, 'milliseconds'> {
  const counts: Record<string, number> = {}
  const levels = new Int32Array(size(circuit.qubits))
  let gates = 0
  let twoQubitGates = 0
  const visit = (operations: readonly Operation[]): void => {
    for (const operation of operations) {
      if (operation.kind === 'assign') continue
      if (operation.kind === 'branch') {
        visit([...operation.then, ...operation.otherwise])
        continue
      }
      const qubits = operation.kind === 'gate' ? operation.qubits : [operation.qubit]
      const name = operation.kind === 'gate' ? operation.name : operation.kind
      counts[name] = (counts[name] ?? 0) + 1
      if (operation.kind === 'gate') gates++
      if (operation.kind === 'gate' && qubits.length === 2) twoQubitGates++
      const level = 1 + Math.max(0, ...qubits.map((qubit) => levels[qubit]!))
      for (const qubit of qubits) levels[qubit] = level
    }
  }
  visit(circuit.operations)
  const depth = levels.reduce((deepest, level) => Math.max(deepest, level), 0)
  const qubits = size(circuit.qubits)
  return { outcome: 'pass', reason: `${qubits} qubits, ${gates} gates, ${twoQubitGates} of them on two qubits, ${depth} deep`, qubits, gates, twoQubitGates, depth, counts }
}
