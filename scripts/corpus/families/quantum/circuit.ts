import type { HouseStyle } from '../../house.js'
import { angleValue, half, negate } from './angle.js'
import { quantumStyle, type QuantumStyle, type RegisterRole } from './quantum-style.js'

export interface Register {
  readonly name: string
  readonly size: number
  /** Text of one element; the index may be an expression of a loop. */
  at(index: number | string): string
  /** Texts of all elements, index 0 first. */
  readonly all: readonly string[]
}

/**
 * Gate statements in a house's layout.
 *
 * Only gates of the published libraries are written: qelib1.inc of OpenQASM 2 has no swap, cswap, cry or p, and
 * stdgates.inc of OpenQASM 3 has no rzz, so these methods spell such gates out where they are missing.
 */
export class Statements {
  readonly lines: string[] = []

  constructor(readonly style: QuantumStyle) {}

  gate(name: string, ...qubits: readonly string[]): this {
    this.lines.push(`${name} ${qubits.join(this.style.comma)};`)
    return this
  }

  /** A gate with angles, for instance `turn('rz', 'pi/4', 'q[0]')`. */
  turn(name: string, angles: string | readonly string[], ...qubits: readonly string[]): this {
    const list = typeof angles === 'string' ? angles : angles.join(this.style.comma)
    return this.gate(`${name}(${list})`, ...qubits)
  }

  /** diag(1, e^(i angle)). */
  phase(angle: string, qubit: string): this {
    return this.turn(this.style.version === 2 ? 'u1' : 'p', angle, qubit)
  }

  /** e^(i angle) on |11>. The Q# compiler (1.32) drops a phase of cp, so OpenQASM 3 gets the other standard name. */
  controlledPhase(angle: string, a: string, b: string): this {
    return this.turn(this.style.version === 2 ? 'cu1' : 'cphase', angle, a, b)
  }

  swap(a: string, b: string): this {
    if (this.style.version === 3) return this.gate('swap', a, b)
    return this.gate('cx', a, b).gate('cx', b, a).gate('cx', a, b)
  }

  controlledRy(angle: string, control: string, target: string): this {
    if (this.style.version === 3 && isPlainTurn(angle)) return this.turn('cry', angle, control, target)
    return this.halfTurns('ry', half(angle), control, target, 'cx')
  }

  controlledRz(angle: string, control: string, target: string): this {
    if (isPlainTurn(angle)) return this.turn('crz', angle, control, target)
    return this.halfTurns('rz', half(angle), control, target, 'cx')
  }

  /** A controlled rotation by twice the angle: it turns back and forth, and a 1 of the control reverses the turn back. */
  halfTurns(axis: 'ry' | 'rz', halfAngle: string, control: string, target: string, reverser: 'cx' | 'cz'): this {
    return this.turn(axis, halfAngle, target).gate(reverser, control, target).turn(axis, negate(halfAngle), target).gate(reverser, control, target)
  }

  /** CNOT as CZ between Hadamards. */
  flipByCz(control: string, target: string): this {
    return this.gate('h', target).gate('cz', control, target).gate('h', target)
  }

  /** CZ as CNOT between Hadamards. */
  signByCx(a: string, b: string): this {
    return this.gate('h', b).gate('cx', a, b).gate('h', b)
  }

  /** Sign on |111>. */
  doublyControlledZ(a: string, b: string, c: string): this {
    return this.gate('h', c).gate('ccx', a, b, c).gate('h', c)
  }

  /** exp(-i angle/2 Z Z). */
  zz(angle: string, a: string, b: string): this {
    return this.gate('cx', a, b).turn('rz', angle, b).gate('cx', a, b)
  }
}

/** A program in the making: definitions, declarations, statements. */
export class Circuit extends Statements {
  private readonly definitions: string[] = []
  private readonly quantum: string[] = []
  private readonly classical: string[] = []

  constructor(house: HouseStyle) {
    super(quantumStyle(house))
  }

  qubits(role: RegisterRole, size: number): Register {
    const register = makeRegister(this.style.names[role], size)
    this.quantum.push(declaration(this.style, 'qubit', register))
    return register
  }

