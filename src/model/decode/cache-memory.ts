/** Memory of caches that are gone, for those that come: a server that writes would otherwise leave garbage faster than it is collected. */
export class CacheMemory {
  /** The oldest first. */
  readonly #free: Float32Array[] = []
  #bytes = 0

  /** @param limit - bytes that are kept at most */
  constructor(private readonly limit: number) {}

  /** Bytes that are kept. */
  get size(): number {
    return this.#bytes
  }

  /** @returns so many values, and whether they are zero: what was used before still holds what it held */
  take(length: number): { readonly values: Float32Array, readonly isZero: boolean } {
    const at = this.#free.findLastIndex((one) => one.length === length)
    if (at < 0) return { values: new Float32Array(length), isZero: true }
    const [values] = this.#free.splice(at, 1)
    this.#bytes -= values!.byteLength
    return { values: values!, isZero: false }
  }

  /** Keeps nothing of what is there. */
  clear(): void {
    this.#free.length = 0
    this.#bytes = 0
  }

  /** Nobody may use the values any more. */
  give(values: Float32Array): void {
    this.#free.push(values)
    this.#bytes += values.byteLength
    while (this.#bytes > this.limit) this.#bytes -= this.#free.shift()!.byteLength
  }
}
