import type { Checker, CheckOptions, Verdict } from '../../quality/index.js'
import type { CheckedDesign, DesignRequest } from './candidate.js'
import { invalidTestbench } from './examine-testbench.js'

/**
 * Makes the strictest check that the request allows.
 *
 * @throws InferenceError INFERENCE_TESTBENCH_INVALID
 * @throws QualityError CHECKER_ABORTED
 */
export async function checkDesign(checker: Checker, { domain, reference, testbench }: DesignRequest, design: string, signal?: AbortSignal): Promise<CheckedDesign> {
  const options: CheckOptions = signal ? { signal } : {}
  if (testbench !== undefined) {
    const { outcome, reason, milliseconds, tool, isBenchAtFault } = await checker.testbench({ candidate: design, testbench, ...reference === undefined ? {} : { reference } }, options)
    if (isBenchAtFault === true) throw invalidTestbench(reason)
    return { verdict: { outcome, reason, milliseconds, tool } }
  }
  if (reference !== undefined) return { verdict: await checker.equivalence(domain, reference, design, options) }
  if (domain === 'qasm') {
    const circuit = await checker.circuit(design, options)
    return { verdict: circuit, ...costOf(circuit, circuit.gates, circuit.depth) }
  }
  const synthesis = await checker.synthesis(design, options)
  return { verdict: synthesis, ...costOf(synthesis, synthesis.cells, synthesis.depth) }
}

function costOf(verdict: Verdict, size: number, depth: number): Pick<CheckedDesign, 'cost'> {
  return verdict.outcome === 'pass' ? { cost: { size, depth } } : {}
}
