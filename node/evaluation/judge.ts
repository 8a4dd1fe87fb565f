import type { Checker, Outcome } from '../../src/quality/index.js'

import type { Problem } from './problem.js'

/** What decided: a testbench in a simulator, equivalence of Verilog, simulation of circuits; `none` where nothing could. */
export type Tool = 'iverilog' | 'yosys' | 'simulator' | 'none'

export interface Judgement {
  readonly outcome: Outcome
  readonly reason: string
  readonly tool: Tool
  readonly milliseconds: number
}

/**
 * Has the strictest check that a problem allows decide: its testbench, else equivalence with its reference.
 *
 * @throws QualityError CHECKER_ABORTED, CHECKER_CLOSED and whatever keeps the checker from work
 */
export async function judge(checker: Checker, { domain, testbench, reference, top, files }: Problem, design: string, signal: AbortSignal): Promise<Judgement> {
  if (design.trim() === '') return { outcome: 'fail', reason: 'nothing was written', tool: 'none', milliseconds: 0 }
  if (testbench !== undefined) {
    const { outcome, reason, tool, milliseconds } = await checker.testbench({
      candidate: design, testbench, ...reference === undefined ? {} : { reference }, ...top === undefined ? {} : { top }, ...files === undefined ? {} : { files },
    }, { signal })
    return { outcome, reason, tool, milliseconds }
  }
  const { outcome, reason, milliseconds } = await checker.equivalence(domain, reference ?? '', design, { signal })
  return { outcome, reason, milliseconds, tool: domain === 'verilog' ? 'yosys' : 'simulator' }
}
