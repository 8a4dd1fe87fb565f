import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'

import { getCompiler, loadWasmModule, type ICompiler } from 'qsharp-lang'

/** A 2x2 matrix, row by row, each entry as real and imaginary part. */
export type Matrix = readonly [number, number, number, number, number, number, number, number]

const R = Math.SQRT1_2
export const H: Matrix = [R, 0, R, 0, R, 0, -R, 0]
export const X: Matrix = [0, 0, 1, 0, 1, 0, 0, 0]
export const Y: Matrix = [0, 0, 0, -1, 0, 1, 0, 0]
export const phaseMatrix = (angle: number): Matrix => [1, 0, 0, 0, 0, 0, Math.cos(angle), Math.sin(angle)]
export const Z: Matrix = phaseMatrix(Math.PI)
export const rx = (t: number): Matrix => [Math.cos(t / 2), 0, 0, -Math.sin(t / 2), 0, -Math.sin(t / 2), Math.cos(t / 2), 0]
export const ry = (t: number): Matrix => [Math.cos(t / 2), 0, -Math.sin(t / 2), 0, Math.sin(t / 2), 0, Math.cos(t / 2), 0]
export const rz = (t: number): Matrix => [Math.cos(t / 2), -Math.sin(t / 2), 0, 0, 0, 0, Math.cos(t / 2), Math.sin(t / 2)]

/** Amplitudes over qubits in the order of their declaration; qubit k is bit k of the index. */
export class State {
  private constructor(readonly qubits: number, private re: Float64Array, private im: Float64Array) {}

  static zero(qubits: number): State {
    const re = new Float64Array(2 ** qubits)
    re[0] = 1
    return new State(qubits, re, new Float64Array(2 ** qubits))
  }

  /** Entangled over all qubits: what agrees on a few of these agrees everywhere, but for coincidences. */
  static random(qubits: number, random: () => number): State {
    const size = 2 ** qubits
    const re = Float64Array.from({ length: size }, () => random() - 0.5)
    const im = Float64Array.from({ length: size }, () => random() - 0.5)
    const norm = Math.sqrt(re.reduce((sum, value, i) => sum + value * value + im[i]! * im[i]!, 0))
    return new State(qubits, re.map((value) => value / norm), im.map((value) => value / norm))
  }

  copy(): State {
    return new State(this.qubits, this.re.slice(), this.im.slice())
  }

  /** A gate on one qubit, on the part of the state where all controls are 1. */
  apply([ar, ai, br, bi, cr, ci, dr, di]: Matrix, qubit: number, ...controls: readonly number[]): this {
    const bit = 1 << qubit
    const mask = controls.reduce((sum, control) => sum | (1 << control), 0)
    const { re, im } = this
    for (let i = 0; i < re.length; i++) {
      if ((i & bit) !== 0 || (i & mask) !== mask) continue
      const j = i | bit
      const [xr, xi, yr, yi] = [re[i]!, im[i]!, re[j]!, im[j]!]
      re[i] = ar * xr - ai * xi + br * yr - bi * yi
      im[i] = ar * xi + ai * xr + br * yi + bi * yr
      re[j] = cr * xr - ci * xi + dr * yr - di * yi
      im[j] = cr * xi + ci * xr + dr * yi + di * yr
    }
    return this
  }

  /** |i> -> |to(i)>; `to` must be a bijection. */
  permute(to: (index: number) => number): this {
    return this.linear((index) => [[to(index), 1, 0]])
  }

  /** |i> -> e^(i angle(i)) |i>. */
  phase(angle: (index: number) => number): this {
    return this.linear((index) => [[index, Math.cos(angle(index)), Math.sin(angle(index))]])
  }

  /** Any linear map: the column of each basis state as rows with their complex entries. */
  linear(column: (index: number) => Iterable<readonly [number, number, number]>): this {
    const re = new Float64Array(this.re.length)
    const im = new Float64Array(this.re.length)
    for (let i = 0; i < re.length; i++) {
      for (const [row, cr, ci] of column(i)) {
        re[row]! += cr * this.re[i]! - ci * this.im[i]!
        im[row]! += cr * this.im[i]! + ci * this.re[i]!
      }
    }
    this.re = re
    this.im = im
    return this
  }

  /** exp(-i angle/2 P) for a Pauli string whose letter k acts on qubit k. */
  rotatePauli(letters: string, angle: number): this {
    const turned = this.copy()
    for (const [qubit, letter] of Array.from(letters).entries()) {
      if (letter !== 'I') turned.apply(letter === 'X' ? X : letter === 'Y' ? Y : Z, qubit)
    }
    const [cos, sin] = [Math.cos(angle / 2), Math.sin(angle / 2)]
    const { re, im } = this
    this.re = re.map((value, i) => cos * value + sin * turned.im[i]!)
    this.im = im.map((value, i) => cos * value - sin * turned.re[i]!)
    return this
  }

  /** <this|other>. */
  overlap(other: State): { re: number, im: number } {
    let [re, im] = [0, 0]
    for (let i = 0; i < this.re.length; i++) {
      re += this.re[i]! * other.re[i]! + this.im[i]! * other.im[i]!
      im += this.re[i]! * other.im[i]! - this.im[i]! * other.re[i]!
    }
    return { re, im }
  }

