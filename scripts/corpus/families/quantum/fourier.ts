import { half, negate } from './angle.js'
import type { Circuit, Statements } from './circuit.js'
import { range } from './points.js'

/** Ways of writing a Fourier transform that are equal in function. */
export type FourierCoding = 'by target' | 'by control' | 'own gate'
export const FOURIER_CODINGS: readonly FourierCoding[] = ['by target', 'by control', 'own gate']

/** How a transform writes controlled phases: inline, or by a gate that {@link defineControlledPhase} has defined. */
export type PhaseWriter = (body: Statements, angle: string, a: string, b: string) => void

/** Defines a controlled phase made of two CNOTs, where the coding asks for one. */
export function phaseWriter(circuit: Circuit, coding: FourierCoding): PhaseWriter {
  if (coding !== 'own gate') return (body, angle, a, b) => { body.controlledPhase(angle, a, b) }
  const name = circuit.define('cphalf', 2, (body, [a, b], angle) => body
    .phase(angle, a!).gate('cx', a!, b!).phase(negate(angle), b!).gate('cx', a!, b!).phase(angle, b!), true)
  return (body, angle, a, b) => { body.turn(name, half(angle), a, b) }
}

interface Step { readonly gate: 'h' | 'phase' | 'swap', readonly a: number, readonly b: number, readonly angle: string }

/** The transform's gates, on indices that count from the least significant qubit. */
function steps(size: number, byControl: boolean, furthest: number, swaps: boolean): Step[] {
  const list: Step[] = []
  const phase = (low: number, high: number): Step => ({ gate: 'phase', a: low, b: high, angle: `pi/${2 ** (high - low)}` })
  for (let i = size - 1; i >= 0; i--) {
    if (byControl) for (let high = size - 1; high > i; high--) list.push(phase(i, high))
    list.push({ gate: 'h', a: i, b: i, angle: '' })
    if (!byControl) for (let low = i - 1; low >= 0; low--) list.push(phase(low, i))
  }
  const kept = list.filter(({ gate, a, b }) => gate !== 'phase' || b - a <= furthest)
  if (swaps) for (const i of range(Math.floor(size / 2))) kept.push({ gate: 'swap', a: i, b: size - 1 - i, angle: '' })
  return kept
}

export interface FourierOptions {
  readonly inverse?: boolean
  readonly swaps: boolean
  /** Phases between qubits further apart than this are left out. */
  readonly furthest?: number
  readonly coding: FourierCoding
}

/**
 * Writes a quantum Fourier transform |j> -> sum over k of e^(2 pi i jk/N) |k> / sqrt(N), or its inverse.
 *
 * @param qubits - least significant first; without swaps the result is in reversed order
 */
export function writeFourier(body: Statements, qubits: readonly string[], write: PhaseWriter, options: FourierOptions): void {
  const list = steps(qubits.length, options.coding === 'by control', options.furthest ?? qubits.length, options.swaps)
  if (options.inverse === true) list.reverse()
  for (const { gate, a, b, angle } of list) {
    const [first, second] = [qubits[a]!, qubits[b]!]
    if (gate === 'h') body.gate('h', first)
    else if (gate === 'swap') body.swap(first, second)
    // A controlled phase is symmetric: the two codings name its qubits in opposite order.
    else if (options.coding === 'by control') write(body, options.inverse === true ? negate(angle) : angle, second, first)
    else write(body, options.inverse === true ? negate(angle) : angle, first, second)
  }
}
