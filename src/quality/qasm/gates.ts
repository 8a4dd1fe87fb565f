import type { Elementary } from './circuit.js'

type Complex = readonly [number, number]
type Matrix = readonly number[]

const matrix = (a: Complex, b: Complex, c: Complex, d: Complex): Matrix => [...a, ...b, ...c, ...d]
const phase = (angle: number): Complex => [Math.cos(angle), Math.sin(angle)]
const half = Math.SQRT1_2

const X = matrix([0, 0], [1, 0], [1, 0], [0, 0])
const Y = matrix([0, 0], [0, -1], [0, 1], [0, 0])
const Z = matrix([1, 0], [0, 0], [0, 0], [-1, 0])
const H = matrix([half, 0], [half, 0], [half, 0], [-half, 0])
const SX = matrix([0.5, 0.5], [0.5, -0.5], [0.5, -0.5], [0.5, 0.5])
const SXDG = matrix([0.5, -0.5], [0.5, 0.5], [0.5, 0.5], [0.5, -0.5])
const P = (angle: number): Matrix => matrix([1, 0], [0, 0], [0, 0], phase(angle))
const RX = (t: number): Matrix => matrix([Math.cos(t / 2), 0], [0, -Math.sin(t / 2)], [0, -Math.sin(t / 2)], [Math.cos(t / 2), 0])
const RY = (t: number): Matrix => matrix([Math.cos(t / 2), 0], [-Math.sin(t / 2), 0], [Math.sin(t / 2), 0], [Math.cos(t / 2), 0])
const RZ = (t: number): Matrix => matrix(phase(-t / 2), [0, 0], [0, 0], phase(t / 2))

/** The usual form of U, whose first element has phase 0. The language's own forms differ by a global phase, which only a control shows. */
function plainU(theta: number, phi: number, lambda: number): Matrix {
  const [c, s] = [Math.cos(theta / 2), Math.sin(theta / 2)]
  const scale = (factor: number, [re, im]: Complex): Complex => [factor * re, factor * im]
  return matrix([c, 0], scale(-s, phase(lambda)), scale(s, phase(phi)), scale(c, phase(phi + lambda)))
}

/** OpenQASM 3's built-in U. */
const U = (theta: number, phi: number, lambda: number): Matrix => turned(theta / 2, plainU(theta, phi, lambda))

/** u3 of the libraries: Rz(phi) Ry(theta) Rz(lambda), of determinant 1. */
const U3 = (theta: number, phi: number, lambda: number): Matrix => turned(-(phi + lambda) / 2, plainU(theta, phi, lambda))

/** Multiplies a matrix by a phase. */
function turned(by: number, values: Matrix): Matrix {
  const [re, im] = phase(by)
  const result: number[] = []
  for (let i = 0; i < 8; i += 2) result.push(values[i]! * re - values[i + 1]! * im, values[i]! * im + values[i + 1]! * re)
  return result
}

export interface GateDefinition {
  readonly parameters: number
  readonly qubits: number
  readonly steps: (parameters: readonly number[], qubits: readonly number[]) => Elementary[]
}

function controlled(controls: number, parameters: number, of: (...parameters: number[]) => Matrix): GateDefinition {
  return {
    parameters,
    qubits: controls + 1,
    steps: (values, qubits) => [{ matrix: of(...values), target: qubits[controls]!, controls: qubits.slice(0, controls) }],
  }
}

const single = (parameters: number, of: (...parameters: number[]) => Matrix): GateDefinition => controlled(0, parameters, of)

function composed(parameters: number, qubits: number, steps: GateDefinition['steps']): GateDefinition {
  return { parameters, qubits, steps }
}

const cx = (control: number, target: number): Elementary => ({ matrix: X, target, controls: [control] })

function swapSteps(a: number, b: number, controls: readonly number[] = []): Elementary[] {
  return [cx(b, a), { matrix: X, target: b, controls: [...controls, a] }, cx(b, a)]
}

const identity = (): Matrix => matrix([1, 0], [0, 0], [0, 0], [1, 0])
const rotationAround = (before: Matrix, after: Matrix): GateDefinition => composed(1, 2, ([angle], [a, b]) => [
  { matrix: before, target: a!, controls: [] }, { matrix: before, target: b!, controls: [] },
  cx(a!, b!), { matrix: RZ(angle!), target: b!, controls: [] }, cx(a!, b!),
  { matrix: after, target: a!, controls: [] }, { matrix: after, target: b!, controls: [] },
])

