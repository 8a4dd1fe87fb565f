/** What decoding needs of a model: `DecodeSession` of `model/`, whose key-value cache holds `length` tokens. */
export interface Target {
  readonly length: number
  readonly vocabularySize: number
  /** How many tokens the next call may append and still give, bit for bit, what as many calls of one token would. */
  readonly exactRoom: number
  /** Appends tokens. @returns logits, [ids.length, vocabularySize] */
  forward(ids: readonly number[]): Promise<Float32Array>
  /** Appends tokens. @returns the most probable next token behind each of them */
  forwardGreedy(ids: readonly number[]): Promise<Int32Array>
  /** Hidden states behind the last so many tokens, [count, hiddenSize]. */
  hidden?(count: number): Float32Array
  /** Forgets the tokens behind the first `length`. */
  truncate(length: number): void
}
