/**
 * Sequences packed into `rows` rows of `rowLength` positions. Every array has rows · rowLength values, row after row.
 *
 * A token sees the tokens before it that carry the same document number in the same row, and no others.
 */
export interface PackedBatch {
  readonly rows: number
  readonly rowLength: number
  /** The token at each position; any id of the vocabulary where the position is padding. */
  readonly ids: Int32Array
  /** The token to predict at each position, which is the next one of the same document. Ignored where the weight is 0. */
  readonly labels: Int32Array
  /** What each position counts, 0 or more: loss = sum(weight · -log p(label)) / sum(weight). 0 where nothing is to be learnt. */
  readonly weights: Float32Array
  /** The token's place within its document, from 0; smaller than rowLength. */
  readonly positions: Int32Array
  /** A number for each document of a row; -1 where the position is padding. */
  readonly documents: Int32Array
}
