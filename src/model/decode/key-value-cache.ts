import type { LlamaConfig } from '../config.js'

/** Tokens that a fresh cache has room for. */
const FIRST_CAPACITY = 256

/** Keys and values of the texts in some rows, for every layer. The tokens' axis leads: [capacity, rows, keyValueHeads · headSize]. */
export class KeyValueCache {
  /** Keys of layer 0, values of layer 0, keys of layer 1, ... */
  #arrays: Float32Array[]
  #capacity: number
  readonly #lengths: number[]
  readonly #width: number

  constructor(private readonly config: LlamaConfig, readonly rows: number, private readonly maximumLength: number) {
    this.#width = config.keyValueHeads * config.headSize
    this.#capacity = Math.min(FIRST_CAPACITY, maximumLength)
    this.#arrays = Array.from({ length: config.layers * 2 }, () => new Float32Array(this.#capacity * rows * this.#width))
    this.#lengths = Array.from({ length: rows }, () => 0)
  }

  /** Tokens of the text in a row. */
  length(row: number): number {
    return this.#lengths[row]!
  }

  get longest(): number {
    return Math.max(...this.#lengths)
  }

  setLength(row: number, length: number): void {
    this.#lengths[row] = length
  }

  /** Views of the first `tokens` tokens of all rows, keys and values of layer after layer. */
  views(tokens: number): Float32Array[] {
    return this.#arrays.map((array) => array.subarray(0, tokens * this.rows * this.#width))
  }

  /**
   * Appends new tokens to some rows.
   *
   * @param added - [tokens, rows, layers · 2 · width], as the graph gives them; rows that are not listed are left out
   */
  append(added: Float32Array, tokens: number, rows: readonly number[]): void {
    for (const row of rows) this.#reserve(this.#lengths[row]! + tokens)
    const width = this.#width
    for (let token = 0; token < tokens; token++) {
      for (const row of rows) {
        const from = (token * this.rows + row) * this.#arrays.length * width
        const to = ((this.#lengths[row]! + token) * this.rows + row) * width
        this.#arrays.forEach((array, i) => array.set(added.subarray(from + i * width, from + (i + 1) * width), to))
      }
    }
    for (const row of rows) this.#lengths[row]! += tokens
  }

  /** Replaces a row's text by that of a row of another cache of the same model; tokens before `start` are the same already. */
  copyRow(row: number, from: KeyValueCache, fromRow: number, start = 0): void {
    const length = from.length(fromRow)
    this.#reserve(length)
    const width = this.#width
    for (let token = start; token < length; token++) {
      const source = (token * from.rows + fromRow) * width
      this.#arrays.forEach((array, i) => array.set(from.#arrays[i]!.subarray(source, source + width), (token * this.rows + row) * width))
    }
    this.#lengths[row] = length
  }

  /** A copy with room for another number of rows, which must hold all rows that have a text. */
  withRows(rows: number): KeyValueCache {
    const copy = new KeyValueCache(this.config, rows, this.maximumLength)
    for (let row = 0; row < Math.min(rows, this.rows); row++) copy.copyRow(row, this, row)
    return copy
  }

  #reserve(tokens: number): void {
    if (tokens <= this.#capacity) return
    this.#capacity = Math.min(this.maximumLength, Math.max(this.#capacity * 2, tokens))
    this.#arrays = this.#arrays.map((array) => {
      const larger = new Float32Array(this.#capacity * this.rows * this.#width)
      larger.set(array)
      return larger
    })
  }
}
