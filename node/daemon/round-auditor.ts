import { drawProbes, SCORE_ONE } from '../../src/audit/index.js'
import type { Auditor, Probe, ProbePool } from '../../src/audit/index.js'
import type { Policy } from '../../src/config/index.js'
import type { Checker } from '../../src/quality/index.js'
import type { Auditor as RoundAuditor } from '../../src/rounds/index.js'
import { NodeError } from '../errors.js'

/** Scores of designs that an adapter writes: far dearer than a forward pass, so only so many probes of an audit get one. */
const WRITTEN_PROBES = 2

/** What a policy's metrics may be: contrast, relevance and exact need forward passes; equivalence writes the design and asks a checker. */
const METRICS = ['contrast', 'relevance', 'exact', 'equivalence'] as const
type Metric = (typeof METRICS)[number]

/** Writes designs with an adapter, greedily. */
export type Write = (adapter: Float32Array, specifications: readonly string[], signal: AbortSignal) => Promise<readonly string[]>

export interface RoundAuditorOptions {
  readonly auditor: Auditor
  readonly pool: ProbePool
  readonly metrics: Policy['metrics']
  readonly checker: () => Checker
  readonly write: Write
}

/**
 * Audits as rounds ask for them: probes of all domains drawn by the round's seed, scored as the policy weighs its metrics.
 *
 * @throws NodeError POLICY_METRIC_UNKNOWN
 */
export function createRoundAuditor({ auditor, pool, metrics, checker, write }: RoundAuditorOptions): RoundAuditor {
  const weights = new Map<Metric, number>()
  for (const { name, weight } of metrics) {
    const metric = METRICS.find((known) => known === name)
    if (metric === undefined) throw new NodeError('POLICY_METRIC_UNKNOWN', `the policy audits by "${name}", and this node knows ${METRICS.join(', ')}: update the node, or ask the owners to change the policy`)
    if (weight > 0) weights.set(metric, weight)
  }
  return {
    async score(adapter, probeSeed, count, signal) {
      const probes = drawProbes(pool, probeSeed, count)
      const { contrast, relevance, exact } = await auditor.score(adapter, probes, signal)
      const passes = weights.has('equivalence') ? await equivalences(adapter, probes.slice(0, WRITTEN_PROBES), signal) : []
      const scores = probes.map((_, at) => weighed(weights, { contrast: contrast[at]!, relevance: relevance[at]!, exact: exact[at]! * SCORE_ONE, equivalence: passes[at] }))
      return { scores: Int32Array.from(scores) }
    },
  }

  async function equivalences(adapter: Float32Array, probes: readonly Probe[], signal: AbortSignal): Promise<number[]> {
    const designs = await write(adapter, probes.map(({ specification }) => specification), signal)
    const checks = checker()
    const verdicts = await Promise.all(probes.map(({ domain, reference }, at) => checks.equivalence(domain, reference, designs[at]!, { signal })))
    return verdicts.map(({ outcome }) => outcome === 'pass' ? SCORE_ONE : 0)
  }
}

/** The weighted mean of the metrics that a probe has. */
function weighed(weights: ReadonlyMap<Metric, number>, scores: Readonly<Record<Metric, number | undefined>>): number {
  let sum = 0
  let total = 0
  for (const [metric, weight] of weights) {
    const score = scores[metric]
    if (score === undefined) continue
    sum += weight * score
    total += weight
  }
  return total === 0 ? SCORE_ONE / 2 : Math.round(sum / total)
}
