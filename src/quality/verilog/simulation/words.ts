import type { GateCircuit, Literal } from './gates.js'
import { FALSE, TRUE, UNDEFINED } from './gates.js'

/** Bits of a number, least significant first. */
export type Word = readonly Literal[]

/** Arithmetic on words of any width, as gates. */
export class Words {
  constructor(readonly gates: GateCircuit) {}

  extend(word: Word, width: number, signed: boolean): Word {
    const fill = signed ? word.at(-1) ?? FALSE : FALSE
    return Array.from({ length: width }, (_, i) => word[i] ?? fill)
  }

  not(word: Word): Word { return word.map((bit) => bit ^ 1) }

  bitwise(a: Word, b: Word, gate: (a: Literal, b: Literal) => Literal): Word {
    return a.map((bit, i) => gate(bit, b[i]!))
  }

  any(word: Word): Literal { return word.reduce((left, right) => this.gates.or(left, right), FALSE) }
  all(word: Word): Literal { return word.reduce((left, right) => this.gates.and(left, right), TRUE) }
  parity(word: Word): Literal { return word.reduce((left, right) => this.gates.xor(left, right), FALSE) }

  mux(select: Literal, whenZero: Word, whenOne: Word): Word {
    return whenZero.map((bit, i) => this.gates.mux(select, bit, whenOne[i]!))
  }

  add(a: Word, b: Word, carry: Literal = FALSE): Word {
    const { gates } = this
    let over = carry
    return a.map((bit, i) => {
      const half = gates.xor(bit, b[i]!)
      const sum = gates.xor(half, over)
      // Symmetric in both words, so that a + b and b + a are the same gates.
      over = gates.or(gates.and(bit, b[i]!), gates.and(half, over))
      return sum
    })
  }

  subtract(a: Word, b: Word): Word { return this.add(a, this.not(b), TRUE) }
  negate(a: Word): Word { return this.subtract(a.map(() => FALSE), a) }

  /** Unsigned a < b, of equal width. */
  less(a: Word, b: Word): Literal {
    let borrow = FALSE
    a.forEach((bit, i) => { borrow = this.gates.mux(this.gates.xor(bit, b[i]!), borrow, b[i]!) })
    return borrow
  }

  /** For signed words, turning the top bit makes the order that of unsigned ones. */
  lessThan(a: Word, b: Word, signed: boolean): Literal {
    const turned = (word: Word): Word => signed && word.length > 0 ? [...word.slice(0, -1), word.at(-1)! ^ 1] : word
    return this.less(turned(a), turned(b))
  }

  equal(a: Word, b: Word): Literal {
    return this.any(this.bitwise(a, b, (x, y) => this.gates.xor(x, y))) ^ 1
  }

  multiply(a: Word, b: Word): Word {
    let sum: Word = a.map(() => FALSE)
    b.forEach((bit, i) => {
      if (bit === FALSE) return
      sum = this.add(sum, a.map((_, at) => at < i ? FALSE : this.gates.and(bit, a[at - i]!)))
    })
    return sum
  }

  /** Unsigned quotient and remainder by long division; undefined where b is 0. */
  divide(a: Word, b: Word): { quotient: Word, remainder: Word } {
    const wide = this.extend(b, b.length + 1, false)
    let rest: Word = wide.map(() => FALSE)
    const quotient: Literal[] = []
    for (const bit of [...a].reverse()) {
      const shifted = [bit, ...rest.slice(0, -1)]
      const fits = this.less(shifted, wide) ^ 1
      rest = this.mux(fits, shifted, this.subtract(shifted, wide))
      quotient.unshift(fits)
    }
    const zero = this.any(b) ^ 1
    const defined = (word: Word): Word => word.map((bit) => this.gates.mux(zero, bit, UNDEFINED))
    return { quotient: defined(quotient), remainder: defined(rest.slice(0, -1)) }
  }

  /** Moves bits towards index 0 by an unsigned amount; `fill` comes in at the top. */
  shiftRight(word: Word, amount: Word, fill: Literal): Word {
    let result = word
    amount.forEach((bit, i) => {
      const by = i < 31 ? 2 ** i : Infinity
      result = this.mux(bit, result, result.map((_, at) => result[at + by] ?? fill))
    })
    return result
  }

  shiftLeft(word: Word, amount: Word): Word {
    return [...this.shiftRight([...word].reverse(), amount, FALSE)].reverse()
  }
}
