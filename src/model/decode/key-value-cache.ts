/**
 * Which axis of a cache leads. `tokens`, for one text: a longer cache is a longer view of the same memory, so that nothing beyond the text is read.
 * `rows`, for many texts: what belongs to a row lies together, which halves the time that attention takes, and the views are as long as the capacity.
 */
export type CacheOrder = 'tokens' | 'rows'

/** What a decoder remembers of the texts in some rows: keys and values of every layer. */
export interface KeyValueCache {
  readonly order: CacheOrder
  readonly rows: number
  /** Tokens that the views hold for each row, at least one; those beyond a row's length must not be seen. */
  readonly past: number
  /** Tokens of the text in a row. */
  length(row: number): number
  /** Forgets what stands after the first `length` tokens of a row. */
  setLength(row: number, length: number): void
  /** Keys of layer 0, values of layer 0, keys of layer 1, ...; each [past, 1, heads, 1, size] or [rows, heads, 1, past, size]. */
  views(): readonly Float32Array[]
  /**
   * Appends new tokens to some rows.
   *
   * @param added - [tokens, rows, layers · 2 · heads · size], as the graph gives them; rows that are not listed are left out
   */
  append(added: Float32Array, tokens: number, rows: readonly number[]): void
}

export interface CacheSizes {
  readonly layers: number
  /** Key-value heads. */
  readonly keyValueHeads: number
  readonly headSize: number
  /** Tokens that no text goes beyond. */
  readonly maximumLength: number
}
