import type { Cell } from '../rtlil.js'
import type { Literal } from './gates.js'
import { FALSE, UNDEFINED } from './gates.js'
import type { Word, Words } from './words.js'

/** A cell type that the simulator does not know. */
export class Unsupported extends Error {}

/** The output of a combinational cell of Yosys' internal library for given inputs. */
export function outputOf(cell: Cell, input: (port: string) => Word, words: Words): Word {
  const { gates } = words
  const type = cell.type.slice(1)
  const width = number(cell, 'Y_WIDTH', number(cell, 'WIDTH', 1))
  const [signedA, signedB] = [number(cell, 'A_SIGNED', 0) === 1, number(cell, 'B_SIGNED', 0) === 1]
  const signed = signedA && signedB
  const toWidth = (bit: Literal): Word => words.extend([bit], width, false)
  const a = (): Word => words.extend(input('A'), width, signedA)
  const both = (): [Word, Word] => [words.extend(input('A'), width, signed), words.extend(input('B'), width, signed)]
  const compared = (): [Word, Word] => {
    const wide = Math.max(input('A').length, input('B').length)
    return [words.extend(input('A'), wide, signed), words.extend(input('B'), wide, signed)]
  }
  const bitwise = (gate: (x: Literal, y: Literal) => Literal): Word => words.bitwise(...both(), gate)
  switch (type) {
    case 'not': return words.not(a())
    case 'pos': case 'buf': return a()
    case 'neg': return words.negate(a())
    case 'and': return bitwise((x, y) => gates.and(x, y))
    case 'or': return bitwise((x, y) => gates.or(x, y))
    case 'xor': return bitwise((x, y) => gates.xor(x, y))
    case 'xnor': return words.not(bitwise((x, y) => gates.xor(x, y)))
    case 'reduce_and': return toWidth(words.all(input('A')))
    case 'reduce_or': case 'reduce_bool': return toWidth(words.any(input('A')))
    case 'reduce_xor': return toWidth(words.parity(input('A')))
    case 'reduce_xnor': return toWidth(words.parity(input('A')) ^ 1)
    case 'logic_not': return toWidth(words.any(input('A')) ^ 1)
    case 'logic_and': return toWidth(gates.and(words.any(input('A')), words.any(input('B'))))
    case 'logic_or': return toWidth(gates.or(words.any(input('A')), words.any(input('B'))))
    case 'add': return words.add(...both())
    case 'sub': return words.subtract(...both())
    case 'mul': return words.multiply(...both())
    case 'eq': case 'eqx': return toWidth(words.equal(...compared()))
    case 'ne': case 'nex': return toWidth(words.equal(...compared()) ^ 1)
    case 'lt': return toWidth(words.lessThan(...compared(), signed))
    case 'ge': return toWidth(words.lessThan(...compared(), signed) ^ 1)
    case 'gt': return toWidth(words.lessThan(...swap(compared()), signed))
    case 'le': return toWidth(words.lessThan(...swap(compared()), signed) ^ 1)
    case 'div': case 'mod': return quotient(words, input('A'), input('B'), signed, width)[type]
    case 'shl': case 'sshl': return words.shiftLeft(a(), input('B'))
    case 'shr': return words.extend(words.shiftRight(words.extend(input('A'), Math.max(width, input('A').length), signedA), input('B'), FALSE), width, false)
    case 'sshr': {
      const wide = words.extend(input('A'), Math.max(width, input('A').length), signedA)
      return words.extend(words.shiftRight(wide, input('B'), signedA ? wide.at(-1)! : FALSE), width, false)
    }
    case 'shift': case 'shiftx': return shifted(words, input('A'), input('B'), type === 'shift' ? { signedA, signedB, fill: FALSE } : { signedA: false, signedB, fill: UNDEFINED }, width)
    case 'mux': return words.mux(input('S')[0]!, input('A'), input('B'))
    case 'pmux': return parallelMux(words, input('A'), input('B'), input('S'))
    case 'bmux': return binaryMux(words, input('A'), input('S'), width)
    case 'bwmux': return input('A').map((bit, i) => gates.mux(input('S')[i]!, bit, input('B')[i]!))
    default: return simpleGate(type, input, words)
  }
}