  probability(index: number): number {
    return this.re[index]! ** 2 + this.im[index]! ** 2
  }
}

/** What a design does to a state, without its measurements. */
export type Program = (state: State) => State

let compiler: Promise<ICompiler> | undefined

async function openCompiler(): Promise<ICompiler> {
  const entry = createRequire(import.meta.url).resolve('qsharp-lang')
  const bytes = await readFile(join(dirname(entry), '..', 'lib', 'web', 'qsc_wasm_bg.wasm'))
  await loadWasmModule(Uint8Array.from(bytes).buffer)
  return getCompiler()
}

const MATRICES: Readonly<Record<string, Matrix>> = {
  h: H, x: X, y: Y, z: Z, s: phaseMatrix(Math.PI / 2), s_adj: phaseMatrix(-Math.PI / 2), t: phaseMatrix(Math.PI / 4), t_adj: phaseMatrix(-Math.PI / 4),
}
const ROTATIONS: Readonly<Record<string, (angle: number) => Matrix>> = { rx, ry, rz }

/** Compiles OpenQASM with the Q# compiler. Rejects with its message if the text is refused. */
export async function compile(text: string): Promise<Program> {
  const [program] = programs(await compileToQir(text), [countQubits(text)])
  return program!
}

/**
 * Compiles designs of one language version as one program, each on qubits of its own: nine tenths of the compiler's time do not
 * depend on the program. Names are made different by a number, which no scope of OpenQASM cares about.
 */
export async function compileTogether(texts: readonly string[]): Promise<Program[]> {
  const [header] = texts.map((text) => text.split('\n').slice(0, 2).join('\n'))
  const bodies = texts.map((text, i) => {
    if (!text.startsWith(header!)) throw new Error(`design ${i} is of another language version than design 0`)
    const body = text.slice(header!.length)
    const names = Array.from(body.matchAll(/^(?:(?:qreg|creg|gate) (\w+)|(?:qubit|bit)\[\d+\] (\w+))/gm), ([, two, three]) => two ?? three!)
    return body.replaceAll(new RegExp(`\\b(?:${names.join('|')})\\b`, 'g'), (name) => `${name}_of_${i}`)
  })
  return programs(await compileToQir([header, ...bodies].join('\n')), texts.map(countQubits))
}

async function compileToQir(text: string): Promise<string> {
  compiler ??= openCompiler()
  return (await compiler).getQir({ sources: [['design.qasm', text]], languageFeatures: [], profile: 'adaptive_rif', projectType: 'openqasm' })
}

/** The gates on each run of qubits, as programs that count from the run's first qubit. */
function programs(qir: string, sizes: readonly number[]): Program[] {
  const owners = sizes.flatMap((size, owner) => Array.from({ length: size }, (_, qubit) => ({ owner, qubit })))
  const steps = sizes.map((): ((state: State) => void)[] => [])
  for (const [, name, form, operands] of qir.matchAll(/call void @__quantum__qis__(\w+?)__(body|adj)\((.*)\)/g)) {
    if (name === 'm' || name === 'mresetz') continue
    const touched = Array.from(operands!.matchAll(/%Qubit\* (?:inttoptr \(i64 (\d+) to %Qubit\*\)|null)/g), ([, id]) => owners[Number(id ?? 0)]!)
    const angle = Number(/double ([-+.\de]+)/i.exec(operands!)?.[1])
    steps[touched[0]!.owner]!.push(step(form === 'adj' ? `${name!}_adj` : name!, touched.map(({ qubit }) => qubit), angle))
  }
  return steps.map((run) => (state) => {
    const result = state.copy()
    for (const one of run) one(result)
    return result
  })
}

function step(name: string, qubits: readonly number[], angle: number): (state: State) => void {
  const matrix = MATRICES[name] ?? ROTATIONS[name]?.(angle)
  if (matrix) return (state) => { state.apply(matrix, qubits[0]!) }
  const controlled = MATRICES[name.replace(/^c+/, '')]
  if (controlled) return (state) => { state.apply(controlled, qubits.at(-1)!, ...qubits.slice(0, -1)) }
  if (name === 'swap') {
    const [a, b] = qubits
    return (state) => { state.apply(X, b!, a!).apply(X, a!, b!).apply(X, b!, a!) }
  }
  throw new Error(`the simulator knows no gate ${name}`)
}

/** Qubits that a design declares. */
export function countQubits(text: string): number {
  return Array.from(text.matchAll(/qreg \w+\[(\d+)\];|qubit\[(\d+)\] \w+;/g)).reduce((sum, [, two, three]) => sum + Number(two ?? three), 0)
}

/** Equal on random inputs with one phase for all of them: equal as operators up to a global phase. */
export function sameOperator(left: Program, right: Program, qubits: number, random: () => number, tolerance = 1e-6): boolean {
  let common: { re: number, im: number } | undefined
  for (let trial = 0; trial < 3; trial++) {
    const input = State.random(qubits, random)
    const overlap = left(input).overlap(right(input))
    common ??= overlap
    if (Math.hypot(overlap.re, overlap.im) < 1 - tolerance) return false
    if (Math.hypot(overlap.re - common.re, overlap.im - common.im) > Math.sqrt(tolerance)) return false
  }
  return true
}
