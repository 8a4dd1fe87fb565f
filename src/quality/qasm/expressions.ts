import { BeyondReader, QasmFault } from './errors.js'
import type { QasmToken } from './lexer.js'

/** Reads tokens in order. */
export class TokenStream {
  #at = 0

  constructor(private readonly tokens: readonly QasmToken[]) {}

  get position(): number { return this.#at }
  set position(at: number) { this.#at = at }
  get line(): number { return (this.tokens[this.#at] ?? this.tokens.at(-1))?.line ?? 1 }
  get done(): boolean { return this.#at >= this.tokens.length }

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

export type Values = ReadonlyMap<string, number>

const CONSTANTS: Values = new Map([['pi', Math.PI], ['π', Math.PI], ['tau', 2 * Math.PI], ['τ', 2 * Math.PI], ['euler', Math.E], ['ℇ', Math.E]])
const FUNCTIONS: ReadonlyMap<string, (x: number) => number> = new Map([
  ['sin', Math.sin], ['cos', Math.cos], ['tan', Math.tan], ['exp', Math.exp], ['ln', Math.log], ['log', Math.log], ['sqrt', Math.sqrt],
  ['arcsin', Math.asin], ['arccos', Math.acos], ['arctan', Math.atan],
])

const PRECEDENCE: Readonly<Record<string, number>> = { '+': 1, '-': 1, '*': 2, '/': 2, '%': 2, '^': 4, '**': 4 }

/**
 * A constant expression of numbers: gate angles, sizes, indices.
 *
 * @throws QasmFault, and BeyondReader at names that are no known constants
 */
export function constantExpression(stream: TokenStream, values: Values, lowest = 1): number {
  let left = operand(stream, values)
  for (;;) {
    const operator = stream.peek()
    const precedence = operator.kind === 'symbol' ? PRECEDENCE[operator.text] ?? 0 : 0
    if (precedence < lowest) return left
    stream.next()
    const right = constantExpression(stream, values, precedence === 4 ? 3 : precedence + 1)
    switch (operator.text) {
      case '+': left += right; break
      case '-': left -= right; break
      case '*': left *= right; break
      case '/': left = quotient(left, right); break
      case '%': left %= right; break
      default: left **= right
    }
  }
}

/** Integers are divided as real numbers by OpenQASM 2 and as integers by OpenQASM 3: where that matters, qsharp-lang decides. */
function quotient(left: number, right: number): number {
  const value = left / right
  if (Number.isInteger(left) && Number.isInteger(right) && !Number.isInteger(value)) throw new BeyondReader('a division of integers')
  return value
}

function operand(stream: TokenStream, values: Values): number {
  const token = stream.next()
  if (token.kind === 'number') return Number(token.text.replaceAll('_', ''))
  // A sign binds looser than a power: -2^2 is -4.
  if (token.kind === 'symbol' && token.text === '-') return -constantExpression(stream, values, 3)
  if (token.kind === 'symbol' && token.text === '+') return constantExpression(stream, values, 3)
  if (token.kind === 'symbol' && token.text === '(') {
    const value = constantExpression(stream, values)
    stream.expect(')')
    return value
  }
  if (token.kind === 'name') {
    const value = values.get(token.text) ?? CONSTANTS.get(token.text)
    if (value !== undefined && !stream.is('[')) return value
    const call = FUNCTIONS.get(token.text)
    if (call && stream.take('(')) {
      const argument = constantExpression(stream, values)
      stream.expect(')')
      return call(argument)
    }
    throw new BeyondReader(`"${token.text}" is no constant`)
  }
  throw new QasmFault(`expected a value, found "${token.text}"`, token.line)
}
