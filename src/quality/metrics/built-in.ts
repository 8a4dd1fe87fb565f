import { QualityError } from '../errors.js'
import type { Checker, Domain } from '../types.js'

export interface MetricInput {
  readonly domain: Domain
  readonly specification: string
  readonly design: string
  /** A design that is known to be right, where there is one. */
  readonly reference?: string
}

export interface MetricScore {
  /** In [0, 1]; more is better. */
  readonly value: number
  readonly reason: string
}

export interface BuiltInMetric {
  readonly name: string
  readonly domains: readonly Domain[]
  /** What the value means, in a sentence. */
  readonly meaning: string
  score(input: MetricInput, checker: Checker): Promise<MetricScore>
}

const both: readonly Domain[] = ['verilog', 'qasm']

/** Compared with a reference: its figure divided by the design's, at most 1. Without one: 1/2 at the typical figure. */
export function economy(figure: number, typical: number, reference?: number): number {
  if (reference !== undefined) return figure <= reference ? 1 : reference / figure
  return typical / (typical + figure)
}

function synthesisMetric(name: string, figure: 'cells' | 'depth' | 'flipFlops', unit: string, typical: number): BuiltInMetric {
  return {
    name,
    domains: ['verilog'],
    meaning: `${unit} after synthesis: the reference's divided by the design's, at most 1; without a reference ${typical} / (${typical} + the design's)`,
    score: async ({ design, reference }, checker) => {
      const mine = await checker.synthesis(design)
      if (mine.outcome !== 'pass') return { value: 0, reason: mine.reason }
      const other = reference === undefined ? undefined : await checker.synthesis(reference)
      return { value: economy(mine[figure], typical, other?.outcome === 'pass' ? other[figure] : undefined), reason: `${mine[figure]} ${unit}` }
    },
  }
}

function circuitMetric(name: string, figure: 'gates' | 'depth' | 'twoQubitGates', unit: string, typical: number): BuiltInMetric {
  return {
    name,
    domains: ['qasm'],
    meaning: `${unit}: the reference's divided by the design's, at most 1; without a reference ${typical} / (${typical} + the design's)`,
    score: async ({ design, reference }, checker) => {
      const mine = await checker.circuit(design)
      if (mine.outcome !== 'pass') return { value: 0, reason: mine.reason }
      const other = reference === undefined ? undefined : await checker.circuit(reference)
      return { value: economy(mine[figure], typical, other?.outcome === 'pass' ? other[figure] : undefined), reason: `${mine[figure]} ${unit}` }
    },
  }
}

export const BUILT_IN_METRICS: readonly BuiltInMetric[] = [
  {
    name: 'syntax',
    domains: both,
    meaning: 'the grade of the syntax check: 1 for a clean design, less for each warning, 0 with errors',
    score: async ({ domain, design }, checker) => {
      const { grade, reason } = await checker.syntax(domain, design)
      return { value: grade, reason }
    },
  },
  {
    name: 'equivalence',
    domains: both,
    meaning: '1 where the design is proved to do what the reference does, otherwise 0; 0 without a reference',
    score: async ({ domain, design, reference }, checker) => {
      if (reference === undefined) return { value: 0, reason: 'there is no reference to compare with' }
      const { outcome, reason } = await checker.equivalence(domain, reference, design)
      return { value: outcome === 'pass' ? 1 : 0, reason: outcome === 'unknown' ? `unknown: ${reason}` : reason }
    },
  },
  synthesisMetric('area', 'cells', 'cells', 100),
  synthesisMetric('depth', 'depth', 'gates on the longest path', 20),
  synthesisMetric('flip-flops', 'flipFlops', 'flip-flops', 20),
  circuitMetric('gates', 'gates', 'gates', 40),
  circuitMetric('circuit-depth', 'depth', 'steps', 20),
  circuitMetric('two-qubit', 'twoQubitGates', 'gates on two qubits', 20),
]

/** @throws QualityError METRIC_UNKNOWN */
export function builtInMetric(name: string): BuiltInMetric {
  const metric = BUILT_IN_METRICS.find((one) => one.name === name)
  if (!metric) throw new QualityError('METRIC_UNKNOWN', `there is no metric "${name}": choose among ${BUILT_IN_METRICS.map((one) => one.name).join(', ')}, or give the path of a module of your own`)
  return metric
}

export interface WeightedMetric {
  readonly name: string
  readonly weight: number
}

/**
 * The weighted mean of built-in metrics; those of the other domain do not count.
 *
 * @throws QualityError METRIC_UNKNOWN
 */
export async function scoreDesign(checker: Checker, metrics: readonly WeightedMetric[], input: MetricInput): Promise<MetricScore & { readonly parts: Readonly<Record<string, MetricScore>> }> {
  const parts: Record<string, MetricScore> = {}
  let sum = 0
  let weights = 0
  for (const { name, weight } of metrics) {
    const metric = builtInMetric(name)
    if (!metric.domains.includes(input.domain)) continue
    const part = await metric.score(input, checker)
    parts[name] = part
    sum += weight * part.value
    weights += weight
  }
  const reason = Object.entries(parts).map(([name, { value }]) => `${name} ${value.toFixed(3)}`).join(', ')
  return { value: weights > 0 ? sum / weights : 0, reason: reason || 'no metric of this domain', parts }
}
