import type { Elementary } from './circuit.js'
import { MAXIMUM_OPERATIONS } from './circuit.js'
import { BeyondReader } from './errors.js'
import type { GateDefinition } from './gates.js'
import { globalPhase, inverse, PAULI_X } from './gates.js'

export interface Modifier {
  readonly kind: 'ctrl' | 'negctrl' | 'inv' | 'pow'
  readonly value: number
}

/**
 * Applies modifiers, the outermost first as written.
 *
 * @param gate - a definition, or the angle of a `gphase`
 * @param targets - the controls of all modifiers, then the gate's qubits
 */
export function applyModifiers(modifiers: readonly Modifier[], gate: GateDefinition | number, parameters: readonly number[], targets: readonly number[]): Elementary[] {
  const [modifier, ...rest] = modifiers
  if (!modifier) return typeof gate === 'number' ? phaseOf(gate) : gate.steps(parameters, targets)
  if (!Number.isInteger(modifier.value)) throw new BeyondReader('fractional powers')
  switch (modifier.kind) {
    case 'inv': return inverse(applyModifiers(rest, gate, parameters, targets))
    case 'pow': {
      const once = applyModifiers(rest, gate, parameters, targets)
      if (Math.abs(modifier.value) > 64) throw new BeyondReader('large powers')
      if (once.length * Math.abs(modifier.value) > MAXIMUM_OPERATIONS) throw new BeyondReader('too many operations')
      return Array.from({ length: Math.abs(modifier.value) }, () => modifier.value < 0 ? inverse(once) : once).flat()
    }
    default: {
      if (modifier.value < 1) throw new BeyondReader('a number of controls below 1')
      const controls = targets.slice(0, modifier.value)
      const inner = typeof gate === 'number' && rest.length === 0
        ? [globalPhase(gate, controls[0]!)].map((step) => ({ ...step, matrix: [1, 0, 0, 0, 0, 0, step.matrix[6]!, step.matrix[7]!], controls: controls.slice(1) }))
        : applyModifiers(rest, gate, parameters, targets.slice(modifier.value)).map((step) => ({ ...step, controls: [...controls, ...step.controls] }))
      if (modifier.kind === 'ctrl') return inner
      const flips = controls.map((target) => ({ matrix: PAULI_X, target, controls: [] }))
      return [...flips, ...inner, ...flips]
    }
  }
}

/** Nothing can tell a global phase: it is only kept where a control makes it a relative one. */
function phaseOf(angle: number): Elementary[] {
  if (!Number.isFinite(angle)) throw new BeyondReader('a phase that is no number')
  return []
}
