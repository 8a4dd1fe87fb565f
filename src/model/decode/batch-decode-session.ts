import type { BaseModel } from '../checkpoint.js'
import type { LlamaConfig } from '../config.js'
import { ModelError } from '../errors.js'
import { DecodeModel, type DecodeOptions, type Predictions } from './decode-model.js'
import { CacheMemory } from './cache-memory.js'
import { BLOCK_TOKENS, blockValues, KeyValueCache } from './key-value-cache.js'

/** New tokens of one text. */
export interface TextPart {
  /** As `open` returned it. */
  readonly text: number
  /** At least one. */
  readonly ids: ArrayLike<number>
}

/** What is predicted after each of some tokens, and of what. */
export interface Described {
  /** Logits, [tokens, vocabulary], or the most likely next tokens, [tokens]. */
  readonly predictions: Float32Array | Int32Array
  /** The normalised last hidden states, [tokens, hiddenSize]. */
  readonly hidden: Float32Array
}

/** Where an open text is remembered: in a cache of its own, or in a row of the one that is shared. */
interface Place {
  readonly cache: KeyValueCache
  readonly row: number
}

/** Takes the predictions of a part's run, which stand at `column`. */
type Take = (text: number, values: Predictions['values'], column: number) => void

/**
 * Writes several texts at once with one model, each of its own length. A run for many texts costs little more than a run for one,
 * so that the total rate grows with their number. Runs in the caller's thread; one call at a time.
 *
 * What a text is continued with does not depend on the texts beside it, nor on how it is cut into calls, bit for bit (see `isUniform`).
 */
export class BatchDecodeSession {
  readonly #places = new Map<number, Place>()
  /** Texts that were continued side by side lie in the rows of one cache. */
  #shared: KeyValueCache | undefined
  #nextText = 0

  private constructor(private readonly model: DecodeModel, private readonly maximumTexts: number, private readonly memory: CacheMemory) {}

  /**
   * @param options.maximumTexts - texts that may be open at once
   * @param options.memory - for the caches of texts; sessions of the same base may share it. By default each takes its own
   * @throws ModelError MODEL_ADAPTER_LENGTH, MODEL_SEQUENCE_TOO_LONG, MODEL_SESSION_FAILED
   */
  static async create(base: BaseModel, { maximumTexts, memory = new CacheMemory(0), ...options }: DecodeOptions & { readonly maximumTexts: number, readonly memory?: CacheMemory }): Promise<BatchDecodeSession> {
    return new BatchDecodeSession(await DecodeModel.create(base, options), maximumTexts, memory)
  }

  /** Open texts. */
  get size(): number {
    return this.#places.size
  }

  get vocabularySize(): number {
    return this.model.config.vocabularySize
  }

  /** Tokens of a block. */
  static readonly blockTokens = BLOCK_TOKENS

  /** Bytes of a block as `block` returns it. */
  static blockBytes(config: LlamaConfig): number {
    return blockValues(config) * Float32Array.BYTES_PER_ELEMENT
  }

  /**
   * Whether a token is computed by the same bits when it is read and when it is written. Where it is not, each is still the same however a text is cut into
   * calls, but for a single token that is read into the last place of a block.
   */
  get isUniform(): boolean {
    return this.model.isUniform
  }

  /** Starts an empty text. @throws ModelError MODEL_BATCH_INVALID where too many are open */
  open(): number {
    if (this.size >= this.maximumTexts) throw new ModelError('MODEL_BATCH_INVALID', `${this.size} texts are open, and no more are allowed: close one first`)
    const text = this.#nextText++
    this.#places.set(text, { cache: new KeyValueCache(this.model.cacheSizes, 1, this.memory), row: 0 })
    return text
  }

