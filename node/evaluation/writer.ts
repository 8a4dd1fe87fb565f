import { asDesign } from '../../src/quality/index.js'
import type { Problem } from './problem.js'

/** Which of a problem's samples is to be written. */
export interface SampleRequest {
  readonly problem: Problem
  /** From 0. */
  readonly index: number
  /** Differs between the samples of a problem and is the same in every run with the same settings. */
  readonly seed: number
  readonly signal: AbortSignal
}

/** Whatever answers a prompt: a model, or something that is to be judged in its place. The answer is cut to the design afterwards. */
export type Writer = (prompt: string, sample: SampleRequest) => Promise<string>

/** Answers each problem with the suite's own reference: shows what the checkers of this machine can decide, without any model. */
export const referenceWriter: Writer = (_, { problem: { reference = '', testbench, top } }) => (
  Promise.resolve(testbench === undefined || top === undefined ? reference : asDesign(reference, testbench, top) ?? reference)
)
