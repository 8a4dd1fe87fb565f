import { encodeDelta, decodeDelta, deltaSquaredNorm, SQUARED_NORM_UNIT } from '../../../src/adapter/codec/index.js'
import { decodeCanonical, encodeCanonical } from '../../../src/identity/index.js'

import type { Draw } from '../draw.js'
import { encodeAnyhow } from '../loose-cbor.js'
import { foreignBytes } from '../mutate-bytes.js'
import { foreignValue } from '../mutate-values.js'
import { must, mustBeSame, surface } from '../surface.js'
import type { Surface } from '../surface.js'

const value = { a: 1, b: [null, true, -7, 2 ** 40], text: 'täxt', bytes: Uint8Array.of(1, 2, 3), deep: { deeper: [{ deepest: '' }] } }

function canonical(name: string, fractions: boolean): Surface {
  const example = fractions ? { ...value, half: 0.5, tenth: 0.1, tiny: 5e-324 } : value
  return surface({
    name,
    from: fractions ? 'the disk' : 'a peer',
    make: (draw) => draw.chance(0.7) ? encodeAnyhow(foreignValue(example, draw), draw) : foreignBytes(encodeCanonical(example, { fractions }), draw),
    feed: (bytes) => { mustBeSame(encodeCanonical(decodeCanonical(bytes, { fractions }), { fractions }), bytes) },
  })
}

const VALUES = 130

function someDelta(draw: Draw): Uint8Array {
  const values = Float32Array.from({ length: VALUES }, () => (draw.below(2001) - 1000) * 2 ** -draw.below(30))
  return encodeDelta(values, new Float32Array(VALUES)).bytes
}

const delta = surface({
  name: 'delta',
  from: 'a peer',
  make: (draw) => foreignBytes(someDelta(draw), draw),
  feed: (bytes) => {
    const values = decodeDelta(bytes, VALUES)
    mustBeSame(encodeDelta(values, new Float32Array(VALUES)).bytes, bytes)
    const exact = Number(deltaSquaredNorm(bytes, VALUES)) / Number(SQUARED_NORM_UNIT)
    const sum = values.reduce((total, one) => total + one * one, 0)
    must(Math.abs(exact - sum) <= 1e-9 * Math.max(1, sum), `the squared norm is ${exact}, and the values have ${sum}`)
  },
})

const deltaNorm = surface({
  name: 'delta-norm',
  from: 'a peer',
  make: (draw) => foreignBytes(someDelta(draw), draw),
  feed: (bytes) => { must(deltaSquaredNorm(bytes, VALUES) >= 0n, 'a negative norm') },
})

export const encodingSurfaces: readonly Surface[] = [canonical('canonical-cbor', false), canonical('canonical-cbor-fractions', true), delta, deltaNorm]
