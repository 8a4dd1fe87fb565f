import type { Auditor } from '../../src/audit/index.js'
import type { Example } from '../../src/corpus/index.js'
import type { OwnMetric } from '../../src/rounds/index.js'
import type { Logger } from '../../src/telemetry/index.js'

import type { AdapterMetrics } from './adapter-metrics.js'
import { ownProbes, writingScore } from './own-probes.js'

/** Designs that a delta is weighed by: it happens for every delta of every round. */
const DESIGNS = 8

export interface OwnMetricOptions {
  readonly auditor: Auditor
  /** Own designs that nothing is trained on. */
  readonly validation: readonly Example[]
  /** The user's own metrics, where there are any. */
  readonly metrics?: Pick<AdapterMetrics, 'weigh'>
  readonly log: Logger
}

/**
 * What deltas are worth to this peer: how well the adapter with each writes some of the peer's validation designs, and what the user's metrics say of the designs
 * that it writes of its own.
 */
export function ownMetricOf({ auditor, validation, metrics, log }: OwnMetricOptions): OwnMetric {
  const drawn = ownProbes(validation, DESIGNS)
  let isRating = false
  return {
    async score(adapters, signal) {
      if (drawn.length === 0) return adapters.map(() => 0.5)
      const known: number[] = []
      for (const adapter of adapters) known.push(writingScore(await auditor.score(adapter, drawn, signal)))
      if (!metrics) return known
      // Rounds do not wait for slow metrics; ratings that piled up would hold ever more adapters in memory.
      if (isRating) {
        log.warn('the metrics are still busy with an earlier round, and do not count in this one: make them faster, or list fewer')
        return known
      }
      isRating = true
      try {
        return await metrics.weigh('the deltas of a round', adapters, known, signal)
      } finally {
        isRating = false
      }
    },
  }
}
