import type { Tensor } from 'onnxruntime-node'

/**
 * Which axis of a cache leads. `tokens`, for one text: a longer cache is a longer view of the same memory, so that nothing beyond the text is read.
 * `rows`, for many texts: what belongs to a row lies together, which halves the time that attention takes, and the views are as long as the capacity.
 */
export type CacheOrder = 'tokens' | 'rows'

/** What a decoder remembers of the texts in some rows: keys and values of every layer. */
export interface KeyValueCache {
  readonly order: CacheOrder
  readonly rows: number
  /** Tokens of the text in a row. */
  length(row: number): number
  /** Forgets what stands after the first `length` tokens of a row. */
  setLength(row: number, length: number): void
  /** The inputs of the order's attention for so many new tokens a row. They are views: they hold until the next `append`. */
  feeds(count: number): Record<string, Tensor>
  /**
   * Appends new tokens to some rows.
   *
   * @param added - [tokens, rows, layers · 2 · heads · size], as the graph gives them; rows that are not listed are left out
   */
  append(added: Float32Array, tokens: number, rows: readonly number[]): void
}

export interface CacheSizes {
  readonly layers: number
  readonly heads: number
  readonly keyValueHeads: number
  readonly headSize: number
  /** Tokens that no text goes beyond. */
  readonly maximumLength: number
}

/** Added to the scores of what must not be seen. */
export const HIDDEN = -1e9

/** Names of a layer's inputs of past tokens. */
export function cacheNames(layer: number): readonly [keys: string, values: string] {
  return [`keys.${layer}`, `values.${layer}`]
}

/** Names of a layer's inputs of the open block. */
export function openNames(layer: number): readonly [keys: string, values: string] {
  return [`openKeys.${layer}`, `openValues.${layer}`]
}
