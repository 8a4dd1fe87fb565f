import type { BaseModel } from '../checkpoint.js'
import { ModelError } from '../errors.js'
import { BatchCache } from './batch-cache.js'
import { DecodeModel, type DecodeOptions, type Predictions } from './decode-model.js'

/** More new tokens than this are passed in several runs. */
const LARGEST_RUN = 256

/** New tokens of one text. */
export interface TextPart {
  /** As `open` returned it. */
  readonly text: number
  /** At least one. */
  readonly ids: ArrayLike<number>
}

/**
 * Writes several texts at once with one model, each of its own length. A run for many texts costs little more than a run for one,
 * so that the total rate grows with their number. Runs in the caller's thread; one call at a time.
 */
export class BatchDecodeSession {
  #cache: BatchCache
  /** The row of each open text. */
  readonly #rows = new Map<number, number>()
  #nextText = 0

  private constructor(private readonly model: DecodeModel, private readonly maximumTexts: number) {
    this.#cache = new BatchCache(model.cacheSizes, 1)
  }

  /**
   * @param options.maximumTexts - texts that may be open at once
   * @throws ModelError MODEL_ADAPTER_LENGTH, MODEL_SEQUENCE_TOO_LONG, MODEL_SESSION_FAILED
   */
  static async create(base: BaseModel, options: DecodeOptions & { readonly maximumTexts: number }): Promise<BatchDecodeSession> {
    return new BatchDecodeSession(await DecodeModel.create(base, 'rows', options), options.maximumTexts)
  }

  /** Open texts. */
  get size(): number {
    return this.#rows.size
  }

  /** Starts an empty text. @throws ModelError MODEL_BATCH_INVALID where too many are open */
  open(): number {
    if (this.size >= this.maximumTexts) throw new ModelError('MODEL_BATCH_INVALID', `${this.size} texts are open, and no more are allowed: close one first`)
    this.#makeRoom(this.size + 1)
    const taken = new Set(this.#rows.values())
    const row = Array.from({ length: this.#cache.rows }, (_, i) => i).find((i) => !taken.has(i))!
    const text = this.#nextText++
    this.#rows.set(text, row)
    this.#cache.setLength(row, 0)
    return text
  }

  /** Forgets a text and makes its place free. */
  close(text: number): void {
    this.#cache.setLength(this.#row(text), 0)
    this.#rows.delete(text)
    this.#makeRoom(this.size)
  }

  /** Tokens of a text. */
  length(text: number): number {
    return this.#cache.length(this.#row(text))
  }

  /** Forgets what stands after the first `length` tokens of a text. */
  truncate(text: number, length: number): void {
    if (!Number.isSafeInteger(length) || length < 0 || length > this.length(text)) {
      throw new ModelError('MODEL_SEQUENCE_TOO_LONG', `the text has ${this.length(text)} tokens and cannot be cut to ${length}`)
    }
    this.#cache.setLength(this.#row(text), length)
  }

  /**
   * Appends tokens to some texts, each named once.
   *
   * @returns for each part the logits after its last token, [vocabulary]
   * @throws ModelError MODEL_BATCH_INVALID, MODEL_SEQUENCE_TOO_LONG, MODEL_TOKEN_UNKNOWN, MODEL_SESSION_FAILED; the texts are then as before
   */
  async forward(parts: readonly TextPart[]): Promise<Float32Array[]> {
    const { vocabularySize } = this.model.config
    const results = new Map<number, Float32Array>()
    await this.#append(parts, 'logits', (text, values, column) => {
      if (values instanceof Float32Array) results.set(text, values.slice(column * vocabularySize, (column + 1) * vocabularySize))
    })
    return parts.map(({ text }) => results.get(text)!)
  }

  /** As `forward`, and returns the most likely next token of each part. */
  async forwardGreedy(parts: readonly TextPart[]): Promise<Int32Array> {
    const results = new Map<number, number>()
    await this.#append(parts, 'next', (text, values, column) => results.set(text, values[column]!))
    return Int32Array.from(parts, ({ text }) => results.get(text)!)
  }

  async release(): Promise<void> {
    await this.model.release()
  }

  async #append(parts: readonly TextPart[], kind: Predictions['kind'], take: (text: number, values: Predictions['values'], column: number) => void): Promise<void> {
    if (new Set(parts.map(({ text }) => text)).size !== parts.length || parts.some(({ ids }) => ids.length === 0)) {
      throw new ModelError('MODEL_BATCH_INVALID', 'each text may be continued once in a call, and by at least one token')
    }
    const before = parts.map(({ text }) => this.length(text))
    try {
      // Long parts run alone: together with single tokens, each of these would cost as much as the longest part.
      for (const { text, ids } of parts) {
        if (ids.length > 1) take(text, await this.#appendAlone(this.#row(text), ids, kind), 0)
      }
      const single = parts.filter(({ ids }) => ids.length === 1)
      if (single.length === 0) return
      const rows: (ArrayLike<number> | undefined)[] = Array.from({ length: this.#cache.rows })
      for (const { text, ids } of single) rows[this.#row(text)] = ids
      const { values } = await this.model.run(this.#cache, rows, 0, kind)
      for (const { text } of single) take(text, values, this.#row(text))
    } catch (error) {
      parts.forEach(({ text }, i) => this.#cache.setLength(this.#row(text), before[i]!))
      throw error
    }
  }

  async #appendAlone(row: number, ids: ArrayLike<number>, kind: Predictions['kind']): Promise<Predictions['values']> {
    const alone = new BatchCache(this.model.cacheSizes, 1, this.#cache.length(row) + ids.length)
    alone.copyRow(0, this.#cache, row)
    for (let start = 0; ; start += LARGEST_RUN) {
      const part = Array.prototype.slice.call(ids, start, start + LARGEST_RUN) as number[]
      const { values } = await this.model.run(alone, [part], part.length - 1, kind)
      if (start + LARGEST_RUN < ids.length) continue
      this.#cache.copyRow(row, alone, 0)
      return values
    }
  }

  #row(text: number): number {
    const row = this.#rows.get(text)
    if (row === undefined) throw new ModelError('MODEL_BATCH_INVALID', `text ${text} is not open`)
    return row
  }

  /** Every row costs time, taken or not: their number is the power of two that holds the open texts. */
  #makeRoom(texts: number): void {
    const rows = 2 ** Math.ceil(Math.log2(Math.max(1, texts)))
    // Shrinking at a quarter only: a text that ends and another that begins should not move all others twice.
    if (rows > this.#cache.rows || rows * 2 < this.#cache.rows) this.#move(rows)
  }

  #move(rows: number): void {
    const moved = new BatchCache(this.model.cacheSizes, rows, this.#cache.longest)
    let next = 0
    for (const [text, row] of this.#rows) {
      moved.copyRow(next, this.#cache, row)
      this.#rows.set(text, next++)
    }
    this.#cache = moved
  }
}
