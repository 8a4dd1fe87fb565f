import type { Point } from '../../scripts/corpus/family.js'

type Words = Readonly<Record<string, number>>

/** What a combinational family's specification says, in numbers: inputs by their names in the plain house, outputs alike. Written from the specifications, not from the designs. */
export type Intent = (point: Point, inputs: Words) => Words

const number = (value: Point[string] | undefined): number => Number(value)

/** The value of a two's complement word. */
const signed = (word: number, width: number): number => word >= 2 ** (width - 1) ? word - 2 ** width : word

const bitsOf = (word: number, width: number): number[] => Array.from({ length: width }, (_, bit) => Math.floor(word / 2 ** bit) % 2)

const wordOf = (bits: readonly number[]): number => bits.reduce((sum, bit, at) => sum + bit * 2 ** at, 0)

const ones = (word: number): number => bitsOf(word, 30).reduce((sum, bit) => sum + bit, 0)

const truth = (value: boolean): number => value ? 1 : 0

const within = (value: number, low: number, high: number): number => Math.max(low, Math.min(high, value))

/** Reads a pair of words as the point says. */
const read = ({ width, signed: isSigned }: Point, word: number): number => isSigned === true ? signed(word, number(width)) : word

const isPower = (position: number): boolean => Math.log2(position) % 1 === 0

function hammingLength(data: number): number {
  let length = 0
  for (let left = data; left > 0; length++) if (!isPower(length + 1)) left--
  return length
}

/** The parity over all positions (from 1) whose number has the bit of `parity`, itself included. */
const covered = (code: readonly number[], parity: number): number =>
  code.reduce((sum, bit, at) => sum ^ (((at + 1) & parity) !== 0 ? bit : 0), 0)

function rotated(bits: readonly number[], places: number): number {
  const width = bits.length
  return wordOf(bits.map((_, at) => bits[(((at - places) % width) + width) % width]!))
}

/** Segments a to g of the digits 0 to f, a in bit 0: the usual table. */
const SEGMENTS = [0x3f, 0x06, 0x5b, 0x4f, 0x66, 0x6d, 0x7d, 0x07, 0x7f, 0x6f, 0x77, 0x7c, 0x39, 0x5e, 0x79, 0x71]

const OPERATIONS: Readonly<Record<string, (a: number, b: number) => number>> = {
  add: (a, b) => a + b, sub: (a, b) => a - b, and: (a, b) => a & b, or: (a, b) => a | b, xor: (a, b) => a ^ b, nor: (a, b) => ~(a | b), nand: (a, b) => ~(a & b),
  less: (a, b) => truth(a < b), equal: (a, b) => truth(a === b), not: (a) => ~a, double: (a) => 2 * a, half: (a) => Math.floor(a / 2), pass: (_, b) => b,
}

