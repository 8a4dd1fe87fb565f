import test from 'ava'
import { encode, rfc8949EncodeOptions } from 'cborg'
import fc from 'fast-check'

import { CanonicalError, contentId, decodeCanonical, encodeCanonical } from '../../src/config/index.js'

test('keys are ordered as RFC 8949 orders them, whatever their order was', (t) => {
  t.is(Buffer.from(encodeCanonical({ b: 1, aa: 2, a: 3 })).toString('hex'), 'a3616103616201626161 02'.replace(' ', ''))
})

test('integers, also negative and large ones, come back as they went', (t) => {
  fc.assert(fc.property(fc.maxSafeInteger(), (value) => {
    t.is(decodeCanonical(encodeCanonical(value)), value)
  }))
})

const refused: readonly [string, unknown][] = [
  ['a fraction', 0.5], ['minus zero', -0], ['NaN', NaN], ['infinity', Infinity], ['an unsafe integer', 2 ** 53], ['undefined', undefined],
  ['a bigint', 5n], ['a date', new Date()], ['a map', new Map()], ['a typed array', new Float32Array(1)], ['a function', () => 1],
  ['a field that is undefined', { a: undefined }], ['a fraction deep inside', [{ a: [0.5] }]],
]
for (const [what, value] of refused) {
  test(`${what} has no canonical encoding`, (t) => {
    t.throws(() => encodeCanonical(value), { instanceOf: CanonicalError, code: 'VALUE_NOT_CANONICAL' })
  })
}

test('a value that contains itself is refused', (t) => {
  const circle: unknown[] = []
  circle.push(circle)
  t.throws(() => encodeCanonical(circle), { code: 'VALUE_NOT_CANONICAL', message: /contains itself/ })
})

test('fractions pass where they are asked for, and still no others of the refused values', (t) => {
  fc.assert(fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
    fc.pre(!Object.is(value, -0) && (!Number.isInteger(value) || Number.isSafeInteger(value)))
    return decodeCanonical(encodeCanonical(value, { fractions: true }), { fractions: true }) === value
  }))
  t.throws(() => encodeCanonical(NaN, { fractions: true }), { code: 'VALUE_NOT_CANONICAL' })
  t.throws(() => decodeCanonical(encodeCanonical(0.5, { fractions: true })), { code: 'BYTES_NOT_CANONICAL' })
})

const hex = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text.replaceAll(' ', ''), 'hex'))
const uncanonical: readonly [string, Uint8Array][] = [
  ['a one in two bytes', hex('1801')], ['an array of indefinite length', hex('9f01ff')], ['keys out of order', hex('a2 6162 01 6161 02')],
  ['a key twice', hex('a2 6161 01 6161 02')], ['a number as a key', hex('a1 01 02')], ['a tag', hex('c1 00')], ['undefined', hex('f7')],
  ['a float', hex('f93800')], ['a float that is an integer', hex('f93c00')], ['an integer beyond the safe ones', hex('1b 0020000000000000')],
  ['bytes after the end', hex('01 01')], ['no bytes', new Uint8Array(0)], ['text that is no UTF-8', hex('61 ff')], ['text that begins with a mark of the byte order', hex('65 efbbbf6162')],
  ['65536 opening brackets', new Uint8Array(65_536).fill(0x81)], ['a length beyond the bytes', hex('5b 001fffffffffffff')],
  ['33 levels', Uint8Array.of(...new Uint8Array(33).fill(0x81), 1)],
]
for (const [what, bytes] of uncanonical) {
  test(`${what} is refused when decoding`, (t) => {
    t.throws(() => decodeCanonical(bytes), { instanceOf: CanonicalError, code: 'BYTES_NOT_CANONICAL' })
  })
}

test('foreign bytes decode to a value that encodes to them, or are refused', (t) => {
  const bytes = fc.oneof(fc.uint8Array({ maxLength: 40 }), fc.anything().map((value) => {
    try {
      return encodeCanonical(value)
    } catch {
      return new Uint8Array(0)
    }
  }))
  fc.assert(fc.property(bytes, (foreign) => {
    let value: unknown
    try {
      value = decodeCanonical(foreign)
    } catch (error) {
      return error instanceof CanonicalError && error.code === 'BYTES_NOT_CANONICAL'
    }
    return Buffer.compare(encodeCanonical(value), foreign) === 0
  }), { numRuns: 5000 })
  t.pass()
})

/** Plain values of all kinds, with keys and texts beyond ASCII and numbers around every change of length. */
const plain = fc.letrec<{ readonly value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 5 },
    fc.constantFrom(null, true, false, 0, 23, 24, 255, 256, 65_535, 65_536, 2 ** 32 - 1, 2 ** 32, Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER, -24, -25, -256, -257),
    fc.maxSafeInteger(),
    fc.string({ unit: 'binary', maxLength: 300 }).filter((text) => !text.startsWith('\ufeff')),
    fc.uint8Array({ maxLength: 300 }),
    fc.array(tie('value'), { maxLength: 30 }),
    fc.dictionary(fc.string({ unit: 'binary', maxLength: 30 }).filter((text) => !text.startsWith('\ufeff')), tie('value'), { maxKeys: 30, noNullPrototype: true }),
  ),
})).value

test('plain values of all kinds are written by the order of RFC 8949 and come back', (t) => {
  fc.assert(fc.property(plain, (value) => {
    const bytes = encodeCanonical(value)
    t.is(Buffer.compare(bytes, encode(value, rfc8949EncodeOptions)), 0)
    t.deepEqual(decodeCanonical(bytes), value)
  }), { numRuns: 2000 })
})

test('a byte more, less or other than written is another value, or refused', (t) => {
  fc.assert(fc.property(plain, fc.nat(), fc.nat(255), fc.constantFrom('set', 'insert', 'cut'), (value, where, byte, how) => {
    const bytes = [...encodeCanonical(value)]
    const at = where % bytes.length
    if (how === 'set') bytes[at] = byte
    else if (how === 'insert') bytes.splice(at, 0, byte)
    else bytes.splice(at, 1)
    const damaged = Uint8Array.from(bytes)
    let read: unknown
    try {
      read = decodeCanonical(damaged)
    } catch (error) {
      return error instanceof CanonicalError && error.code === 'BYTES_NOT_CANONICAL'
    }
    return Buffer.compare(encodeCanonical(read), damaged) === 0
  }), { numRuns: 5000 })
  t.pass()
})

test('a value larger than what is written to at first is written whole', (t) => {
  const value = [new Uint8Array(300_000).fill(7), 'x'.repeat(100_000), Array.from({ length: 50_000 }, (_, at) => at)]
  t.deepEqual(decodeCanonical(encodeCanonical(value)), value)
})

test('a key named __proto__ is a key like others', (t) => {
  const value = decodeCanonical(hex('a1 69 5f5f70726f746f5f5f a1 6161 01'))
  t.is(Object.getPrototypeOf(value), Object.prototype)
  t.is(Buffer.from(encodeCanonical(value)).toString('hex'), 'a1695f5f70726f746f5f5fa1616101')
})

test('a content id is the hex SHA-256', (t) => {
  t.is(contentId(Buffer.from('abc')), 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad')
})

test('an encoding lies in memory of its own: who cuts a piece off and changes it changes no other', (t) => {
  const bytes = encodeCanonical(['short'])
  t.is(bytes.constructor, Uint8Array)
  t.is(bytes.byteLength, bytes.buffer.byteLength)
  const piece = bytes.slice(0, 3)
  piece.fill(0)
  t.deepEqual(decodeCanonical(bytes), ['short'])
})
