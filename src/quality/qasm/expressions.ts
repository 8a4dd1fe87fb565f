import { BeyondReader, QasmFault } from './errors.js'
import type { QasmToken } from './lexer.js'

/** Brackets, signs, powers and blocks within each other; each takes some of the stack. */
const DEEPEST = 250

/** Reads tokens in order. */
export class TokenStream {
  #at = 0
  #depth = 0

  constructor(private readonly tokens: readonly QasmToken[]) {}

  get position(): number { return this.#at }
  set position(at: number) { this.#at = at }
  get line(): number { return (this.tokens[this.#at] ?? this.tokens.at(-1))?.line ?? 1 }
  get done(): boolean { return this.#at >= this.tokens.length }

  /** Reads something that may hold others of its kind. @throws BeyondReader where that goes too deep */
  nested<Value>(read: () => Value): Value {
    if (++this.#depth > DEEPEST) throw new BeyondReader('deep nesting')
    try {
      return read()
    } finally {
      this.#depth--
    }
  }

  peek(ahead = 0): QasmToken {
    return this.tokens[this.#at + ahead] ?? { kind: 'end', text: 'the end of the text', line: this.tokens.at(-1)?.line ?? 1, start: -1 }
  }

  next(): QasmToken {
    const token = this.peek()
    this.#at++
    return token
  }

  is(text: string, ahead = 0): boolean {
    const token = this.peek(ahead)
    return token.text === text && (token.kind === 'symbol' || token.kind === 'name')
  }

  take(text: string): boolean {
    if (!this.is(text)) return false
    this.#at++
    return true
  }

  expect(text: string): void {
    if (!this.take(text)) throw new QasmFault(`expected "${text}", found "${this.peek().text}"`, this.line)
  }

  name(): string {
    const token = this.next()
    if (token.kind !== 'name') throw new QasmFault(`expected a name, found "${token.text}"`, token.line)
    return token.text
  }
}

/** A number, and whether the language takes it for an integer. */
export interface Operand {
  readonly value: number
  readonly integer: boolean
}

export type Values = ReadonlyMap<string, Operand>

export const real = (value: number): Operand => ({ value, integer: false })

const CONSTANTS: Values = new Map(([['pi', Math.PI], ['\u03c0', Math.PI], ['tau', 2 * Math.PI], ['\u03c4', 2 * Math.PI], ['euler', Math.E], ['\u2107', Math.E]] as const).map(([name, value]) => [name, real(value)]))
const FUNCTIONS: ReadonlyMap<string, (x: number) => number> = new Map([
  ['sin', Math.sin], ['cos', Math.cos], ['tan', Math.tan], ['exp', Math.exp], ['ln', Math.log], ['log', Math.log], ['sqrt', Math.sqrt],
  ['arcsin', Math.asin], ['arccos', Math.acos], ['arctan', Math.atan],
])

const PRECEDENCE: Readonly<Record<string, number>> = { '+': 1, '-': 1, '*': 2, '/': 2, '%': 2, '^': 4, '**': 4 }
const POWER = 4

/**
 * A constant expression of numbers: gate angles, sizes, indices.
 *
 * @throws QasmFault, and BeyondReader at names that are no known constants
 */
export function constantExpression(stream: TokenStream, values: Values): number {
  return expression(stream, values, 1).value
}

function expression(stream: TokenStream, values: Values, lowest: number): Operand {
  return stream.nested(() => operation(stream, values, lowest))
}

function operation(stream: TokenStream, values: Values, lowest: number): Operand {
  let left = operand(stream, values)
  for (;;) {
    const operator = stream.peek()
    const precedence = operator.kind === 'symbol' ? PRECEDENCE[operator.text] ?? 0 : 0
    if (precedence < lowest) return left
    stream.next()
    // A power binds to the right and takes signs in its exponent.
    const right = expression(stream, values, precedence === POWER ? 3 : precedence + 1)
    left = combine(operator.text, left, right)
  }
}

function combine(operator: string, { value: a, integer: left }: Operand, { value: b, integer: right }: Operand): Operand {
  const integer = left && right
  switch (operator) {
    case '+': return { value: a + b, integer }
    case '-': return { value: a - b, integer }
    case '*': return { value: a * b, integer }
    case '%': return { value: a % b, integer }
    case '/':
      // OpenQASM 2 divides integers as real numbers and OpenQASM 3 as integers: where that matters, qsharp-lang decides.
      if (integer && !Number.isInteger(a / b)) throw new BeyondReader('a division of integers')
      return { value: a / b, integer }
    default: return { value: a ** b, integer: integer && b >= 0 }
  }
}

function operand(stream: TokenStream, values: Values): Operand {
  const token = stream.next()
  if (token.kind === 'number') return { value: Number(token.text.replaceAll('_', '')), integer: /^[\d_]+$/.test(token.text) }
  if (token.kind === 'symbol' && (token.text === '-' || token.text === '+')) {
    // A sign binds looser than a power: -2 ** 2 is -4.
    const { value, integer } = expression(stream, values, 3)
    return { value: token.text === '-' ? -value : value, integer }
  }
  if (token.kind === 'symbol' && token.text === '(') {
    const value = expression(stream, values, 1)
    stream.expect(')')
    return value
  }
  if (token.kind !== 'name') throw new QasmFault(`expected a value, found "${token.text}"`, token.line)
  const value = values.get(token.text) ?? CONSTANTS.get(token.text)
  if (value && !stream.is('[')) return value
  const call = FUNCTIONS.get(token.text)
  if (!call || !stream.take('(')) throw new BeyondReader(`"${token.text}" is no constant`)
  const argument = expression(stream, values, 1)
  stream.expect(')')
  return real(call(argument.value))
}
