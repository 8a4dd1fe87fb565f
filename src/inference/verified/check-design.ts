import type { Checker, Verdict } from '../../quality/index.js'
import type { GenerationResult } from '../generator/messages.js'
import type { Candidate, DesignRequest } from './candidate.js'

/** Makes the strictest check that the request allows. */
export async function checkDesign(checker: Checker, request: DesignRequest, generation: GenerationResult): Promise<Candidate> {
  const design = generation.text
  if (request.reference !== undefined) {
    const verdict = await checker.equivalence(request.domain, request.reference, design)
    return { design, generation, verdict }
  }
  if (request.domain === 'qasm') {
    const circuit = await checker.circuit(design)
    return { design, generation, verdict: circuit, ...costOf(circuit, circuit.gates, circuit.depth) }
  }
  const synthesis = await checker.synthesis(design)
  return { design, generation, verdict: synthesis, ...costOf(synthesis, synthesis.cells, synthesis.depth) }
}

function costOf(verdict: Verdict, size: number, depth: number): Pick<Candidate, 'cost'> {
  return verdict.outcome === 'pass' ? { cost: { size, depth } } : {}
}
