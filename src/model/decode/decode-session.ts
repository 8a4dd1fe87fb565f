import type { BaseModel } from '../checkpoint.js'
import { ModelError } from '../errors.js'
import { DecodeModel, type DecodeOptions, type Predictions } from './decode-model.js'
import { CacheMemory } from './cache-memory.js'
import { KeyValueCache } from './key-value-cache.js'

export interface ForwardOptions {
  /** How many of the new tokens' predictions are wanted, counted from the end. Default: all of them. Tokens without are read faster. */
  readonly last?: number
}

/** Writes with a model: one text, whose keys and values are kept from call to call. Runs in the caller's thread; one call at a time. */
export class DecodeSession {
  readonly #cache: KeyValueCache
  readonly #users: { count: number }

  private constructor(private readonly model: DecodeModel, users: { count: number }, cache: KeyValueCache) {
    this.#users = users
    this.#cache = cache
    users.count++
  }

  /** @throws ModelError MODEL_ADAPTER_LENGTH, MODEL_SEQUENCE_TOO_LONG, MODEL_SESSION_FAILED */
  static async create(base: BaseModel, options: DecodeOptions): Promise<DecodeSession> {
    const model = await DecodeModel.create(base, options)
    return new DecodeSession(model, { count: 0 }, new KeyValueCache(model.cacheSizes, 1, new CacheMemory(0)))
  }

  /** Tokens in the cache. */
  get length(): number {
    return this.#cache.length(0)
  }

  get vocabularySize(): number {
    return this.model.config.vocabularySize
  }

  /**
   * How many tokens the next call may append and still give, bit for bit, what as many calls of one token would.
   *
   * With a single key-value head ONNX Runtime joins the tokens' products, and only one is sure.
   */
  get exactRoom(): number {
    return this.model.config.keyValueHeads === 1 ? 1 : this.#cache.room(0)
  }

  /** A session on the same weights that starts with the same text and goes its own way. */
  fork(): DecodeSession {
    const copy = new KeyValueCache(this.model.cacheSizes, 1, new CacheMemory(0), this.length)
    copy.copyRow(0, this.#cache, 0)
    return new DecodeSession(this.model, this.#users, copy)
  }

  /**
   * Appends tokens to the text.
   *
   * @returns logits [last, vocabulary], row-major: what follows each of the last tokens
   * @throws ModelError MODEL_SEQUENCE_TOO_LONG, MODEL_TOKEN_UNKNOWN, MODEL_SESSION_FAILED; the text is then as before
   */
  async forward(ids: ArrayLike<number>, { last = ids.length }: ForwardOptions = {}): Promise<Float32Array> {
    const { vocabularySize } = this.model.config
    const logits = new Float32Array(Math.min(last, ids.length) * vocabularySize)
    await this.#append(ids, last, 'logits', (part, at) => logits.set(part, at * vocabularySize))
    return logits
  }

  /** As `forward`, and returns the most likely next token at each place; the lowest id where several are equal. */
  async forwardGreedy(ids: ArrayLike<number>, { last = ids.length }: ForwardOptions = {}): Promise<Int32Array> {
    const next = new Int32Array(Math.min(last, ids.length))
    await this.#append(ids, last, 'next', (part, at) => next.set(part, at))
    return next
  }

  /** Forgets what stands after the first `length` tokens. */
  truncate(length: number): void {
    if (!Number.isSafeInteger(length) || length < 0 || length > this.length) {
      throw new ModelError('MODEL_SEQUENCE_TOO_LONG', `the text has ${this.length} tokens and cannot be cut to ${length}`)
    }
    this.#cache.setLength(0, length)
  }

  /** Frees the text, and the weights with the last session that uses them. The session cannot be used afterwards. */
  async release(): Promise<void> {
    if (--this.#users.count === 0) await this.model.release()
  }

  async #append(ids: ArrayLike<number>, last: number, kind: Predictions['kind'], take: (part: Predictions['values'], at: number) => void): Promise<void> {
    const before = this.length
    try {
      await this.model.extend(this.#cache, ids, last, kind, take)
    } catch (error) {
      this.#cache.setLength(0, before)
      throw error
    }
  }
}
