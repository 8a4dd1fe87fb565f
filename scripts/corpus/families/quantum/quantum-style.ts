import type { HouseStyle } from '../../house.js'

/** What a register is for. */
export type RegisterRole = keyof typeof REGISTER_NAMES

/**
 * How a house writes OpenQASM. Everything follows from the {@link HouseStyle}, so that one house writes alike in all
 * its designs and the interface of a family stays the same for every domain.
 */
export interface QuantumStyle {
  readonly version: 2 | 3
  readonly names: Readonly<Record<RegisterRole, string>>
  /** Between the qubits of a gate: `, ` or `,`. */
  readonly comma: string
  /** A gate on every qubit of a register: as one statement, one by one, or in a loop (OpenQASM 3 only). */
  readonly layers: 'broadcast' | 'unrolled' | 'loop'
  /** A register is measured as a whole or bit by bit. */
  readonly measureWhole: boolean
  /** Declares the classical register first. */
  readonly bitsFirst: boolean
  /** A blank line between the header, the declarations and the gates. */
  readonly blankLines: boolean
  /** Gate definitions over several lines. */
  readonly blockDefinitions: boolean
  /** Formal qubits of a gate definition are this and a number. */
  readonly formal: string
  readonly angleFormal: string
  readonly indent: string
  readonly gateSuffix: string
  readonly loopVariable: string
}

/** Candidates per role. No name is a gate of a standard library, a keyword, or in two rows. */
const REGISTER_NAMES = {
  data: ['q', 'qr', 'qubits', 'psi', 'reg'],
  bits: ['c', 'cr', 'meas', 'm', 'bits'],
  ancilla: ['anc', 'aux', 'work', 'w'],
  target: ['tgt', 'res', 'f', 'last'],
  control: ['ctl', 'en', 'guard'],
  coin: ['coin', 'k', 'side'],
  a: ['a', 'ra', 'lhs', 'in0'],
  b: ['b', 'rb', 'rhs', 'in1'],
} as const

/** The style of a house. */
export function quantumStyle(house: HouseStyle): QuantumStyle {
  const one = <T>(field: string, choices: readonly T[]): T => choices[hash(`${house.id}/${field}`) % choices.length]!
  const version = house.dialect === 'systemverilog' ? 3 : one('version', [2, 2, 3] as const)
  const names = Object.fromEntries(
    Object.entries(REGISTER_NAMES).map(([role, choices]) => [role, one<string>(role, choices)]),
  ) as Record<RegisterRole, string>
  return {
    version,
    names,
    comma: one('comma', [', ', ',']),
    layers: one('layers', version === 3 ? ['broadcast', 'unrolled', 'loop'] as const : ['broadcast', 'unrolled'] as const),
    measureWhole: one('measure', [true, false]),
    bitsFirst: one('declarations', [false, false, true]),
    blankLines: one('blank lines', [false, true]),
    blockDefinitions: house.alwaysBegin,
    formal: one('formal', ['q', 'x', 'p']),
    angleFormal: one('angle formal', ['theta', 'phi', 'ang']),
    indent: house.indent,
    gateSuffix: house.moduleSuffix,
    loopVariable: one('loop variable', ['i', 'j']),
  }
}

/** FNV-1a, 32 bits, with a final mix so that the low bits of near texts differ. */
export function hash(text: string): number {
  let value = 0x811c9dc5
  for (let i = 0; i < text.length; i++) value = Math.imul(value ^ text.charCodeAt(i), 0x01000193)
  value = Math.imul(value ^ (value >>> 16), 0x45d9f3b)
  return (value ^ (value >>> 15)) >>> 0
}