/** Gates that need no include. */
export const BUILT_IN: Readonly<Record<string, GateDefinition>> = {
  U: single(3, U),
  CX: controlled(1, 0, () => X),
}

/** Gates of both qelib1.inc and stdgates.inc. */
const COMMON: Readonly<Record<string, GateDefinition>> = {
  id: single(0, identity),
  x: single(0, () => X), y: single(0, () => Y), z: single(0, () => Z), h: single(0, () => H),
  s: single(0, () => P(Math.PI / 2)), sdg: single(0, () => P(-Math.PI / 2)), t: single(0, () => P(Math.PI / 4)), tdg: single(0, () => P(-Math.PI / 4)),
  sx: single(0, () => SX),
  p: single(1, P), u1: single(1, P), u2: single(2, (phi, lambda) => U3(Math.PI / 2, phi, lambda)), u3: single(3, U3),
  rx: single(1, RX), ry: single(1, RY), rz: single(1, RZ),
  cx: controlled(1, 0, () => X), cy: controlled(1, 0, () => Y), cz: controlled(1, 0, () => Z), ch: controlled(1, 0, () => H),
  cp: controlled(1, 1, P), crx: controlled(1, 1, RX), cry: controlled(1, 1, RY), crz: controlled(1, 1, RZ),
  cu: controlled(1, 4, (theta, phi, lambda, gamma) => turned(gamma, plainU(theta, phi, lambda))),
  ccx: controlled(2, 0, () => X),
  sxdg: single(0, () => SXDG),
  csx: controlled(1, 0, () => SX),
  cu1: controlled(1, 1, P),
  cu3: controlled(1, 3, U3),
  rzz: composed(1, 2, ([angle], [a, b]) => [cx(a!, b!), { matrix: RZ(angle!), target: b!, controls: [] }, cx(a!, b!)]),
  rxx: rotationAround(H, H),
  ryy: rotationAround(RX(Math.PI / 2), RX(-Math.PI / 2)),
  swap: composed(0, 2, (_, [a, b]) => swapSteps(a!, b!)),
  cswap: composed(0, 3, (_, [c, a, b]) => swapSteps(a!, b!, [c!])),
}

/** qelib1.inc of OpenQASM 2, as Qiskit ships it. */
export const QELIB1: Readonly<Record<string, GateDefinition>> = {
  ...COMMON,
  u0: single(1, identity),
  u: single(3, U3),
  c3x: controlled(3, 0, () => X),
  c4x: controlled(4, 0, () => X),
}

/** stdgates.inc of OpenQASM 3. */
export const STDGATES: Readonly<Record<string, GateDefinition>> = {
  ...COMMON,
  phase: single(1, P),
  cphase: controlled(1, 1, P),
}

/** Gates that qsharp-lang adds to both libraries and that are left to it. */
export const LEFT_TO_QSHARP = new Set(['ccz', 'c3x', 'c4x', 'c3sx', 'c3sqrtx', 'dcx', 'ecr', 'r', 'rccx', 'rc3x', 'rcccx', 'rzx', 'xx_minus_yy', 'xx_plus_yy'])

/** Gates of Qiskit's qelib1.inc that the first one did not have: programs of that time define them themselves. */
export const LATER_IN_QELIB1 = new Set(['swap', 'cswap', 'p', 'cp', 'cu', 'crx', 'cry', 'sx', 'sxdg', 'csx', 'u', 'u0', 'rxx', 'ryy', 'rzz', 'c3x', 'c4x', 'cphase', 'phase'])

/** The same effect backwards: each matrix conjugated and transposed, in reverse order. */
export function inverse(steps: readonly Elementary[]): Elementary[] {
  return [...steps].reverse().map((step) => {
    const [a, b, c, d, e, f, g, h] = step.matrix
    return { ...step, matrix: [a!, -b!, e!, -f!, c!, -d!, g!, -h!] }
  })
}

/** A phase of the whole state; with controls it is a phase gate on them. */
export function globalPhase(angle: number, target: number): Elementary {
  return { matrix: turned(angle, identity()), target, controls: [] }
}

export const PAULI_X = X
