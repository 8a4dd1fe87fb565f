import { Tensor } from 'onnxruntime-node'

import { floats } from '../runtime.js'
import type { CacheMemory } from './cache-memory.js'

/** Tokens of a block. Short: the open ones are copied in every run. Long: a run must not go beyond it. */
export const BLOCK_TOKENS = 32

/** Memory is taken for so many tokens a row, or twice as many, and so on: what was not written to costs nothing. */
const FIRST_MEMORY = 256

/** The capacity grows by this, or by a part of what it is: attention reads all of it, and every growth moves all texts. */
const CAPACITY_STEP = 32
const GROWTH = 1 / 8
/** And so a text that was cut to less than this part of the capacity gives the rest back. */
const LEAST_USE = 1 / 2

export interface CacheSizes {
  readonly layers: number
  readonly heads: number
  readonly keyValueHeads: number
  readonly headSize: number
  /** Tokens that no text goes beyond. */
  readonly maximumLength: number
}

/** Added to the scores of what must not be seen. */
const HIDDEN = -1e9

/** Names of a layer's inputs of past tokens. */
export function cacheNames(layer: number): readonly [keys: string, values: string] {
  return [`keys.${layer}`, `values.${layer}`]
}

/** Names of a layer's inputs of the open block. */
export function openNames(layer: number): readonly [keys: string, values: string] {
  return [`openKeys.${layer}`, `openValues.${layer}`]
}

/** Values of one block of one text in the order of the cache: [layers · 2, keyValueHeads, BLOCK_TOKENS, headSize]. */
export function blockValues({ layers, keyValueHeads, headSize }: Omit<CacheSizes, 'maximumLength'>): number {
  return layers * 2 * keyValueHeads * BLOCK_TOKENS * headSize
}

/**
 * What a decoder remembers of the texts in some rows: for the keys and for the values of every layer, the sealed blocks [rows, keyValueHeads, capacity,
 * headSize] and, apart, the open block of each row, [rows, keyValueHeads, BLOCK_TOKENS, headSize].
 */
export class KeyValueCache {
  readonly #lengths: number[]
  #sealed: Float32Array[] = []
  readonly #open: Float32Array[]
  #capacity = 0
  /** From here on, sealed values may hold what another cache has left there. */
  #clean = 0
  /** Views of the arrays as inputs of a run. */
  #feeds: Record<string, Tensor> = {}
  readonly #arrangements = new Map<number, Tensor>()

