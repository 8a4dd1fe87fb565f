import type { ModelWorker, Tokenizer } from '../model/index.js'
import type { BatchShape } from './batch-source.js'
import { encodeExample, packedLength } from './example.js'
import type { EncodedExample, Pair } from './example.js'
import { packBatches } from './packing.js'

/** How well a specification explains its design. Losses are means over the design's tokens, in nats. */
export interface PairGrade {
  /** The pair's place in the list. */
  readonly index: number
  /** Loss of the design given its specification. */
  readonly conditional: number
  /** Loss of the design given an empty specification. */
  readonly unconditional: number
  /** unconditional - conditional: what having a specification tells about the design (FedDQC's IRA). */
  readonly relevance: number
  /**
   * The mean loss of the design given specifications of other pairs, less `conditional`: what *this* specification tells about it. Near or below 0 where
   * they do not belong together. An empty specification is unlike anything that a model was trained on, so its loss is high for right and wrong pairs
   * alike; other specifications are a fairer measure.
   */
  readonly contrast: number
}

export interface PairGrades {
  readonly grades: readonly PairGrade[]
  /** Places of the pairs that fit no row, or whose design fits none under another specification, and were not graded. */
  readonly dropped: readonly number[]
}

/** Other specifications under which a design is tried. */
const OTHERS = 2

/**
 * Grades a peer's own pairs by instruction-response alignment, by the base model or any adapter. A peer sees its mismatched pairs before it trains on
 * them. It costs four forward passes a pair.
 *
 * @param adapter - an adapter of the worker's layout; an initial one grades with the base
 * @param shape - batches to grade in
 * @throws TrainingError TRAINING_NO_END_TOKEN, TRAINING_EXAMPLE_EMPTY, TRAINING_EXAMPLE_TOKENS
 * @see Du et al. 2024, "Data Quality Control in Federated Instruction-tuning of Large Language Models" (FedDQC), arXiv 2410.11540
 */
export async function gradePairs(worker: ModelWorker, tokenizer: Tokenizer, adapter: Float32Array, pairs: readonly Pair[], shape: BatchShape): Promise<PairGrades> {
  const variants = pairs.map(({ design }, index) => {
    const specifications = [pairs[index]!.specification, '', ...otherSpecifications(pairs, index)]
    return specifications.map((specification) => encodeExample(tokenizer, { specification, design }))
  })
  const fits = (examples: readonly EncodedExample[]): boolean => examples.every((example) => packedLength(example) <= shape.rowLength)
  const graded = variants.flatMap((examples, index) => fits(examples) ? [{ index, examples }] : [])
  const losses = await completionLosses(worker, adapter, graded.flatMap(({ examples }) => examples), shape)
  let at = 0
  const grades = graded.map(({ index, examples }): PairGrade => {
    const [conditional, unconditional, ...others] = losses.subarray(at, at += examples.length)
    const compared = others.length > 0 ? others : [unconditional!]
    return {
      index,
      conditional: conditional!,
      unconditional: unconditional!,
      relevance: unconditional! - conditional!,
      contrast: compared.reduce((sum, loss) => sum + loss, 0) / compared.length - conditional!,
    }
  })
  return { grades, dropped: variants.flatMap((examples, index) => fits(examples) ? [] : [index]) }
}

/** Specifications of pairs that stand far from this one in the list, as long as they differ from its own. */
function otherSpecifications(pairs: readonly Pair[], index: number): string[] {
  const own = pairs[index]!.specification
  const others = Array.from({ length: OTHERS }, (_, i) => pairs[(index + Math.floor((i + 1) * pairs.length / (OTHERS + 1))) % pairs.length]!.specification)
  return others.filter((specification) => specification !== own)
}

/**
 * Pairs whose specification tells less about their design than other specifications do, or hardly more.
 *
 * @param least - the contrast that a pair must have, in nats a token. Default 0.1: in the trials right pairs had 0.3 or more, mismatched ones 0.2 or less
 * @returns places in the list of pairs
 */
export function mismatchedPairs({ grades }: PairGrades, least = 0.1): number[] {
  return grades.filter(({ contrast }) => contrast < least).map(({ index }) => index)
}

/**
 * Mean loss a completion token of each example, in nats.
 *
 * @throws TrainingError TRAINING_EXAMPLE_LENGTH
 */
export async function completionLosses(worker: ModelWorker, adapter: Float32Array, examples: readonly EncodedExample[], { rows, rowLength }: BatchShape): Promise<Float64Array> {
  const losses = new Float64Array(examples.length)
  for (const { batch, placements } of packBatches(examples, rows, rowLength)) {
    const { logProbability } = await worker.score(batch, adapter)
    for (const { index, completionStart, end } of placements) {
      const sum = logProbability.subarray(completionStart, end).reduce((total, value) => total + value, 0)
      losses[index] = -sum / (end - completionStart)
    }
  }
  return losses
}
