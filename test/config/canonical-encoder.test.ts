import test from 'ava'
import { encode, rfc8949EncodeOptions } from 'cborg'
import fc from 'fast-check'

import { encodeCanonical } from '../../src/config/index.js'

const { value } = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    fc.constant(null),
    fc.boolean(),
    fc.maxSafeInteger().map((number) => number + 0),
    fc.constantFrom(0, 23, 24, 255, 256, 65_535, 65_536, 2 ** 32 - 1, 2 ** 32, -24, -25, -256, -257, Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER),
    fc.string({ unit: 'binary' }),
    fc.uint8Array({ maxLength: 300 }),
    fc.array(tie('value')),
    fc.dictionary(fc.string({ unit: 'grapheme' }), tie('value')),
  ),
}))

test('what is written is byte for byte what the library writes', (t) => {
  fc.assert(fc.property(value, (any) => {
    t.is(Buffer.compare(encodeCanonical(any), encode(any, rfc8949EncodeOptions)), 0)
  }), { numRuns: 2000 })
})

test('a value larger than any buffer is written whole, and the next one is not disturbed by it', (t) => {
  const large = { bytes: new Uint8Array(3 * 1024 * 1024).fill(7), text: 'é'.repeat(200_000) }
  const first = encodeCanonical(['kept'])
  t.is(Buffer.compare(encodeCanonical(large), encode(large, rfc8949EncodeOptions)), 0)
  t.deepEqual(first, encodeCanonical(['kept']))
})
