import test from 'ava'
import fc from 'fast-check'

import { AdapterError, readSafetensors, writeSafetensors } from '../../../src/adapter/index.js'

const tensor = fc.tuple(fc.string({ minLength: 1 }), fc.array(fc.nat(4), { maxLength: 3 }), fc.float({ noNaN: true })).map(([name, shape, start]) => ({
  name: `t ${name}`,
  shape,
  values: Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => start + i),
}))
const tensors = fc.uniqueArray(tensor, { selector: ({ name }) => name, maxLength: 5 })

/** A file with a hand-written header. */
function file(header: unknown, data: Uint8Array): Uint8Array {
  const json = new TextEncoder().encode(JSON.stringify(header))
  const bytes = new Uint8Array(8 + json.length + data.length)
  new DataView(bytes.buffer).setBigUint64(0, BigInt(json.length), true)
  bytes.set(json, 8)
  bytes.set(data, 8 + json.length)
  return bytes
}

test('what is written is read back', (t) => {
  fc.assert(fc.property(tensors, (written) => { t.deepEqual(readSafetensors(writeSafetensors(written, { format: 'pt' })), written) }))
})

test('values start at a multiple of 8, as readers that map the file need', (t) => {
  const bytes = writeSafetensors([{ name: 'a', shape: [1], values: Float32Array.of(1) }])
  t.is(new DataView(bytes.buffer).getBigUint64(0, true) % 8n, 0n)
})

test('half precision of both kinds becomes f32', (t) => {
  const read = readSafetensors(file({
    half: { dtype: 'F16', shape: [2], data_offsets: [0, 4] },
    brain: { dtype: 'BF16', shape: [2], data_offsets: [4, 8] },
  }, Uint8Array.of(0x00, 0x3e, 0x00, 0xc0, 0xc0, 0x3f, 0x00, 0xc0)))
  t.deepEqual(read.map(({ values }) => [...values]), [[1.5, -2], [1.5, -2]])
})

const one = { dtype: 'F32', shape: [1], data_offsets: [0, 4] }
for (const [what, bytes, code] of [
  ['too few bytes', new Uint8Array(7), 'SAFETENSORS_INVALID'],
  ['a header longer than the file', new Uint8Array(8).fill(0xff), 'SAFETENSORS_INVALID'],
  ['a header that is no object', file([1], new Uint8Array(0)), 'SAFETENSORS_INVALID'],
  ['an entry without a shape', file({ a: { dtype: 'F32', data_offsets: [0, 4] } }, new Uint8Array(4)), 'SAFETENSORS_INVALID'],
  ['a shape that does not fit its bytes', file({ a: { ...one, shape: [2] } }, new Uint8Array(4)), 'SAFETENSORS_INVALID'],
  ['overlapping tensors', file({ a: one, b: one }, new Uint8Array(4)), 'SAFETENSORS_INVALID'],
  ['bytes after the last tensor', file({ a: one }, new Uint8Array(5)), 'SAFETENSORS_INVALID'],
  ['bytes before the first', file({ a: { ...one, data_offsets: [4, 8] } }, new Uint8Array(8)), 'SAFETENSORS_INVALID'],
  ['a type that is no float', file({ a: { ...one, dtype: 'I32' } }, new Uint8Array(4)), 'SAFETENSORS_DTYPE'],
  ['a type named like a method', file({ a: { ...one, dtype: 'constructor' } }, new Uint8Array(4)), 'SAFETENSORS_DTYPE'],
] as const) {
  test(`a file with ${what} is refused`, (t) => {
    t.throws(() => readSafetensors(bytes), { instanceOf: AdapterError, code })
  })
}

test('a damaged file is read or refused with a code, whatever the damage', (t) => {
  const whole = writeSafetensors([{ name: 'a', shape: [2, 3], values: Float32Array.of(1, 2, 3, 4, 5, 6) }, { name: 'b', shape: [1], values: Float32Array.of(7) }])
  fc.assert(fc.property(fc.array(fc.tuple(fc.nat(whole.length - 1), fc.nat(255)), { maxLength: 6 }), fc.nat(whole.length), (changes, length) => {
    const bytes = whole.slice()
    for (const [at, value] of changes) bytes[at] = value
    try {
      readSafetensors(bytes.subarray(0, length))
    } catch (error) {
      t.true(error instanceof AdapterError, String(error))
    }
  }), { numRuns: 3000 })
  t.pass()
})
