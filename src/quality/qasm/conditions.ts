import { BeyondReader, QasmFault } from './errors.js'
import type { TokenStream } from './expressions.js'
import { constantExpression } from './expressions.js'
import type { Scope } from './scope.js'

type Condition = (bits: Uint8Array) => boolean

/** A condition on measured bits: `c == 3`, `c[0]`, `!c[0]`, `c[0] == 1`, joined by `&&` and `||`. */
export function readCondition(stream: TokenStream, scope: Scope): Condition {
  let left = conjunction(stream, scope)
  while (stream.take('||')) {
    const [a, b] = [left, conjunction(stream, scope)]
    left = (bits) => a(bits) || b(bits)
  }
  return left
}

function conjunction(stream: TokenStream, scope: Scope): Condition {
  let left = comparison(stream, scope)
  while (stream.take('&&')) {
    const [a, b] = [left, comparison(stream, scope)]
    left = (bits) => a(bits) && b(bits)
  }
  return left
}

function comparison(stream: TokenStream, scope: Scope): Condition {
  return stream.nested(() => oneComparison(stream, scope))
}

function oneComparison(stream: TokenStream, scope: Scope): Condition {
  if (stream.take('!')) {
    const inner = comparison(stream, scope)
    return (bits) => !inner(bits)
  }
  if (stream.take('(')) {
    const inner = readCondition(stream, scope)
    stream.expect(')')
    return inner
  }
  const line = stream.line
  const name = stream.name()
  if (scope.places.get(name)?.kind !== 'bit') {
    if (scope.constants.has(name) || stream.is('(')) throw new BeyondReader('conditions of this form')
    throw new QasmFault(`there is no bit register "${name}"`, line)
  }
  let index: number | undefined
  if (stream.take('[')) {
    index = constantExpression(stream, scope.constants)
    stream.expect(']')
  }
  const places = scope.resolve('bit', name, index, line)
  const equal = stream.take('==') ? true : stream.take('!=') ? false : undefined
  if (equal === undefined) {
    if (places.length > 1 || stream.is('<') || stream.is('>')) throw new BeyondReader('conditions of this form')
    return (bits) => bits[places[0]!] === 1
  }
  const value = stream.take('true') ? 1 : stream.take('false') ? 0 : constantExpression(stream, scope.constants)
  if (!Number.isInteger(value) || places.length > 52) throw new BeyondReader('conditions of this form')
  // The first bit of a register is its least significant.
  return (bits) => (places.reduce((sum, place, i) => sum + bits[place]! * 2 ** i, 0) === value) === equal
}
