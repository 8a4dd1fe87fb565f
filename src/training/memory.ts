import type { LlamaConfig } from '../model/index.js'
import type { BatchShape } from './batch-source.js'
import { TrainingError } from './errors.js'

/** What ONNX Runtime's arena takes over the tensors that live at the peak: 1.3 was measured at 8M parameters, 4 x 128 to 4 x 512 tokens. */
const ARENA = 1.4

/** Taken whatever the batch: the session's buffers, the adapter's copies and its gradient. About 100 MB was measured. */
const FIXED_BYTES = 100e6

export interface BatchPlan {
  /** One micro-batch. */
  readonly batch: BatchShape
  /** Micro-batches that make up the rows asked for. */
  readonly microBatches: number
  /** What one micro-batch takes beside the model, in bytes, by estimate. */
  readonly bytes: number
}

export interface MemoryQuestion {
  readonly config: LlamaConfig
  /** Rows that a step should have in all. */
  readonly rows: number
  readonly rowLength: number
  /** Memory that may be taken, in bytes. Default: half of what the system or the container has left. */
  readonly freeBytes?: number
}

/**
 * Sizes micro-batches by free memory: as many rows at a time as fit, and gradients accumulated over the rest. A machine with less memory trains the
 * same batch, only slower.
 *
 * @throws TrainingError TRAINING_MEMORY when not even one row fits
 */
export function planBatch({ config, rows, rowLength, freeBytes = process.availableMemory() / 2 }: MemoryQuestion): BatchPlan {
  const rowBytes = bytesOfRow(config, rowLength)
  const fit = Math.min(rows, Math.floor((freeBytes - FIXED_BYTES) / rowBytes))
  if (fit < 1) {
    throw new TrainingError('TRAINING_MEMORY', `one row of ${rowLength} tokens takes about ${megabytes(FIXED_BYTES + rowBytes)} MB to train on, and ${megabytes(freeBytes)} MB may be taken: use shorter rows, or close other programs`)
  }
  const microBatches = Math.ceil(rows / fit)
  // Equal micro-batches: 9 rows of which 8 fit are better 5 + 5 than 8 + 8.
  const perBatch = Math.ceil(rows / microBatches)
  return { batch: { rows: perBatch, rowLength }, microBatches, bytes: Math.ceil(FIXED_BYTES + perBatch * rowBytes) }
}

/** Bytes that forward and backward of one row hold at their peak: what each layer keeps for its backward pass, and the logits with their gradient. */
function bytesOfRow(config: LlamaConfig, rowLength: number): number {
  const { hiddenSize, intermediateSize, heads, headSize, keyValueHeads, layers, vocabularySize } = config
  const attention = 4 * heads * headSize + 4 * keyValueHeads * headSize + 3 * heads * rowLength
  const perLayer = 8 * hiddenSize + attention + 6 * intermediateSize
  return ARENA * 4 * rowLength * (layers * perLayer + 4 * vocabularySize)
}

function megabytes(bytes: number): number {
  return Math.round(bytes / 1e6)
}