export const intents: Readonly<Record<string, Intent>> = {
  'absolute-difference': ({ width, kind }, { a, b, din }) => ({
    q: kind === 'magnitude' ? Math.abs(signed(din!, number(width))) : kind === 'signed' ? Math.abs(signed(a!, number(width)) - signed(b!, number(width))) : Math.abs(a! - b!),
  }),
  'add-sub': ({ width, subtractOn }, { a, b, sel }) => {
    const w = number(width)
    const subtracts = sel === subtractOn
    const exact = subtracts ? signed(a!, w) - signed(b!, w) : signed(a!, w) + signed(b!, w)
    return {
      sum: subtracts ? a! - b! : a! + b!,
      ovf: truth(exact < -(2 ** (w - 1)) || exact >= 2 ** (w - 1)),
      cout: truth((subtracts ? a! + (2 ** w - 1 - b!) + 1 : a! + b!) >= 2 ** w),
    }
  },
  adder: ({ width }, { a, b, cin = 0 }) => ({ sum: a! + b! + cin, cout: truth(a! + b! + cin >= 2 ** number(width)) }),
  'address-decoder': ({ first, last, secondFirst, secondLast }, { addr, en = 1 }) => ({
    sel0: truth(en === 1 && addr! >= number(first) && addr! <= number(last)),
    sel1: truth(en === 1 && addr! >= number(secondFirst) && addr! <= number(secondLast)),
  }),
  alu: ({ width, table }, { a, b, op }) => {
    const operation = String(table).split(' ')[op!]
    const q = operation === undefined ? 0 : OPERATIONS[operation]!(a!, b!)
    return { q, flag: truth(q % 2 ** number(width) === 0) }
  },
  'bcd-adder': ({ digits }, { a, b, cin = 0 }) => {
    let carry = cin
    let sum = 0
    for (let digit = 0; digit < number(digits); digit++) {
      const total = Math.floor(a! / 16 ** digit) % 16 + Math.floor(b! / 16 ** digit) % 16 + carry
      carry = truth(total > 9)
      sum += (carry === 1 ? total + 6 : total) % 16 * 16 ** digit
    }
    return { sum, cout: carry, err: truth(a! % 16 > 9 || b! % 16 > 9) }
  },
  'binary-to-bcd': ({ kind }, { din }) => {
    const digits = [1, 10, 100, 1000].map((power) => Math.floor(din! / power) % 10)
    return { ones: digits[0]!, tens: digits[1]!, hundreds: digits[2]!, thousands: digits[3]!, q: kind === 'lowest' ? din! % 10 : parseInt(String(din), 16) }
  },
  bitfield: ({ width, from, length, kind }, { din, b = 0 }) => {
    const bits = bitsOf(din!, number(width))
    const inside = (at: number): boolean => at >= number(from) && at < number(from) + number(length)
    if (kind === 'extract') return { q: wordOf(bits.filter((_, at) => inside(at))) }
    const change: Record<string, (bit: number, at: number) => number> = { insert: (_, at) => bitsOf(b, number(length))[at - number(from)]!, clear: () => 0, set: () => 1, toggle: (bit) => 1 - bit }
    return { q: wordOf(bits.map((bit, at) => inside(at) ? change[String(kind)]!(bit, at) : bit)) }
  },
  clamp: ({ low, high }, { din }) => ({ q: within(din!, number(low), number(high)) }),
  comparator: (point, { a, b }) => {
    const [left, right] = [read(point, a!), read(point, b!)]
    return { lt: truth(left < right), eq: truth(left === right), gt: truth(left > right) }
  },
  'constant-multiplier': ({ factor }, { a, b = 0 }) => ({ q: number(factor) * a! + b }),
  'crc-step': ({ width, polynomial, bits }, { state, din }) => {
    let crc = state!
    for (const bit of bitsOf(din!, number(bits)).reverse()) {
      const top = Math.floor(crc / 2 ** (number(width) - 1))
      crc = (2 * crc) % 2 ** number(width)
      if (top !== bit) crc ^= number(polynomial)
    }
    return { q: crc }
  },
  decoder: ({ lines, enable, activeLow }, { addr, en }) => {
    const enabled = enable === 'none' || en === (enable === 'active-high' ? 1 : 0)
    const hot = enabled && addr! < number(lines) ? 2 ** addr! : 0
    return { q: activeLow === true ? 2 ** number(lines) - 1 - hot : hot }
  },
  'sign-extension': ({ from, by, kind }, { din, sel }) => {
    const negative = kind !== 'zero' && (kind === 'sign' || sel === 1) && signed(din!, number(from)) < 0
    return { q: negative ? din! + 2 ** (number(from) + number(by)) - 2 ** number(from) : din! }
  },
  'gray-code': ({ width, direction, reversed }, { din }) => {
    const w = number(width)
    const gray = (value: number): number => value ^ Math.floor(value / 2)
    const order = (value: number): number => reversed === true ? wordOf(bitsOf(value, w).reverse()) : value
    if (direction === 'encode') return { q: order(gray(din!)) }
    return { q: Array.from({ length: 2 ** w }, (_, value) => value).find((value) => gray(value) === order(din!))! }
  },
  'hamming-encoder': ({ data, odd, extended }, { din }) => {
    const length = hammingLength(number(data))
    const source = bitsOf(din!, number(data))
    const code = Array.from({ length }, (_, at) => isPower(at + 1) ? 0 : source.shift()!)
    for (let parity = 1; parity <= length; parity *= 2) code[parity - 1] = covered(code, parity) ^ truth(odd === true)
    return { q: wordOf(extended === true ? [...code, ones(wordOf(code)) % 2] : code) }
  },
  'hamming-decoder': ({ data, odd }, { din }) => {
    const length = hammingLength(number(data))
    const code = bitsOf(din!, length)
    let syndrome = 0
    for (let parity = 1; parity <= length; parity *= 2) if (covered(code, parity) !== truth(odd === true)) syndrome += parity
    const mended = code.map((bit, at) => at + 1 === syndrome ? 1 - bit : bit)
    return { q: wordOf(mended.filter((_, at) => !isPower(at + 1))), err: truth(syndrome !== 0) }
  },
  'lookup-table': ({ table }, { addr }) => ({ q: Number(String(table).split(' ')[addr!] ?? 0) }),
  'min-max': (point, { a, b, c }) => ({
    q: (point.words === 3 ? [a!, b!, c!] : [a!, b!]).reduce((best, word) => (point.kind === 'max' ? read(point, word) > read(point, best) : read(point, word) < read(point, best)) ? word : best),
  }),
  multiplexer: (_, { sel, en = 1, ...words }) => ({ q: en === 1 ? words[`din${sel!}`] ?? 0 : 0 }),
  'one-hot-check': ({ width, kind }, { din }) => ({
    flag: truth({ 'exactly-one': ones(din!) === 1, 'at-most-one': ones(din!) <= 1, 'two-or-more': ones(din!) >= 2, 'one-cold': ones(din!) === number(width) - 1 }[String(kind)]!),
  }),
  parity: ({ width, odd }, { din, par = 0 }) => {
    const bit = (ones(din!) + truth(odd === true)) % 2
    return { par: bit, q: din! + bit * 2 ** number(width), err: truth(par !== bit) }
  },
  popcount: ({ width, kind }, { din }) => ({ count: kind === 'zeros' ? number(width) - ones(din!) : ones(din!), flag: truth(2 * ones(din!) > number(width)) }),
  'priority-encoder': ({ lines, first }, { req }) => {
    const set = bitsOf(req!, number(lines)).flatMap((bit, at) => bit === 1 ? [at] : [])
    return { pos: (first === 'highest' ? set.at(-1) : set[0]) ?? 0, valid: truth(set.length > 0) }
  },
  reversal: ({ groups, size }, { din, en = 1 }) => {
    const parts = Array.from({ length: number(groups) }, (_, at) => Math.floor(din! / 2 ** (at * number(size))) % 2 ** number(size))
    return { q: en === 1 ? parts.reduce((word, part) => word * 2 ** number(size) + part, 0) : din! }
  },
  rotator: ({ width, kind }, { din, shamt, up }) => ({ q: rotated(bitsOf(din!, number(width)), kind === 'left' || (kind === 'both' && up === 1) ? shamt! : -shamt!) }),
  rounding: ({ width, drop, kind }, { din }) => {
    const exact = din! / 2 ** number(drop)
    const rounded = kind === 'down' ? Math.floor(exact) : kind === 'up' ? Math.ceil(exact) : Math.floor(exact + 0.5)
    return { q: Math.min(rounded, 2 ** (number(width) - number(drop)) - 1) }
  },
  'saturating-adder': (point, { a, b }) => {
    const exact = point.operation === 'add' ? read(point, a!) + read(point, b!) : read(point, a!) - read(point, b!)
    const half = 2 ** (number(point.width) - 1)
    return { sum: point.signed === true ? within(exact, -half, half - 1) : within(exact, 0, 2 * half - 1) }
  },
  'seven-segment': ({ digits, activeLow, order }, { din, en = 1 }) => {
    const lit = en === 1 && din! < number(digits) ? SEGMENTS[din!]! : 0
    const word = order === 'gfedcba' ? lit : wordOf(bitsOf(lit, 7).reverse())
    return { q: activeLow === true ? 127 - word : word }
  },
  'barrel-shifter': ({ width, kind }, { din, shamt, up }) => {
    if (kind === 'left' || (kind === 'both' && up === 1)) return { q: din! * 2 ** shamt! }
    return { q: Math.floor((kind === 'arithmetic' ? signed(din!, number(width)) : din!) / 2 ** shamt!) }
  },
  'two-word-sorter': (point, { a, b }) => {
    const swapped = read(point, a!) > read(point, b!)
    return { lo: swapped ? b! : a!, hi: swapped ? a! : b!, flag: truth(swapped), eq: truth(a === b) }
  },
  thermometer: ({ lines, from, activeLow }, { count }) => {
    const bits = Array.from({ length: number(lines) }, (_, at) => truth(at < count!) ^ truth(activeLow === true))
    return { q: wordOf(from === 'bottom' ? bits : bits.reverse()) }
  },
  'leading-zero-count': ({ width, end, bit }, { din }) => {
    const bits = bitsOf(din!, number(width))
    const at = (end === 'leading' ? bits.reverse() : bits).findIndex((found) => found !== bit)
    return { count: at < 0 ? number(width) : at }
  },
}
