import type { Elementary } from './circuit.js'

/** Amplitudes of `qubits` qubits; bit k of an index is the value of qubit k. Not normalised: the squared norm is a branch's probability. */
export class State {
  constructor(readonly qubits: number, readonly real: Float64Array, readonly imaginary: Float64Array) {}

  /** A product state: qubit k starts in `amplitudes[k]` = [a.re, a.im, b.re, b.im]. */
  static product(amplitudes: readonly (readonly number[])[]): State {
    let real = Float64Array.of(1)
    let imaginary = Float64Array.of(0)
    for (const [ar, ai, br, bi] of amplitudes) {
      const nextReal = new Float64Array(real.length * 2)
      const nextImaginary = new Float64Array(real.length * 2)
      for (let i = 0; i < real.length; i++) {
        nextReal[i] = real[i]! * ar! - imaginary[i]! * ai!
        nextImaginary[i] = real[i]! * ai! + imaginary[i]! * ar!
        nextReal[i + real.length] = real[i]! * br! - imaginary[i]! * bi!
        nextImaginary[i + real.length] = real[i]! * bi! + imaginary[i]! * br!
      }
      real = nextReal
      imaginary = nextImaginary
    }
    return new State(amplitudes.length, real, imaginary)
  }

  clone(): State {
    return new State(this.qubits, this.real.slice(), this.imaginary.slice())
  }

  apply({ matrix, target, controls }: Elementary): void {
    const { real, imaginary } = this
    const bit = 1 << target
    const needed = controls.reduce((mask, control) => mask | (1 << control), 0)
    const [ar, ai, br, bi, cr, ci, dr, di] = matrix as [number, number, number, number, number, number, number, number]
    for (let block = 0; block < real.length; block += bit * 2) {
      for (let i = block; i < block + bit; i++) {
        if ((i & needed) !== needed) continue
        const j = i | bit
        const xr = real[i]!
        const xi = imaginary[i]!
        const yr = real[j]!
        const yi = imaginary[j]!
        real[i] = ar * xr - ai * xi + br * yr - bi * yi
        imaginary[i] = ar * xi + ai * xr + br * yi + bi * yr
        real[j] = cr * xr - ci * xi + dr * yr - di * yi
        imaginary[j] = cr * xi + ci * xr + dr * yi + di * yr
      }
    }
  }

  /** The part in which `qubit` is `value`. Its squared norm is how likely that is. */
  project(qubit: number, value: 0 | 1): State {
    const result = this.clone()
    for (let i = 0; i < result.real.length; i++) {
      if (((i >> qubit) & 1) === value) continue
      result.real[i] = 0
      result.imaginary[i] = 0
    }
    return result
  }

  squaredNorm(): number {
    let sum = 0
    for (let i = 0; i < this.real.length; i++) sum += this.real[i]! ** 2 + this.imaginary[i]! ** 2
    return sum
  }
}

/** Norm of the difference of two states of equal norm after their best relative phase is removed. */
export function distance(a: State, b: State): number {
  let re = 0
  let im = 0
  for (let i = 0; i < a.real.length; i++) {
    re += a.real[i]! * b.real[i]! + a.imaginary[i]! * b.imaginary[i]!
    im += a.real[i]! * b.imaginary[i]! - a.imaginary[i]! * b.real[i]!
  }
  return Math.sqrt(Math.max(0, a.squaredNorm() + b.squaredNorm() - 2 * Math.hypot(re, im)))
}
