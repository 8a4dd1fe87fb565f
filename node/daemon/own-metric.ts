import { drawProbes } from '../../src/audit/index.js'
import type { Auditor, Probe } from '../../src/audit/index.js'
import type { Example } from '../../src/corpus/index.js'
import type { OwnMetric } from '../../src/rounds/index.js'

/** Designs that a delta is weighed by: it happens for every delta of every round. */
const DESIGNS = 8

/**
 * What a delta is worth to this peer: how well the adapter with it writes some of the peer's validation designs. Half exact matches, half likelihood,
 * since a peer's few designs tell little by exact matches alone.
 */
export function ownMetricOf(auditor: Auditor, validation: readonly Example[]): OwnMetric {
  const probes = validation.map(({ id, domain, specification, design }): Probe => ({ id, domain, family: id, specification, reference: design, nearMisses: [] }))
  const drawn = drawProbes({ probes, contentId: '' }, Buffer.from('own metric'), DESIGNS)
  return {
    async score(adapter) {
      if (drawn.length === 0) return 0.5
      const { exact, loss } = await auditor.score(adapter, drawn)
      const likelihood = loss.reduce((sum, one) => sum + Math.exp(-one), 0) / drawn.length
      return 0.5 * exact.reduce((sum, one) => sum + one, 0) / drawn.length + 0.5 * likelihood
    },
  }
}
