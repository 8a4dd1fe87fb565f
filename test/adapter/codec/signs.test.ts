import test from 'ava'
import fc from 'fast-check'

import { decodeDelta, DeltaCodecError, encodeDelta, encodedLength } from '../../../src/adapter/codec/index.js'

const f32 = fc.float({ min: -100, max: 100, noNaN: true })
const delta = fc.array(f32, { maxLength: 300 }).map((values) => Float32Array.from(values))

const zeros = (length: number): Float32Array => new Float32Array(length)

test('what arrives and what stays behind add up to what was there', (t) => {
  fc.assert(fc.property(delta, (values) => {
    const { bytes, residual } = encodeDelta(values, zeros(values.length))
    return decodeDelta(bytes, values.length).every((value, i) => Math.abs(value + residual[i]! - values[i]!) <= 1e-4)
  }))
  t.pass()
})

test('with error feedback, repeated rounds deliver the whole delta', (t) => {
  const values = Float32Array.from({ length: 200 }, (_, i) => Math.sin(i) * (i % 7))
  const rounds = 1600
  const received = zeros(values.length)
  let residual = zeros(values.length)
  for (let round = 0; round < rounds; round++) {
    const encoded = encodeDelta(values, residual)
    decodeDelta(encoded.bytes, values.length).forEach((value, i) => { received[i]! += value })
    residual = encoded.residual
  }
  values.forEach((value, i) => { t.true(Math.abs(received[i]! / rounds - value) < 0.15) })
})

test('encoding does not touch its inputs', (t) => {
  const values = Float32Array.of(1, -2, 3)
  const residual = Float32Array.of(0.5, 0.5, 0.5)
  encodeDelta(values, residual)
  t.deepEqual([...values], [1, -2, 3])
  t.deepEqual([...residual], [0.5, 0.5, 0.5])
})

test('a large delta is 25.6 times smaller than f32', (t) => {
  t.is(Math.round((64_000 * 4) / encodedLength(64_000) * 10) / 10, 25.6)
})

test('a delta and a residual of other lengths are refused', (t) => {
  t.throws(() => encodeDelta(zeros(3), zeros(4)), { instanceOf: DeltaCodecError, code: 'DELTA_RESIDUAL_LENGTH' })
})

for (const [what, values] of [['NaN', [NaN]], ['infinity', [Infinity]], ['a value beyond f16', [1e6]]] as const) {
  test(`a delta with ${what} is refused`, (t) => {
    t.throws(() => encodeDelta(Float32Array.from(values), zeros(1)), { instanceOf: DeltaCodecError, code: 'DELTA_NOT_FINITE' })
  })
}

const refusals = ['DELTA_LENGTH_MISMATCH', 'DELTA_VERSION_UNKNOWN', 'DELTA_NOT_CANONICAL', 'DELTA_NOT_FINITE']

test('bytes from a stranger decode to one delta only, or are refused with a code', (t) => {
  const ofSomeLength = fc.nat(140).chain((count) => fc.tuple(
    fc.constant(count),
    fc.uint8Array({ minLength: encodedLength(count), maxLength: encodedLength(count) }),
    fc.boolean(),
  ))
  let decoded = 0
  fc.assert(fc.property(ofSomeLength, ([count, bytes, plausible]) => {
    bytes[0] = 1
    new DataView(bytes.buffer, bytes.byteOffset).setUint32(1, count, true)
    if (plausible) {
      for (let block = 0; block < Math.ceil(count / 64); block++) bytes[5 + block * 2 + 1]! &= 0x3f
      if (count % 8 !== 0) bytes[bytes.length - 1]! &= (1 << count % 8) - 1
    }
    try {
      const values = decodeDelta(bytes, count)
      t.deepEqual(encodeDelta(values, zeros(count)).bytes, bytes)
      decoded++
    } catch (error) {
      t.true(error instanceof DeltaCodecError && refusals.includes(error.code))
    }
  }), { numRuns: 2000 })
  t.true(decoded > 500, 'the property must see deltas that decode, not only refusals')
})

test('a header of another version or length is refused', (t) => {
  const { bytes } = encodeDelta(Float32Array.of(1, 2, 3), zeros(3))
  for (const [at, code] of [[0, 'DELTA_VERSION_UNKNOWN'], [1, 'DELTA_LENGTH_MISMATCH'], [4, 'DELTA_LENGTH_MISMATCH']] as const) {
    const changed = bytes.slice()
    changed[at]! ^= 0x40
    t.throws(() => decodeDelta(changed, 3), { instanceOf: DeltaCodecError, code })
  }
})

test('truncated and extended bytes are refused', (t) => {
  const { bytes } = encodeDelta(Float32Array.of(1, 2, 3), zeros(3))
  for (const wrong of [bytes.subarray(1), bytes.subarray(0, -1), Uint8Array.of(...bytes, 0)]) {
    t.throws(() => decodeDelta(wrong, 3), { instanceOf: DeltaCodecError, code: 'DELTA_LENGTH_MISMATCH' })
  }
})

test('a block too small for f16 is sent as zeros and stays in the residual', (t) => {
  const values = Float32Array.of(-1e-9, 1e-9)
  const { bytes, residual } = encodeDelta(values, zeros(2))
  t.deepEqual([...decodeDelta(bytes, 2)], [0, 0])
  t.deepEqual(residual, values)
})

test('a negative zero is refused', (t) => {
  const { bytes } = encodeDelta(zeros(2), zeros(2))
  bytes[bytes.length - 1]! |= 1
  t.throws(() => decodeDelta(bytes, 2), { instanceOf: DeltaCodecError, code: 'DELTA_NOT_CANONICAL' })
})

test('padding bits that are not zero are refused', (t) => {
  const { bytes } = encodeDelta(Float32Array.of(1, 2, 3), zeros(3))
  bytes[bytes.length - 1]! |= 0x80
  t.throws(() => decodeDelta(bytes, 3), { instanceOf: DeltaCodecError, code: 'DELTA_NOT_CANONICAL' })
})

test('a negative, an infinite and a NaN magnitude are refused', (t) => {
  const { bytes } = encodeDelta(Float32Array.of(1, 2, 3), zeros(3))
  for (const high of [0x80, 0xbc, 0x7c, 0x7e]) {
    const changed = bytes.slice()
    changed[6] = high
    t.throws(() => decodeDelta(changed, 3), { instanceOf: DeltaCodecError, code: 'DELTA_NOT_FINITE' })
  }
})