  bits(size: number): Register {
    const register = makeRegister(this.style.names.bits, size)
    this.classical.push(declaration(this.style, 'bit', register))
    return register
  }

  /**
   * Defines a gate and returns its full name. The angle is present if `turns`; a body may negate it but not divide it,
   * because OpenQASM 3 angles are taken modulo 2 pi before the division: pass half angles instead.
   */
  define(name: string, qubits: number, build: (body: Statements, qubits: readonly string[], angle: string) => void, turns = false): string {
    const { style } = this
    const body = new Statements(style)
    const formals = Array.from({ length: qubits }, (_, i) => `${style.formal}${i}`)
    build(body, formals, style.angleFormal)
    const full = `${name}${style.gateSuffix}`
    const head = `gate ${full}${turns ? `(${style.angleFormal})` : ''} ${formals.join(style.comma)}`
    if (style.blockDefinitions) this.definitions.push(`${head} {`, ...body.lines.map((line) => style.indent + line), '}')
    else this.definitions.push(`${head} { ${body.lines.join(' ')} }`)
    return full
  }

  /** A gate on every qubit of a register. */
  layer(gate: string, register: Register): this {
    if (this.style.layers === 'broadcast') return this.gate(gate, register.name)
    return this.each(0, register.size - 1, (body, at) => body.gate(gate, register.at(at())))
  }

  /** Statements for every index from `from` to `to`, both included: in a loop where the house writes loops. */
  each(from: number, to: number, build: (body: Statements, at: (offset?: number) => number | string) => void): this {
    const { layers, loopVariable, indent } = this.style
    if (layers === 'loop' && to - from >= 2) {
      const body = new Statements(this.style)
      build(body, (offset = 0) => `${loopVariable}${offset === 0 ? '' : `${offset > 0 ? '+' : '-'}${Math.abs(offset)}`}`)
      this.lines.push(`for uint ${loopVariable} in [${from}:${to}] {`, ...body.lines.map((line) => indent + line), '}')
      return this
    }
    for (let i = from; i <= to; i++) build(this, (offset = 0) => i + offset)
    return this
  }

  /** Measures a register into a new classical register of the same size. */
  readOut(register: Register): this {
    return this.measure(register, this.bits(register.size))
  }

  /** Measures a register into the bits from `offset` on. */
  measure(register: Register, bits: Register, offset = 0): this {
    if (this.style.measureWhole && register.size === bits.size) return this.measurement(register.name, bits.name)
    register.all.forEach((qubit, i) => this.measurement(qubit, bits.at(offset + i)))
    return this
  }

  measurement(qubit: string, bit: string): this {
    this.lines.push(this.style.version === 2 ? `measure ${qubit} -> ${bit};` : `${bit} = measure ${qubit};`)
    return this
  }

  text(): string {
    const { version, bitsFirst, blankLines } = this.style
    const gap = blankLines ? [''] : []
    return [
      `OPENQASM ${version}.0;`,
      `include "${version === 2 ? 'qelib1' : 'stdgates'}.inc";`,
      ...gap,
      ...this.definitions,
      ...(bitsFirst ? [...this.classical, ...this.quantum] : [...this.quantum, ...this.classical]),
      ...gap,
      ...this.lines,
      '',
    ].join('\n')
  }
}

/** Between 0 and 2 pi, where a controlled rotation is the same with angles modulo 2 pi and without. */
function isPlainTurn(angle: string): boolean {
  const value = angleValue(angle)
  return value > 0 && value < 2 * Math.PI
}

function makeRegister(name: string, size: number): Register {
  const at = (index: number | string): string => `${name}[${index}]`
  return { name, size, at, all: Array.from({ length: size }, (_, i) => at(i)) }
}

function declaration({ version }: QuantumStyle, kind: 'qubit' | 'bit', { name, size }: Register): string {
  if (version === 3) return `${kind}[${size}] ${name};`
  return `${kind === 'qubit' ? 'qreg' : 'creg'} ${name}[${size}];`
}
