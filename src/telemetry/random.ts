/** Draws from the uniform distribution over [0, 1). */
export type Random = () => number

/**
 * A small seeded generator for simulations and tests: equal seeds draw equal numbers on every machine. Not for secrets.
 *
 * @param seed - any integer
 * @see sfc32 of PractRand (Chris Doty-Humphrey): 128 bits of state, period about 2^127; seeded by SplitMix32
 */
export function createRandom(seed: number): Random {
  let mix = seed | 0
  const word = (): number => {
    mix = (mix + 0x9e3779b9) | 0
    let z = mix ^ (mix >>> 16)
    z = Math.imul(z, 0x21f0aaad)
    z ^= z >>> 15
    z = Math.imul(z, 0x735a2d97)
    return z ^ (z >>> 15)
  }
  let a = word()
  let b = word()
  let c = word()
  let counter = 1
  return () => {
    const drawn = (((a + b) | 0) + counter) | 0
    counter = (counter + 1) | 0
    a = b ^ (b >>> 9)
    b = (c + (c << 3)) | 0
    c = ((c << 21) | (c >>> 11)) + drawn | 0
    return (drawn >>> 0) / 2 ** 32
  }
}

/** In an order of its own; equal draws give equal orders. */
export function shuffled<T>(items: readonly T[], random: Random): T[] {
  const all = [...items]
  for (let at = all.length - 1; at > 0; at--) {
    const other = Math.floor(random() * (at + 1))
    ;[all[at], all[other]] = [all[other]!, all[at]!]
  }
  return all
}
