import type { PackedBatch } from '../model/index.js'
import { TrainingError } from './errors.js'
import { packedLength } from './example.js'
import type { EncodedExample } from './example.js'

/** Where an example lies in a batch. */
export interface Placement {
  /** Its place in the list that was packed. */
  readonly index: number
  /** Its first position in the batch's arrays. */
  readonly start: number
  /** Its first position whose label belongs to the completion. */
  readonly completionStart: number
  /** One past its last position. */
  readonly end: number
}

export interface Packing {
  readonly batch: PackedBatch
  readonly placements: readonly Placement[]
  /** Places in the list of the examples that found no room, in order. */
  readonly left: readonly number[]
}

/**
 * Packs examples into rows, best fit decreasing: the longest first, each into the row where it leaves the least room. No token sees another example's:
 * documents are numbered and positions start anew. Weights are 1 where the label belongs to a completion and 0 elsewhere.
 *
 * @param priority - the first so many examples are placed before all others, so that what was left last time is not left for ever
 * @throws TrainingError TRAINING_EXAMPLE_LENGTH for an example that fits no row
 * @see Krell et al. 2021, "Efficient Sequence Packing without Cross-contamination"
 */
export function packRows(examples: readonly EncodedExample[], rows: number, rowLength: number, priority = 0): Packing {
  const free = new Array<number>(rows).fill(rowLength)
  const batch = emptyBatch(rows, rowLength)
  const placements: Placement[] = []
  const left: number[] = []
  for (const index of packingOrder(examples, rowLength, priority)) {
    const example = examples[index]!
    const length = packedLength(example)
    const row = tightestRow(free, length)
    if (row < 0) {
      left.push(index)
      continue
    }
    const start = (row + 1) * rowLength - free[row]!
    free[row]! -= length
    writeDocument(batch, example, start, placements.length)
    placements.push({ index, start, completionStart: start + example.prompt.length - 1, end: start + length })
  }
  return { batch, placements, left: left.sort((a, b) => a - b) }
}

/**
 * Packs all examples into batches of `rows` rows; the last batch has only the rows that it needs.
 *
 * @throws TrainingError TRAINING_EXAMPLE_LENGTH
 */
export function packBatches(examples: readonly EncodedExample[], rows: number, rowLength: number): Omit<Packing, 'left'>[] {
  const packed: Omit<Packing, 'left'>[] = []
  let waiting = examples.map((_, index) => index)
  while (waiting.length > 0) {
    const indices = waiting
    const { batch, placements, left } = packRows(indices.map((index) => examples[index]!), rows, rowLength)
    packed.push({ batch: trimRows(batch, placements), placements: placements.map((placement) => ({ ...placement, index: indices[placement.index]! })) })
    waiting = left.map((index) => indices[index]!)
  }
  return packed
}

/**
 * Packs examples that must all fit one batch.
 *
 * @throws TrainingError TRAINING_EXAMPLE_LENGTH when they do not
 */
export function packBatch(examples: readonly EncodedExample[], rows: number, rowLength: number): PackedBatch {
  const { batch, left } = packRows(examples, rows, rowLength)
  if (left.length > 0) {
    throw new TrainingError('TRAINING_EXAMPLE_LENGTH', `${left.length} of ${examples.length} examples do not fit ${rows} rows of ${rowLength} tokens: use packBatches, or more rows`)
  }
  return batch
}

function packingOrder(examples: readonly EncodedExample[], rowLength: number, priority: number): number[] {
  const lengths = examples.map(packedLength)
  const long = lengths.findIndex((length) => length > rowLength)
  if (long >= 0) {
    throw new TrainingError('TRAINING_EXAMPLE_LENGTH', `example ${long} takes ${lengths[long]!} positions, and a row has ${rowLength}: drop it, or use longer rows`)
  }
  const late = (index: number): number => index < priority ? 0 : 1
  return lengths.map((_, index) => index).sort((a, b) => late(a) - late(b) || lengths[b]! - lengths[a]! || a - b)
}

function tightestRow(free: readonly number[], length: number): number {
  let best = -1
  for (let row = 0; row < free.length; row++) {
    if (free[row]! >= length && (best < 0 || free[row]! < free[best]!)) best = row
  }
  return best
}

function emptyBatch(rows: number, rowLength: number): PackedBatch {
  const size = rows * rowLength
  return {
    rows,
    rowLength,
    ids: new Int32Array(size),
    labels: new Int32Array(size),
    weights: new Float32Array(size),
    positions: new Int32Array(size),
    documents: new Int32Array(size).fill(-1),
  }
}

function writeDocument(batch: PackedBatch, { prompt, completion }: EncodedExample, start: number, document: number): void {
  const tokens = new Int32Array(prompt.length + completion.length)
  tokens.set(prompt)
  tokens.set(completion, prompt.length)
  const length = tokens.length - 1
  batch.ids.set(tokens.subarray(0, length), start)
  batch.labels.set(tokens.subarray(1), start)
  batch.documents.fill(document, start, start + length)
  batch.weights.fill(1, start + prompt.length - 1, start + length)
  for (let i = 0; i < length; i++) batch.positions[start + i] = i
}

function trimRows(batch: PackedBatch, placements: readonly Placement[]): PackedBatch {
  const { rowLength } = batch
  const rows = Math.max(1, ...placements.map(({ end }) => Math.ceil(end / rowLength)))
  const size = rows * rowLength
  return {
    rows,
    rowLength,
    ids: batch.ids.slice(0, size),
    labels: batch.labels.slice(0, size),
    weights: batch.weights.slice(0, size),
    positions: batch.positions.slice(0, size),
    documents: batch.documents.slice(0, size),
  }
}