  /**
   * @param memory - where its arrays come from, and go to in the end
   * @param tokens - for which there is room at first
   */
  constructor(private readonly sizes: CacheSizes, readonly rows: number, private readonly memory: CacheMemory, tokens = 1) {
    const { layers, keyValueHeads, headSize } = sizes
    this.#lengths = Array.from({ length: rows }, () => 0)
    this.#open = Array.from({ length: layers * 2 }, () => {
      const { values, isZero } = memory.take(rows * keyValueHeads * BLOCK_TOKENS * headSize)
      return isZero ? values : values.fill(0)
    })
    this.#allocate(tokens)
  }

  /** Gives its memory back. It cannot be used afterwards. */
  release(): void {
    for (const array of [...this.#sealed.splice(0), ...this.#open.splice(0)]) this.memory.give(array)
    this.#feeds = {}
  }

  /** Tokens of the longest text. */
  get longest(): number {
    return Math.max(...this.#lengths)
  }

  length(row: number): number {
    return this.#lengths[row]!
  }

  /** Tokens that fit the open block of a row. */
  room(row: number): number {
    return BLOCK_TOKENS - this.#lengths[row]! % BLOCK_TOKENS
  }

  endsBlock(row: number): boolean {
    return this.room(row) === BLOCK_TOKENS
  }

  /** Forgets what stands after the first `length` tokens of a row. */
  setLength(row: number, length: number): void {
    const begun = wholeBlocksIn(length)
    if (begun < wholeBlocksIn(this.#lengths[row]!) && length > begun) {
      this.#eachHead(row, (sealed, open, i) => this.#open[i]!.set(this.#sealed[i]!.subarray(sealed + begun * this.sizes.headSize, sealed + length * this.sizes.headSize), open))
    }
    this.#lengths[row] = length
    if (this.rows === 1 && this.#capacity > 4 * CAPACITY_STEP && begun < this.#capacity * LEAST_USE) this.#resize(begun)
  }

  /**
   * The inputs of the attention for so many new tokens a row, which must fit the open blocks. They are views: they hold until the next change.
   *
   * @param first - the first of them that the last layer continues
   * @param isTogether - whether the tokens of a single row are asked together
   */
  feeds(count: number, first: number, isTogether: boolean): Record<string, Tensor> {
    const { rows } = this
    const { keyValueHeads } = this.sizes
    const { arrangement, mask } = this.#asked(count, 0, isTogether)
    const last = first === 0 ? { arrangement, mask } : this.#asked(count, first, isTogether)
    const feeds: Record<string, Tensor> = {
      arrangement, mask, lastArrangement: last.arrangement, lastMask: last.mask,
      slots: new Tensor('int64', this.#slots(count), [count, rows, keyValueHeads, 3]),
    }
    return Object.assign(feeds, this.#feeds)
  }

  /**
   * Appends new tokens to some rows, whose open blocks they fit.
   *
   * @param added - [rows, layers · 2 · keyValueHeads, tokens, headSize], as the graph gives them; rows that are not listed are left out
   */
  append(added: Float32Array, tokens: number, rows: readonly number[]): void {
    const { headSize, keyValueHeads } = this.sizes
    const length = tokens * headSize
    const width = this.#open.length * keyValueHeads * length
    for (const row of rows) {
      const slot = this.#lengths[row]! % BLOCK_TOKENS
      let from = row * width
      for (const open of this.#open) {
        for (let head = 0; head < keyValueHeads; head++) {
          // By hand: views of so few values would cost more than the values, and all texts do this in every step.
          const to = this.#openAt(row, head) + slot * headSize
          for (let i = 0; i < length; i++) open[to + i] = added[from + i]!
          from += length
        }
      }
      this.#lengths[row]! += tokens
      if (this.#lengths[row]! % BLOCK_TOKENS === 0) this.#seal(row)
    }
  }

  /** Replaces a row's text by that of a row of another cache of the same model. */
  copyRow(row: number, from: KeyValueCache, fromRow: number): void {
    const length = from.length(fromRow)
    const begun = wholeBlocksIn(length)
    this.#reserve(begun)
    const { headSize, keyValueHeads } = this.sizes
    for (let i = 0; i < this.#open.length; i++) {
      for (let head = 0; head < keyValueHeads; head++) {
        const sealed = from.#sealedAt(fromRow, head)
        this.#sealed[i]!.set(from.#sealed[i]!.subarray(sealed, sealed + begun * headSize), this.#sealedAt(row, head))
        const open = from.#openAt(fromRow, head)
        this.#open[i]!.set(from.#open[i]!.subarray(open, open + (length - begun) * headSize), this.#openAt(row, head))
      }
    }
    this.#lengths[row] = length
  }

  /** A copy of one block of a row; what stands behind its last token is of no meaning. */
  block(row: number, block: number): Float32Array {
    const { headSize } = this.sizes
    const values = new Float32Array(blockValues(this.sizes))
    const length = BLOCK_TOKENS * headSize
    const isOpen = block === Math.floor(this.#lengths[row]! / BLOCK_TOKENS)
    let at = 0
    this.#eachHead(row, (sealed, open, i) => {
      const from = isOpen ? open : sealed + block * length
      values.set((isOpen ? this.#open : this.#sealed)[i]!.subarray(from, from + length), at)
      at += length
    })
    return values
  }

  /** Appends the first tokens of a block, as `block` gave it, to a row that ends where a block does. */
  appendBlock(row: number, values: Float32Array, tokens: number): void {
    const { headSize } = this.sizes
    let at = 0
    this.#eachHead(row, (_sealed, open, i) => {
      this.#open[i]!.set(values.subarray(at, at + tokens * headSize), open)
      at += BLOCK_TOKENS * headSize
    })
    this.#lengths[row]! += tokens
    if (tokens === BLOCK_TOKENS) this.#seal(row)
  }

  /** The open block is full: it becomes the last of the sealed ones. */
  #seal(row: number): void {
    const { headSize } = this.sizes
    const begun = this.#lengths[row]! - BLOCK_TOKENS
    this.#reserve(this.#lengths[row]!)
    this.#eachHead(row, (sealed, open, i) => this.#sealed[i]!.set(this.#open[i]!.subarray(open, open + BLOCK_TOKENS * headSize), sealed + begun * headSize))
  }

  /** Visits keys and values of every layer, head by head, in the order in which the graph gives them: where the row's sealed and open values begin. */
  #eachHead(row: number, visit: (sealed: number, open: number, array: number) => void): void {
    for (let i = 0; i < this.#open.length; i++) {
      for (let head = 0; head < this.sizes.keyValueHeads; head++) visit(this.#sealedAt(row, head), this.#openAt(row, head), i)
    }
  }

  #sealedAt(row: number, head: number): number {
    return (row * this.sizes.keyValueHeads + head) * this.#capacity * this.sizes.headSize
  }

  #openAt(row: number, head: number): number {
    return (row * this.sizes.keyValueHeads + head) * BLOCK_TOKENS * this.sizes.headSize
  }

  /** How the new tokens from `first` on are asked. */
  #asked(count: number, first: number, isTogether: boolean): { readonly arrangement: Tensor, readonly mask: Tensor } {
    const { heads, keyValueHeads, headSize } = this.sizes
    const group = heads / keyValueHeads
    const together = isTogether ? count - first : 1
    const alone = (count - first) / together
    const key = isTogether ? together : -alone
    const arrangement = this.#arrangements.get(key) ?? integers([alone, together, this.rows, keyValueHeads, group, headSize], [6])
    this.#arrangements.set(key, arrangement)
    return {
      arrangement,
      mask: floats(this.#mask(count, first, group), [alone, this.rows, 1, together * group, BLOCK_TOKENS + this.#capacity]),
    }
  }

  /** A new token sees its own row's sealed blocks, and the open one up to itself. Each line stands once for every query head of a key-value head. */
  #mask(count: number, first: number, group: number): Float32Array {
    const width = BLOCK_TOKENS + this.#capacity
    const mask = new Float32Array(this.rows * (count - first) * group * width)
    let start = 0
    for (let i = first; i < count; i++) {
      for (let row = 0; row < this.rows; row++) {
        const length = this.#lengths[row]!
        const begun = wholeBlocksIn(length)
        for (let line = 0; line < group; line++, start += width) {
          mask.fill(HIDDEN, start + length - begun + i + 1, start + BLOCK_TOKENS)
          mask.fill(HIDDEN, start + BLOCK_TOKENS + begun, start + width)
        }
      }
    }
    return mask
  }

  /** Row, head and place of every new token. A row whose block has no room for them all takes no part: they go anywhere in it. */
  #slots(count: number): BigInt64Array {
    const { keyValueHeads } = this.sizes
    const slots = new BigInt64Array(count * this.rows * keyValueHeads * 3)
    let at = 0
    for (let i = 0; i < count; i++) {
      for (let row = 0; row < this.rows; row++) {
        const slot = BigInt((this.#lengths[row]! + i) % BLOCK_TOKENS)
        for (let head = 0; head < keyValueHeads; head++, at += 3) {
          slots[at] = BigInt(row)
          slots[at + 1] = BigInt(head)
          slots[at + 2] = slot
        }
      }
    }
    return slots
  }

  #reserve(tokens: number): void {
    if (tokens > this.#capacity) this.#resize(Math.max(tokens, Math.ceil(this.#capacity * (1 + GROWTH))))
  }

  /** Gives every row and head room for so many tokens, and moves what they hold. */
  #resize(tokens: number): void {
    const { keyValueHeads, headSize } = this.sizes
    const before = { arrays: this.#sealed, capacity: this.#capacity }
    this.#allocate(tokens)
    const count = this.rows * keyValueHeads
    const isGrowing = this.#capacity > before.capacity
    for (let i = 0; i < count; i++) {
      // Within the same memory nothing may be overwritten that is still to be moved.
      const at = isGrowing ? count - 1 - i : i
      const kept = Math.min(wholeBlocksIn(this.#lengths[Math.floor(at / keyValueHeads)]!), before.capacity) * headSize
      const from = at * before.capacity * headSize
      const to = at * this.#capacity * headSize
      this.#sealed.forEach((array, layer) => {
        if (array === before.arrays[layer]) array.copyWithin(to, from, from + kept)
        else array.set(before.arrays[layer]!.subarray(from, from + kept), to)
      })
    }
    if (before.arrays !== this.#sealed) for (const array of before.arrays) this.memory.give(array)
  }

  #allocate(tokens: number): void {
    const { layers, keyValueHeads, headSize, maximumLength } = this.sizes
    const { rows } = this
    const longest = wholeBlocksIn(maximumLength + BLOCK_TOKENS - 1)
    this.#capacity = Math.min(longest, Math.max(1, Math.ceil(tokens / CAPACITY_STEP)) * CAPACITY_STEP)
    const width = rows * keyValueHeads * headSize
    if (this.#sealed.length === 0 || this.#sealed[0]!.length < this.#capacity * width) {
      let memory = FIRST_MEMORY
      while (memory < this.#capacity) memory *= 2
      const taken = Array.from({ length: layers * 2 }, () => this.memory.take(Math.min(longest, memory) * width))
      this.#sealed = taken.map(({ values }) => values)
      this.#clean = taken.every(({ isZero }) => isZero) ? this.#sealed[0]!.length : 0
    }
    // Shares of zero hide whatever is a number there, and nothing else.
    if (this.#clean < this.#capacity * width) {
      for (const array of this.#sealed) array.fill(0, this.#clean, this.#capacity * width)
      this.#clean = this.#capacity * width
    }
    this.#feeds = { widths: integers([BLOCK_TOKENS, this.#capacity], [2]) }
    for (let i = 0; i < layers * 2; i++) {
      this.#feeds[cacheNames(i >> 1)[i & 1]!] = floats(this.#sealed[i]!.subarray(0, this.#capacity * width), [1, rows, keyValueHeads, this.#capacity, headSize])
      this.#feeds[openNames(i >> 1)[i & 1]!] = floats(this.#open[i]!, [rows, keyValueHeads, BLOCK_TOKENS, headSize])
    }
  }
}

function wholeBlocksIn(tokens: number): number {
  return tokens - tokens % BLOCK_TOKENS
}

function integers(values: readonly number[], dimensions: readonly number[]): Tensor {
  return new Tensor('int64', BigInt64Array.from(values, BigInt), dimensions)
}