  /** Forgets a text and makes its place free. */
  close(text: number): void {
    const { cache, row } = this.#place(text)
    if (cache === this.#shared) cache.setLength(row, 0)
    else cache.release()
    this.#places.delete(text)
    this.#makeRoom(this.#seated().length)
  }

  /** Tokens of a text. */
  length(text: number): number {
    const { cache, row } = this.#place(text)
    return cache.length(row)
  }

  /** How many tokens of a text one run takes; with `forwardEach`, the predictions of so many are those of as many calls of one token, bit for bit. */
  room(text: number): number {
    const { cache, row } = this.#place(text)
    return cache.room(row)
  }

  /** As `room`, for drafts: with a single key-value head ONNX Runtime joins the tokens' products, and only one is sure. */
  exactRoom(text: number): number {
    return this.model.config.keyValueHeads === 1 ? 1 : this.room(text)
  }

  /** Forgets what stands after the first `length` tokens of a text. */
  truncate(text: number, length: number): void {
    const { cache, row } = this.#place(text)
    if (!Number.isSafeInteger(length) || length < 0 || length > cache.length(row)) {
      throw new ModelError('MODEL_SEQUENCE_TOO_LONG', `the text has ${cache.length(row)} tokens and cannot be cut to ${length}`)
    }
    cache.setLength(row, length)
  }

  /** The keys and values of the n-th block of a text, to be set into another one that begins with the same tokens. */
  block(text: number, block: number): Float32Array {
    const { cache, row } = this.#place(text)
    return cache.block(row, block)
  }

  /**
   * Appends the first tokens of a block of another text, as `block` returned it, without computing them again.
   *
   * @throws ModelError MODEL_BATCH_INVALID unless the text ends where a block does
   */
  appendBlock(text: number, values: Float32Array, tokens: number): void {
    const { cache, row } = this.#place(text)
    if (cache.length(row) + tokens > this.model.maximumLength || tokens < 1 || tokens > cache.room(row) || values.length !== blockValues(this.model.cacheSizes) || !cache.endsBlock(row)) {
      throw new ModelError('MODEL_BATCH_INVALID', `a block of ${tokens} tokens does not fit behind ${cache.length(row)}`)
    }
    cache.appendBlock(row, values, tokens)
  }

  /** Appends tokens of a prompt to one text: none of their predictions are wanted. @throws as `forward` */
  async read(part: TextPart): Promise<void> {
    await this.#append([part], 'next', 0, () => undefined)
  }

  /**
   * Appends tokens to some texts, each named once.
   *
   * @returns for each part the logits after its last token, [vocabulary]
   * @throws ModelError MODEL_BATCH_INVALID, MODEL_SEQUENCE_TOO_LONG, MODEL_TOKEN_UNKNOWN, MODEL_SESSION_FAILED; the texts are then as before
   */
  async forward(parts: readonly TextPart[]): Promise<Float32Array[]> {
    const { vocabularySize } = this
    const results = new Map<number, Float32Array>()
    await this.#append(parts, 'logits', 1, (text, values, column) => {
      if (values instanceof Float32Array) results.set(text, values.subarray(column * vocabularySize, (column + 1) * vocabularySize))
    })
    return parts.map(({ text }) => results.get(text)!)
  }

  /** As `forward`, and returns the most likely next token of each part. */
  async forwardGreedy(parts: readonly TextPart[]): Promise<Int32Array> {
    const results = new Map<number, number>()
    await this.#append(parts, 'next', 1, (text, values, column) => results.set(text, values[column]!))
    return Int32Array.from(parts, ({ text }) => results.get(text)!)
  }

  /**
   * Appends tokens to one text, no more than its `room`.
   *
   * @returns the logits after each of them, [ids.length, vocabulary]
   * @throws as `forward`
   */
  async forwardEach(part: TextPart): Promise<Float32Array> {
    const logits: Float32Array[] = []
    await this.#append([part], 'logits', part.ids.length, (_text, values) => {
      if (values instanceof Float32Array) logits.push(values)
    })
    return logits[0]!
  }

  /** As `forwardEach`, and returns the most likely next token after each of them. */
  async forwardGreedyEach(part: TextPart): Promise<Int32Array> {
    const next: Int32Array[] = []
    await this.#append([part], 'next', part.ids.length, (_text, values) => {
      if (values instanceof Int32Array) next.push(values)
    })
    return next[0]!
  }

  /**
   * As `forwardEach` or `forwardGreedyEach`, with the same predictions bit for bit, and says of what they were made.
   *
   * @throws as `forward`
   */
  async forwardDescribed({ text, ids }: TextPart, kind: Predictions['kind']): Promise<Described> {
    if (ids.length === 0 || ids.length > this.room(text)) {
      throw new ModelError('MODEL_BATCH_INVALID', `${ids.length} tokens are to be described, and one run takes from 1 to ${this.room(text)}`)
    }
    // A run that fails leaves the cache as it was.
    const { values, hidden } = await this.model.run(this.#setApart(text), [ids], 0, kind, true)
    return { predictions: values, hidden: hidden! }
  }

  async release(): Promise<void> {
    await this.model.release()
  }

  async #append(parts: readonly TextPart[], kind: Predictions['kind'], last: number, take: Take): Promise<void> {
    if (new Set(parts.map(({ text }) => text)).size !== parts.length || parts.some(({ ids }) => ids.length === 0)) {
      throw new ModelError('MODEL_BATCH_INVALID', 'each text may be continued once in a call, and by at least one token')
    }
    if (last > 1 && last > this.room(parts[0]!.text)) {
      throw new ModelError('MODEL_BATCH_INVALID', `${last} predictions were asked for, and one run gives no more than ${this.room(parts[0]!.text)}`)
    }
    const before = parts.map(({ text }) => this.length(text))
    try {
      const single = parts.filter(({ ids }) => ids.length === 1)
      const together = single.length > 1 ? single : []
      // Long parts run alone: together with single tokens, each of these would cost as much as the longest part.
      for (const part of parts) {
        if (!together.includes(part)) await this.#appendAlone(part, kind, last, take)
      }
      if (together.length > 0) await this.#appendTogether(together, kind, take)
    } catch (error) {
      parts.forEach(({ text }, i) => {
        const { cache, row } = this.#place(text)
        cache.setLength(row, before[i]!)
      })
      throw error
    }
  }

  async #appendAlone({ text, ids }: TextPart, kind: Predictions['kind'], last: number, take: Take): Promise<void> {
    await this.model.extend(this.#setApart(text), ids, last, kind, (values) => take(text, values, 0))
  }

  async #appendTogether(parts: readonly TextPart[], kind: Predictions['kind'], take: Take): Promise<void> {
    const shared = this.#seat(parts.map(({ text }) => text))
    const rows: (ArrayLike<number> | undefined)[] = Array.from({ length: shared.rows })
    for (const { text, ids } of parts) rows[this.#place(text).row] = ids
    const { values } = await this.model.run(shared, rows, 0, kind)
    for (const { text } of parts) take(text, values, this.#place(text).row)
  }

  /** Gives a text a cache of its own. */
  #setApart(text: number): KeyValueCache {
    const { cache, row } = this.#place(text)
    if (cache !== this.#shared) return cache
    const own = new KeyValueCache(this.model.cacheSizes, 1, this.memory, cache.length(row))
    own.copyRow(0, cache, row)
    cache.setLength(row, 0)
    this.#places.set(text, { cache: own, row: 0 })
    this.#makeRoom(this.#seated().length)
    return own
  }

  /** Gives texts rows of the shared cache. */
  #seat(texts: readonly number[]): KeyValueCache {
    const seated = this.#seated()
    const coming = texts.filter((text) => !seated.includes(text))
    this.#makeRoom(seated.length + coming.length, Math.max(...texts.map((text) => this.length(text))))
    const shared = this.#shared!
    const taken = new Set(seated.map((text) => this.#place(text).row))
    let row = 0
    for (const text of coming) {
      while (taken.has(row)) row++
      const { cache } = this.#place(text)
      shared.copyRow(row, cache, 0)
      cache.release()
      this.#places.set(text, { cache: shared, row: row++ })
    }
    return shared
  }

  #seated(): number[] {
    return [...this.#places.keys()].filter((text) => this.#place(text).cache === this.#shared)
  }

  #place(text: number): Place {
    const place = this.#places.get(text)
    if (place === undefined) throw new ModelError('MODEL_BATCH_INVALID', `text ${text} is not open`)
    return place
  }

  /**
   * Every row of the shared cache costs time, taken or not.
   *
   * @param tokens - for which there should be room
   */
  #makeRoom(texts: number, tokens = 1): void {
    if (texts === 0) {
      this.#shared?.release()
      this.#shared = undefined
      return
    }
    const rows = rowsFor(texts)
    const now = this.#shared?.rows ?? 0
    // Shrinking by half only: a text that ends and another that begins should not move all others twice.
    if (rows <= now && rows * 2 > now) return
    const moved = new KeyValueCache(this.model.cacheSizes, rows, this.memory, Math.max(tokens, this.#shared?.longest ?? 0))
    let next = 0
    for (const text of this.#seated()) {
      const { cache, row } = this.#place(text)
      moved.copyRow(next, cache, row)
      this.#places.set(text, { cache: moved, row: next++ })
    }
    this.#shared?.release()
    this.#shared = moved
  }
}

/** A few numbers of rows only, so that not every text that comes moves the others. */
function rowsFor(texts: number): number {
  return texts <= 4 ? texts : Math.ceil(texts / 4) * 4
}
