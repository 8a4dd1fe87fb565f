import type { CacheSizes, KeyValueCache } from './key-value-cache.js'

/** Tokens that a fresh cache has room for; it doubles from there. */
const FIRST_CAPACITY = 256

/** The cache of one text. */
export class TextCache implements KeyValueCache {
  readonly order = 'tokens'
  readonly rows = 1
  readonly #width: number
  #arrays: Float32Array[]
  #capacity: number
  #length = 0

  constructor(private readonly sizes: CacheSizes) {
    this.#width = sizes.keyValueHeads * sizes.headSize
    this.#capacity = Math.min(FIRST_CAPACITY, sizes.maximumLength)
    this.#arrays = Array.from({ length: sizes.layers * 2 }, () => new Float32Array(this.#capacity * this.#width))
  }

  get past(): number {
    return Math.max(1, this.#length)
  }

  length(): number {
    return this.#length
  }

  setLength(_row: number, length: number): void {
    this.#length = length
  }

  views(): Float32Array[] {
    return this.#arrays.map((array) => array.subarray(0, this.past * this.#width))
  }

  append(added: Float32Array, tokens: number): void {
    this.#reserve(this.#length + tokens)
    const width = this.#width
    for (let token = 0; token < tokens; token++) {
      const from = token * this.#arrays.length * width
      const to = (this.#length + token) * width
      for (let i = 0; i < this.#arrays.length; i++) this.#arrays[i]!.set(added.subarray(from + i * width, from + (i + 1) * width), to)
    }
    this.#length += tokens
  }

  copy(): TextCache {
    const copy = new TextCache(this.sizes)
    copy.#arrays = this.#arrays.map((array) => array.slice())
    copy.#capacity = this.#capacity
    copy.#length = this.#length
    return copy
  }

  #reserve(tokens: number): void {
    if (tokens <= this.#capacity) return
    this.#capacity = Math.min(this.sizes.maximumLength, Math.max(this.#capacity * 2, tokens))
    this.#arrays = this.#arrays.map((array) => {
      const larger = new Float32Array(this.#capacity * this.#width)
      larger.set(array)
      return larger
    })
  }
}
