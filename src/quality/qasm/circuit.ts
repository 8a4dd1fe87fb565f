/** A named group of qubits or bits, as the source declares it. */
export interface QubitRegister {
  readonly name: string
  readonly size: number
}

/** A 2 x 2 matrix applied to `target` where all `controls` are 1. */
export interface Elementary {
  /** Row-major, real and imaginary part in turn: 8 numbers. */
  readonly matrix: readonly number[]
  readonly target: number
  readonly controls: readonly number[]
}

export type Operation
  = | { readonly kind: 'gate', readonly name: string, readonly qubits: readonly number[], readonly steps: readonly Elementary[] }
    | { readonly kind: 'measure', readonly qubit: number, readonly bit?: number }
    | { readonly kind: 'reset', readonly qubit: number }
    | { readonly kind: 'assign', readonly bit: number, readonly value: (bits: Uint8Array) => boolean }
    | { readonly kind: 'branch', readonly condition: (bits: Uint8Array) => boolean, readonly then: readonly Operation[], readonly otherwise: readonly Operation[] }

/** What an OpenQASM program does, with gate definitions, loops and broadcasts resolved. */
export interface Circuit {
  readonly qubits: readonly QubitRegister[]
  readonly bits: readonly QubitRegister[]
  readonly operations: readonly Operation[]
}

export const size = (registers: readonly QubitRegister[]): number => registers.reduce((sum, register) => sum + register.size, 0)

/** Operations of one program, loops unrolled. */
export const MAXIMUM_OPERATIONS = 200_000
