import { Tensor } from 'onnxruntime-node'

import { floats } from '../runtime.js'
import { cacheNames, HIDDEN, openNames, type CacheSizes, type KeyValueCache } from './key-value-cache.js'

/** Tokens of a block. Short: the open one is copied in every call. Long: a call that writes must not go beyond it. */
export const BLOCK_TOKENS = 32

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
    this.#capacity = FIRST_CAPACITY
    this.#arrays = Array.from({ length: sizes.layers * 2 }, () => new Float32Array(this.#capacity * this.#width))
  }

  length(): number {
    return this.#length
  }

  setLength(_row: number, length: number): void {
    this.#length = length
  }

  /** Tokens that fit the open block. */
  get room(): number {
    return BLOCK_TOKENS - this.#length % BLOCK_TOKENS
  }

  feeds(count: number): Record<string, Tensor> {
    const { heads, keyValueHeads, headSize } = this.sizes
    const begun = this.#length - this.#length % BLOCK_TOKENS
    const open = wholeBlocks(this.#length - begun + count)
    // ONNX Runtime multiplies no empty matrices: without a sealed block it gets one that is hidden.
    const sealed = Math.max(begun, BLOCK_TOKENS)
    this.#reserve(Math.max(begun + open, sealed))
    const together = count <= this.room ? 1 : count
    const rows = together * heads / keyValueHeads
    const feeds: Record<string, Tensor> = {
      arrangement: integers([count / together, together, keyValueHeads, heads / keyValueHeads, headSize], [5]),
      mask: floats(this.#mask(count, begun, sealed, open), [count / together, 1, rows, sealed + open]),
      slots: integers(Array.from({ length: count }, (_, i) => this.#length - begun + i), [count, 1]),
      widths: integers([sealed, open], [2]),
    }
    const view = (array: Float32Array, from: number, tokens: number): Tensor =>
      floats(array.subarray(from * this.#width, (from + tokens) * this.#width), [tokens, 1, keyValueHeads, headSize])
    this.#arrays.forEach((array, i) => {
      feeds[cacheNames(i >> 1)[i & 1]!] = view(array, 0, sealed)
      feeds[openNames(i >> 1)[i & 1]!] = view(array, begun, open)
    })
    return feeds
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

  /** A new token sees the sealed blocks, and the open one up to itself. Each line stands once for every query head of a key-value head. */
  #mask(count: number, begun: number, sealed: number, open: number): Float32Array {
    const { heads, keyValueHeads } = this.sizes
    const group = heads / keyValueHeads
    const width = sealed + open
    const mask = new Float32Array(count * group * width)
    for (let line = 0; line < count * group; line++) {
      const start = line * width
      if (begun === 0) mask.fill(HIDDEN, start, start + sealed)
      mask.fill(HIDDEN, start + sealed + this.#length - begun + Math.floor(line / group) + 1, start + width)
    }
    return mask
  }

  #reserve(tokens: number): void {
    if (tokens <= this.#capacity) return
    this.#capacity = wholeBlocks(Math.max(this.#capacity * 2, tokens))
    this.#arrays = this.#arrays.map((array) => {
      const larger = new Float32Array(this.#capacity * this.#width)
      larger.set(array)
      return larger
    })
  }
}

function wholeBlocks(tokens: number): number {
  return Math.ceil(tokens / BLOCK_TOKENS) * BLOCK_TOKENS
}

function integers(values: readonly number[], dimensions: readonly number[]): Tensor {
  return new Tensor('int64', BigInt64Array.from(values, BigInt), dimensions)
}
