import { createHash } from 'node:crypto'

import { AdapterError } from './errors.js'

/** Where a random sequence starts: a safe integer, or bytes of any length such as a content hash. */
export type Seed = number | Uint8Array

/** A random sequence that is the same on every machine for the same seed. Not for secrets. */
export interface Random {
  /** 32 random bits, an integer in [0, 2^32). */
  bits(): number
  /** A number in [0, 1) with 24 random bits, exact in f32. */
  fraction(): number
  /** An integer in [0, length), each equally likely. `length` is at most 2^32. */
  below(length: number): number
}

/**
 * The generator xoshiro128**, started from the SHA-256 of the seed.
 *
 * @throws AdapterError ADAPTER_SEED
 * @see Blackman and Vigna 2021, "Scrambled Linear Pseudorandom Number Generators"
 */
export function seededRandom(seed: Seed): Random {
  const state = initialState(seed)
  const bits = (): number => {
    const result = Math.imul(rotate(Math.imul(state[1]!, 5), 7), 9) >>> 0
    const shifted = state[1]! << 9
    state[2]! ^= state[0]!
    state[3]! ^= state[1]!
    state[1]! ^= state[2]!
    state[0]! ^= state[3]!
    state[2]! ^= shifted
    state[3] = rotate(state[3]!, 11)
    return result
  }
  return {
    bits,
    fraction: () => (bits() >>> 8) / 0x1000000,
    below: (length) => {
      // Bits beyond the last whole multiple of the length would favour the low numbers: draw again.
      const limit = 0x100000000 - 0x100000000 % length
      let drawn = bits()
      while (drawn >= limit) drawn = bits()
      return drawn % length
    },
  }
}

function initialState(seed: Seed): Uint32Array {
  if (typeof seed === 'number' && !Number.isSafeInteger(seed)) {
    throw new AdapterError('ADAPTER_SEED', `the seed is ${seed}: it must be a whole number below 2^53, or bytes`)
  }
  const digest = createHash('sha256').update(typeof seed === 'number' ? `seed ${seed}` : seed).digest()
  return Uint32Array.from({ length: 4 }, (_, i) => digest.readUInt32LE(i * 4))
}

function rotate(value: number, by: number): number {
  return value << by | value >>> (32 - by)
}
