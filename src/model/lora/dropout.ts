/** Fills masks one after the other from a seed: 1 keeps a value, 0 drops it. */
export class DropoutMasks {
  readonly #threshold: number
  #state: number

  /** @param dropout - the share that is dropped, to 1/65536 */
  constructor(dropout: number, seed: number) {
    this.#threshold = Math.round(dropout * 65_536)
    // The generator has no way out of 0, and neighbouring seeds must not start alike.
    this.#state = Math.imul(seed ^ 0x9e3779b9, 0x85ebca6b) || 1
  }

  /** @see Marsaglia 2003, "Xorshift RNGs", for the generator; each number gives two 16-bit draws */
  next(length: number): Uint8Array {
    const mask = new Uint8Array(length)
    const threshold = this.#threshold
    let state = this.#state
    for (let i = 0; i < length; i += 2) {
      state ^= state << 13
      state ^= state >>> 17
      state ^= state << 5
      mask[i] = Number((state & 0xffff) >= threshold)
      mask[i + 1] = Number((state >>> 16) >= threshold)
    }
    this.#state = state
    return mask
  }
}
