import test from 'ava'
import fc from 'fast-check'

import { decodeDelta, DeltaCodecError, deltaSquaredNorm, encodeDelta, SQUARED_NORM_UNIT } from '../../../src/adapter/codec/index.js'

const delta = fc.array(fc.float({ min: -60_000, max: 60_000, noNaN: true }), { minLength: 1, maxLength: 300 }).map((values) => Float32Array.from(values))
const encode = (values: Float32Array): Uint8Array => encodeDelta(values, new Float32Array(values.length)).bytes

/** The same sum the slow way: every f16 times 2^24 is an integer. */
function slowSquaredNorm(values: Float32Array): bigint {
  return values.reduce((sum, value) => sum + BigInt(value * 2 ** 24) ** 2n, 0n)
}

test('the norm from the codes is exactly that of the decoded values', (t) => {
  fc.assert(fc.property(delta, (values) => {
    const bytes = encode(values)
    return deltaSquaredNorm(bytes, values.length) === slowSquaredNorm(decodeDelta(bytes, values.length))
  }))
  t.is(deltaSquaredNorm(encode(Float32Array.of(2, -2, 2)), 3), 12n * SQUARED_NORM_UNIT)
})

test('the norm of values below f16\'s normal range is exact too', (t) => {
  const values = Float32Array.of(2 ** -24, -(2 ** -24), 3 * 2 ** -24)
  const bytes = encode(values)
  t.is(deltaSquaredNorm(bytes, 3), slowSquaredNorm(decodeDelta(bytes, 3)))
})

test('no norm is taken of a magnitude that is negative or not finite', (t) => {
  const bytes = encode(Float32Array.of(1, 2, 3))
  for (const high of [0x80, 0x7c, 0x7e, 0xff]) {
    const changed = bytes.slice()
    changed[6] = high
    t.throws(() => deltaSquaredNorm(changed, 3), { instanceOf: DeltaCodecError, code: 'DELTA_NOT_FINITE' })
  }
})
