/** Values, so that each array begins at a line of the processor's cache. */
const LINE = 16

interface Part {
  readonly from: number
  readonly to: number
}

/**
 * Memory for caches, in one piece from which each takes its arrays and to which they return. What is taken piece by piece and left to be collected comes faster than
 * it is collected where many texts are written, and what is collected stays with the process, in pieces that nobody asks for again; one large piece goes back as a
 * whole. What does not fit in is taken from elsewhere.
 */
export class CacheMemory {
  /** As long as somebody uses some of it, or `clear` was not called. */
  #piece: Float32Array | undefined
  /** What is used, in order. */
  readonly #used: Part[] = []
  /** Behind this, nobody has written yet. */
  #touched = 0

  /** @param limit - bytes of the piece; what nobody writes to takes no memory */
  constructor(private readonly limit: number) {}

  /** Bytes that are used now. */
  get used(): number {
    return this.#used.reduce((sum, { from, to }) => sum + to - from, 0) * Float32Array.BYTES_PER_ELEMENT
  }

  /** @returns so many values, and whether they are zero: what was used before still holds what it held */
  take(length: number): { readonly values: Float32Array, readonly isZero: boolean } {
    const values = Math.floor(this.limit / Float32Array.BYTES_PER_ELEMENT)
    let at = 0
    let from = 0
    while (at < this.#used.length && this.#used[at]!.from - from < length) from = roundUp(this.#used[at++]!.to)
    const to = from + length
    if (to > values) return { values: new Float32Array(length), isZero: true }
    this.#piece ??= new Float32Array(values)
    this.#used.splice(at, 0, { from, to })
    const isZero = from >= this.#touched
    this.#touched = Math.max(this.#touched, to)
    return { values: this.#piece.subarray(from, to), isZero }
  }

  /** Nobody may use the values any more. */
  give(values: Float32Array): void {
    if (values.buffer !== this.#piece?.buffer) return
    const from = values.byteOffset / Float32Array.BYTES_PER_ELEMENT
    const at = this.#used.findIndex((part) => part.from === from)
    if (at >= 0) this.#used.splice(at, 1)
  }

  /** Lets the piece go where nobody uses any of it. */
  clear(): void {
    if (this.#used.length > 0) return
    this.#piece = undefined
    this.#touched = 0
  }
}

function roundUp(values: number): number {
  return Math.ceil(values / LINE) * LINE
}