/** The cells that `simplemap` and `techmap` leave. */
function simpleGate(type: string, input: (port: string) => Word, { gates }: Words): Word {
  const [a, b] = [(): Literal => input('A')[0]!, (): Literal => input('B')[0]!]
  switch (type) {
    case '_NOT_': return [a() ^ 1]
    case '_BUF_': return [a()]
    case '_AND_': return [gates.and(a(), b())]
    case '_NAND_': return [gates.and(a(), b()) ^ 1]
    case '_OR_': return [gates.or(a(), b())]
    case '_NOR_': return [gates.or(a(), b()) ^ 1]
    case '_XOR_': return [gates.xor(a(), b())]
    case '_XNOR_': return [gates.xor(a(), b()) ^ 1]
    case '_ANDNOT_': return [gates.and(a(), b() ^ 1)]
    case '_ORNOT_': return [gates.or(a(), b() ^ 1)]
    case '_MUX_': return [gates.mux(input('S')[0]!, a(), b())]
    default: throw new Unsupported(`cells of type $${type} are not simulated`)
  }
}

/** A decimal or binary parameter. */
export function number(cell: Cell, parameter: string, otherwise: number): number {
  const text = cell.parameters.get(parameter)
  if (text === undefined) return otherwise
  const quote = text.indexOf('\'')
  return quote < 0 ? Number(text) : Number.parseInt(text.slice(quote + 1), 2)
}

const swap = ([a, b]: [Word, Word]): [Word, Word] => [b, a]

/** Verilog's / and %, which round towards zero. */
function quotient(words: Words, a: Word, b: Word, signed: boolean, width: number): { div: Word, mod: Word } {
  // All bits of the result are undefined in a division by zero, so the words are as wide as it from the start.
  const wide = Math.max(a.length, b.length, width) + (signed ? 1 : 0)
  const [x, y] = [words.extend(a, wide, signed), words.extend(b, wide, signed)]
  if (!signed) {
    const { quotient, remainder } = words.divide(x, y)
    return { div: words.extend(quotient, width, false), mod: words.extend(remainder, width, false) }
  }
  const magnitude = (word: Word): Word => words.mux(word.at(-1)!, word, words.negate(word))
  const { quotient, remainder } = words.divide(magnitude(x), magnitude(y))
  const withSign = (word: Word, negative: Literal): Word => words.extend(words.mux(negative, word, words.negate(word)), width, true)
  return { div: withSign(quotient, words.gates.xor(x.at(-1)!, y.at(-1)!)), mod: withSign(remainder, x.at(-1)!) }
}

/** Right by B, or left where a signed B is negative. What comes in from outside A is `fill`. */
function shifted(words: Words, a: Word, b: Word, { signedA, signedB, fill }: { signedA: boolean, signedB: boolean, fill: Literal }, width: number): Word {
  const outside = fill === UNDEFINED ? fill : signedA ? a.at(-1)! : FALSE
  const wide = Array.from({ length: Math.max(width, a.length) }, (_, i) => a[i] ?? outside)
  const right = words.shiftRight(wide, signedB ? b.slice(0, -1) : b, fill === UNDEFINED ? UNDEFINED : FALSE).slice(0, width)
  if (!signedB) return right
  const left = [...words.shiftRight([...wide].reverse(), words.negate(b), fill)].reverse().slice(0, width)
  return words.mux(b.at(-1)!, right, left)
}

/** One data word a select bit; undefined where several are set. */
function parallelMux(words: Words, otherwise: Word, data: Word, selects: Word): Word {
  const { gates } = words
  const width = otherwise.length
  let chosen: Word = otherwise.map(() => FALSE)
  let one = FALSE
  let several = FALSE
  selects.forEach((select, i) => {
    several = gates.or(several, gates.and(one, select))
    one = gates.or(one, select)
    chosen = words.mux(select, chosen, data.slice(i * width, (i + 1) * width))
  })
  return words.mux(one, otherwise, chosen).map((bit) => gates.mux(several, bit, UNDEFINED))
}

function binaryMux(words: Words, data: Word, selects: Word, width: number): Word {
  let choices = Array.from({ length: 2 ** selects.length }, (_, i): Word => data.slice(i * width, (i + 1) * width))
  for (const select of selects) {
    choices = choices.filter((_, i) => i % 2 === 0).map((even, i) => words.mux(select, even, choices[2 * i + 1]!))
  }
  return choices[0]!
}
