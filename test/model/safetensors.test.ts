import test from 'ava'
import fc from 'fast-check'

import { ModelError } from '../../src/model/index.js'
import { decodeBfloat16, decodeFloat16 } from '../../src/model/files/half-floats.js'
import { headerLength, parseHeader } from '../../src/model/files/safetensors.js'

const encode = (header: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(header))
const entry = (shape: readonly number[], start: number, end: number, dtype = 'F32'): object => ({ dtype, shape, data_offsets: [start, end] })

const codes = ['MODEL_FILE_INVALID', 'MODEL_DTYPE_UNSUPPORTED']

/** Runs a parser on foreign bytes: it either gives entries that fill the data, or refuses with a code. */
function accepts(header: Uint8Array, dataBytes: number): boolean {
  try {
    const entries = parseHeader(header, dataBytes, 'some.safetensors')
    const total = entries.reduce((sum, { start, end }) => sum + end - start, 0)
    if (total !== dataBytes) throw new Error(`accepted ${total} of ${dataBytes} bytes`)
    return true
  } catch (error) {
    if (error instanceof ModelError && codes.includes(error.code)) return false
    throw error
  }
}

test('a header that fills the file is accepted, whatever the order of its entries', (t) => {
  const header = encode({ b: entry([2, 2], 4, 20), __metadata__: { format: 'pt' }, a: entry([], 0, 4), c: entry([3], 20, 26, 'BF16') })
  const entries = parseHeader(header, 26, 'some.safetensors')
  t.deepEqual(entries.map(({ name, type, shape, start, end }) => [name, type, shape, start, end]), [
    ['a', 'F32', [], 0, 4], ['b', 'F32', [2, 2], 4, 20], ['c', 'BF16', [3], 20, 26],
  ])
})

const refusals: Readonly<Record<string, object>> = {
  'a gap': { a: entry([1], 0, 4), b: entry([1], 8, 12) },
  'an overlap': { a: entry([2], 0, 8), b: entry([1], 4, 8), c: entry([1], 8, 12) },
  'an end before the start': { a: entry([1], 4, 0), b: entry([3], 0, 12) },
  'a place of another size than the shape': { a: entry([2], 0, 12) },
  'a shape whose size no number holds': { a: entry([2 ** 40, 2 ** 40], 0, 12) },
  'a negative size': { a: entry([-3], 0, 12) },
  'a size that is not whole': { a: entry([1.5, 2], 0, 12) },
  'more axes than any tensor has': { a: entry([3, ...Array.from({ length: 9 }, () => 1)], 0, 12) },
  'an entry that is no object': { a: 5 },
  'an entry without a place': { a: { dtype: 'F32', shape: [3] } },
  'nothing for the data': {},
}

for (const [what, header] of Object.entries(refusals)) {
  test(`a header with ${what} is refused`, (t) => {
    t.throws(() => parseHeader(encode(header), 12, 'some.safetensors'), { instanceOf: ModelError, code: 'MODEL_FILE_INVALID' })
  })
}

test('a header that is no JSON object is refused', (t) => {
  for (const bytes of [Uint8Array.of(), Uint8Array.of(0xff, 0xfe), encode([1]), encode('text'), encode(null), encode({ a: 1 }).subarray(0, 4)]) {
    t.throws(() => parseHeader(bytes, 0, 'some.safetensors'), { instanceOf: ModelError, code: 'MODEL_FILE_INVALID' })
  }
})

test('a header longer than its file is refused before anything is allocated', (t) => {
  const prefix = (length: bigint): Uint8Array => new Uint8Array(BigUint64Array.of(length).buffer)
  t.is(headerLength(prefix(92n), 100, 'some.safetensors'), 92)
  for (const length of [93n, 2n ** 31n, 2n ** 63n, 2n ** 64n - 1n]) {
    t.throws(() => headerLength(prefix(length), 100, 'some.safetensors'), { instanceOf: ModelError, code: 'MODEL_FILE_INVALID' })
  }
  t.throws(() => headerLength(prefix(200_000_000n), 2 ** 40, 'some.safetensors'), { instanceOf: ModelError, code: 'MODEL_FILE_INVALID' })
  t.throws(() => headerLength(Uint8Array.of(1, 2), 2, 'some.safetensors'), { instanceOf: ModelError, code: 'MODEL_FILE_INVALID' })
})

test('random bytes, random JSON and damaged headers are refused with a code or are whole', (t) => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), fc.nat(1000), (bytes, size) => { accepts(bytes, size) }), { numRuns: 500 })
  fc.assert(fc.property(fc.json(), fc.nat(1000), (text, size) => { accepts(new TextEncoder().encode(text), size) }), { numRuns: 500 })
  const place = fc.oneof(fc.constantFrom(0, 4, 8, 12, 2 ** 53), fc.integer(), fc.double())
  const anyEntry = fc.record({ dtype: fc.constantFrom('F32', 'F16', 'BF16', 'I64', 'constructor', '__proto__'), shape: fc.array(place, { maxLength: 3 }), data_offsets: fc.array(place, { maxLength: 3 }) })
  let accepted = 0
  fc.assert(fc.property(fc.dictionary(fc.string({ maxLength: 5 }), anyEntry, { maxKeys: 3 }), (header) => { accepted += Number(accepts(encode(header), 8)) }), { numRuns: 1000 })
  fc.assert(fc.property(fc.nat(2), fc.nat(80), fc.integer({ min: 0, max: 255 }), (which, at, value) => {
    const bytes = encode({ a: entry([1], 0, 4), b: entry([1], 4, 8) })
    bytes[at % bytes.length] = value
    accepted += Number(accepts(which === 0 ? bytes : bytes.subarray(0, at), 8))
  }), { numRuns: 1000 })
  t.true(accepted > 0)
})

test('f16 and bf16 become the f32 of the same value', (t) => {
  const half = decodeFloat16(Uint16Array.of(0x3c00, 0xc000, 0x7bff, 0x0001, 0x0400, 0x8000, 0x7c00, 0x3555))
  t.deepEqual([...half], [1, -2, 65504, 2 ** -24, 2 ** -14, -0, Infinity, Math.fround(0.333251953125)])
  t.true(Number.isNaN(decodeFloat16(Uint16Array.of(0x7e00))[0]))
  t.deepEqual([...decodeBfloat16(Uint16Array.of(0x3f80, 0xc000, 0x7f80, 0x8000))], [1, -2, Infinity, -0])
})
