import type { Tensor } from 'onnxruntime-node'

import { floats } from '../runtime.js'
import { cacheNames, HIDDEN, type CacheSizes, type KeyValueCache } from './key-value-cache.js'

/** The capacity is a multiple of this: attention reads all of it, and every growth moves all texts. */
const CAPACITY_STEP = 64

/** The cache of many texts: [rows, keyValueHeads, capacity, headSize] for the keys and for the values of every layer. */
export class BatchCache implements KeyValueCache {
  readonly order = 'rows'
  readonly #lengths: number[]
  #arrays: Float32Array[] = []
  #capacity = 0

  /** @param tokens - for which there is room at first */
  constructor(private readonly sizes: CacheSizes, readonly rows: number, tokens = 1) {
    this.#lengths = Array.from({ length: rows }, () => 0)
    this.#allocate(tokens)
  }

  /** Tokens of the longest text. */
  get longest(): number {
    return Math.max(...this.#lengths)
  }

  length(row: number): number {
    return this.#lengths[row]!
  }

  setLength(row: number, length: number): void {
    this.#lengths[row] = length
  }

  feeds(count: number): Record<string, Tensor> {
    const { keyValueHeads, headSize } = this.sizes
    const feeds: Record<string, Tensor> = { mask: floats(this.#mask(count), [this.rows, 1, 1, count, this.#capacity + count]) }
    this.#arrays.forEach((array, i) => {
      feeds[cacheNames(i >> 1)[i & 1]!] = floats(array, [this.rows, keyValueHeads, 1, this.#capacity, headSize])
    })
    return feeds
  }

  append(added: Float32Array, tokens: number, rows: readonly number[]): void {
    this.#reserve(Math.max(...rows.map((row) => this.#lengths[row]! + tokens)))
    const { keyValueHeads, headSize } = this.sizes
    for (const row of rows) {
      for (let token = 0; token < tokens; token++) {
        let from = (token * this.rows + row) * this.#arrays.length * keyValueHeads * headSize
        for (const array of this.#arrays) {
          for (let head = 0; head < keyValueHeads; head++, from += headSize) {
            array.set(added.subarray(from, from + headSize), this.#offset(row, head) + (this.#lengths[row]! + token) * headSize)
          }
        }
      }
      this.#lengths[row]! += tokens
    }
  }

  /** Replaces a row's text by that of a row of another cache of the same model. */
  copyRow(row: number, from: BatchCache, fromRow: number): void {
    const length = from.length(fromRow)
    this.#reserve(length)
    const { keyValueHeads, headSize } = this.sizes
    for (let head = 0; head < keyValueHeads; head++) {
      const source = from.#offset(fromRow, head)
      this.#arrays.forEach((array, i) => array.set(from.#arrays[i]!.subarray(source, source + length * headSize), this.#offset(row, head)))
    }
    this.#lengths[row] = length
  }

  /** A new token sees its own row's past tokens, itself, and the new ones before it. */
  #mask(count: number): Float32Array {
    const past = this.#capacity
    const width = past + count
    const mask = new Float32Array(this.rows * count * width)
    for (let row = 0; row < this.rows; row++) {
      for (let i = 0; i < count; i++) {
        const start = (row * count + i) * width
        mask.fill(HIDDEN, start + this.#lengths[row]!, start + past)
        mask.fill(HIDDEN, start + past + i + 1, start + width)
      }
    }
    return mask
  }

  #offset(row: number, head: number): number {
    return (row * this.sizes.keyValueHeads + head) * this.#capacity * this.sizes.headSize
  }

  #reserve(tokens: number): void {
    if (tokens <= this.#capacity) return
    const larger = new BatchCache(this.sizes, this.rows, tokens)
    for (let row = 0; row < this.rows; row++) larger.copyRow(row, this, row)
    this.#arrays = larger.#arrays
    this.#capacity = larger.#capacity
  }

  #allocate(tokens: number): void {
    const { layers, keyValueHeads, headSize, maximumLength } = this.sizes
    this.#capacity = Math.min(maximumLength, Math.ceil(tokens / CAPACITY_STEP) * CAPACITY_STEP)
    this.#arrays = Array.from({ length: layers * 2 }, () => new Float32Array(this.rows * keyValueHeads * this.#capacity * headSize))
  }
}
