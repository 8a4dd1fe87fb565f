/**
 * A value of one bit in a circuit of gates: twice the gate's number, plus 1 where it is inverted. FALSE and TRUE are the first gate,
 * UNDEFINED is a gate that is neither.
 */
export type Literal = number

export const FALSE: Literal = 0
export const TRUE: Literal = 1
export const UNDEFINED: Literal = 2

const SOURCE = 0
const AND = 1
const XOR = 2
const MUX = 3

/**
 * A circuit of AND, XOR and multiplexer gates, evaluated for 32 independent runs at once. Each bit is known to be 1, known to be 0, or unknown:
 * what comes out known is so for every value of what is unknown.
 */
export class GateCircuit {
  readonly #kinds: number[] = [SOURCE, SOURCE]
  readonly #a: number[] = [0, 0]
  readonly #b: number[] = [0, 0]
  readonly #c: number[] = [0, 0]
  readonly #known = new Map<string, Literal>()

  get size(): number { return this.#kinds.length }

  /** A bit whose value is given from outside before each evaluation. */
  source(): Literal { return this.#add(SOURCE, 0, 0, 0) }

  and(a: Literal, b: Literal): Literal {
    if (a === FALSE || b === FALSE || a === (b ^ 1) && a !== UNDEFINED && b !== UNDEFINED) return FALSE
    if (a === TRUE || a === b) return b
    if (b === TRUE) return a
    return a < b ? this.#gate(AND, a, b) : this.#gate(AND, b, a)
  }

  or(a: Literal, b: Literal): Literal { return this.and(a ^ 1, b ^ 1) ^ 1 }

  xor(a: Literal, b: Literal): Literal {
    if (a <= TRUE) return b ^ a
    if (b <= TRUE) return a ^ b
    if (a >> 1 === b >> 1) return a >> 1 === UNDEFINED >> 1 ? UNDEFINED : (a ^ b) & 1
    const inverted = (a ^ b) & 1
    const [low, high] = a < b ? [a & ~1, b & ~1] : [b & ~1, a & ~1]
    return this.#gate(XOR, low, high) ^ inverted
  }

  /** `select ? whenOne : whenZero` */
  mux(select: Literal, whenZero: Literal, whenOne: Literal): Literal {
    if (select === FALSE || whenZero === whenOne) return whenZero
    if (select === TRUE) return whenOne
    if (select & 1) return this.mux(select ^ 1, whenOne, whenZero)
    if (whenZero === FALSE) return this.and(select, whenOne)
    if (whenOne === FALSE) return this.and(select ^ 1, whenZero)
    return this.#gate(MUX, select, whenZero, whenOne)
  }

  /** Ready to run: gates are in an order in which each comes after its inputs. */
  compile(): Evaluator {
    return new Evaluator(Uint8Array.from(this.#kinds), Int32Array.from(this.#a), Int32Array.from(this.#b), Int32Array.from(this.#c))
  }

  #gate(kind: number, a: Literal, b: Literal, c: Literal = 0): Literal {
    const key = `${kind} ${a} ${b} ${c}`
    const known = this.#known.get(key)
    if (known !== undefined) return known
    const literal = this.#add(kind, a, b, c)
    this.#known.set(key, literal)
    return literal
  }

  #add(kind: number, a: Literal, b: Literal, c: Literal): Literal {
    this.#kinds.push(kind)
    this.#a.push(a)
    this.#b.push(b)
    this.#c.push(c)
    return (this.#kinds.length - 1) * 2
  }
}

export class Evaluator {
  /** `values[literal]`: the runs in which the literal is known to be 1. */
  readonly values: Int32Array

  constructor(private readonly kinds: Uint8Array, private readonly a: Int32Array, private readonly b: Int32Array, private readonly c: Int32Array) {
    this.values = new Int32Array(kinds.length * 2)
    this.values[TRUE] = -1
  }

  /** Sets a source: the runs in which it is 1, and those in which it is 0. */
  set(source: Literal, ones: number, zeros = ~ones): void {
    this.values[source] = ones
    this.values[source ^ 1] = zeros
  }

  evaluate(): void {
    const { kinds, a, b, c, values } = this
    for (let i = 2; i < kinds.length; i++) {
      const kind = kinds[i]!
      if (kind === SOURCE) continue
      const x = a[i]!
      const y = b[i]!
      if (kind === AND) {
        values[2 * i] = values[x]! & values[y]!
        values[2 * i + 1] = values[x ^ 1]! | values[y ^ 1]!
      } else if (kind === XOR) {
        values[2 * i] = (values[x]! & values[y ^ 1]!) | (values[x ^ 1]! & values[y]!)
        values[2 * i + 1] = (values[x]! & values[y]!) | (values[x ^ 1]! & values[y ^ 1]!)
      } else {
        const z = c[i]!
        values[2 * i] = (values[x ^ 1]! & values[y]!) | (values[x]! & values[z]!) | (values[y]! & values[z]!)
        values[2 * i + 1] = (values[x ^ 1]! & values[y ^ 1]!) | (values[x]! & values[z ^ 1]!) | (values[y ^ 1]! & values[z ^ 1]!)
      }
    }
  }
}
