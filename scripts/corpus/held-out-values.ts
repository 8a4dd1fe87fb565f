import type { Family, Point } from './family.js'
import { Random } from './random.js'

/** Share of a family's values that nobody trains on. */
const HELD_OUT_SHARE = 0.25

/**
 * Draws anew which values of a family's main parameter are held out: a quarter of all its values, other ones in each family, so that whoever evaluates a family at width 7
 * has seen width 7 in other families and never in this one. The smallest and the largest number stay in training.
 *
 * As the families are written, their evaluation points lie beyond the largest training value. A model of five million parameters that
 * has learned them at 99 % then passes next to nothing (measured: docs/decisions/0010-held-out-values.md); asked for a value between others, it shows what it has understood.
 */
export function withHeldOutValues(family: Family): Family {
  const points = [...family.trainingPoints, ...family.evaluationPoints]
  const key = mainParameter(family)
  const values = [...new Set(points.map((point) => point[key]!))]
  const numeric = values.every((value) => typeof value === 'number')
  const sorted = numeric ? [...values].sort((x, y) => x - y) : values
  const candidates = numeric ? sorted.slice(1, -1) : sorted
  const order = new Random(`held out of ${family.name}`).shuffled(candidates)
  const wanted = Math.max(1, Math.round(values.length * HELD_OUT_SHARE))
  const held = new Set<Point[string]>()
  for (const value of order) {
    const evaluation = points.filter((point) => held.has(point[key]!)).length
    if (held.size >= wanted && evaluation >= 8) break
    held.add(value)
  }
  return {
    ...family,
    trainingPoints: points.filter((point) => !held.has(point[key]!)),
    evaluationPoints: points.filter((point) => held.has(point[key]!)),
  }
}

/** The parameter whose values tell evaluation points from training points; of several, the one with the most values: a new graph rather than a new size. */
function mainParameter({ name, trainingPoints, evaluationPoints }: Family): string {
  const keys = Object.keys(evaluationPoints[0]!)
  const outside = (key: string): number => evaluationPoints.filter((point) => trainingPoints.every((other) => other[key] !== point[key])).length
  const values = (key: string): number => new Set([...trainingPoints, ...evaluationPoints].map((point) => point[key])).size
  const best = keys.map((key) => ({ key, outside: outside(key), values: values(key) })).sort((x, y) => y.outside - x.outside || y.values - x.values)[0]
  if (best === undefined || best.outside === 0) throw new RangeError(`the evaluation points of ${name} differ from its training points in no single parameter: give them a value of their own`)
  return best.key
}
