import type { Checker } from '../../quality/index.js'
import { InferenceError } from '../errors.js'
import type { DesignRequest } from './candidate.js'

/**
 * Sees to it that a testbench can decide, before anything is written for it.
 *
 * @throws InferenceError INFERENCE_TESTBENCH_INVALID, INFERENCE_TESTBENCH_NOT_RUN
 */
export async function examineTestbench(checker: Checker, { domain, testbench, reference }: DesignRequest, signal: AbortSignal): Promise<void> {
  if (testbench === undefined) return
  if (domain === 'qasm') throw invalidTestbench('a testbench is Verilog, and the design is to be OpenQASM: give a reference instead')
  const { outcome, reason, tool } = await checker.examine({ testbench, ...reference === undefined ? {} : { reference } }, { signal })
  if (outcome === 'fail') throw invalidTestbench(reason)
  // A sandbox that broke down once may come up the next time; where there is none, no design would get a verdict.
  if (outcome === 'unknown' && tool === 'none') throw new InferenceError('INFERENCE_TESTBENCH_NOT_RUN', `the testbench cannot be run here: ${reason}, or give a reference, too`)
}

export function invalidTestbench(why: string): InferenceError {
  return new InferenceError('INFERENCE_TESTBENCH_INVALID', `no design can be tested: ${why}`)
}
