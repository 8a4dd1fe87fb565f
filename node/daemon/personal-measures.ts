import type { Auditor } from '../../src/audit/index.js'
import type { Example } from '../../src/corpus/index.js'
import type { Measures, PersonalChoice } from '../../src/inference/index.js'

import type { AdapterMetrics } from './adapter-metrics.js'
import { ownProbe, writingScore } from './own-probes.js'

type ValidationScore = PersonalChoice['scores'][number]['score']

/** What validation said of an adapter. */
export interface KnownScore {
  readonly score: ValidationScore
  readonly writing: number
}

export interface PersonalProgress {
  readonly candidate: string
  readonly doing: 'training' | 'scoring' | 'writing'
  /** Steps trained, or designs written and checked, of `steps`; 0 of 0 while a candidate is only scored. */
  readonly step: number
  readonly steps: number
}

export interface MeasureOptions {
  readonly auditor: Auditor
  /** Own designs that nothing was trained on. */
  readonly validation: readonly Example[]
  /** Which of these designs an adapter writes so that they pass; dear, and undefined where it cannot be told. */
  readonly verify?: (adapter: Float32Array, onProgress: (checked: number, asked: number) => void) => Promise<readonly boolean[] | undefined>
  /** The user's own metrics, where there are any. */
  readonly metrics?: Pick<AdapterMetrics, 'weigh'>
  readonly signal: AbortSignal
  readonly onProgress?: (progress: PersonalProgress) => void
}

/**
 * How candidates for the personal model are measured; each adapter once.
 *
 * @param nameOf - for whoever watches
 * @param known - scores of adapters on these same designs
 */
export function measuresOf(
  { auditor, validation, verify, metrics, signal, onProgress }: MeasureOptions, nameOf: (adapter: Float32Array) => string, known: Pick<WeakMap<Float32Array, KnownScore>, 'get' | 'set'> = new WeakMap(),
): Measures {
  const probes = validation.map((example) => ({ ...ownProbe(example), family: '' }))
  const validate = async (adapter: Float32Array): Promise<ValidationScore> => {
    const before = known.get(adapter)
    if (before) return before.score
    signal.throwIfAborted()
    onProgress?.({ candidate: nameOf(adapter), doing: 'scoring', step: 0, steps: 0 })
    const { exact, loss } = await auditor.score(adapter, probes, signal)
    const score = { exact: mean(exact), loss: mean(loss) }
    known.set(adapter, { score, writing: writingScore({ exact, loss }) })
    return score
  }
  if (probes.length === 0) return { validate }
  return {
    validate,
    ...verify
      ? {
          verify: (adapter) => {
            signal.throwIfAborted()
            return verify(adapter, (step, steps) => onProgress?.({ candidate: nameOf(adapter), doing: 'writing', step, steps }))
          },
        }
      : {},
    ...metrics
      ? {
          weigh: (finalists) => metrics.weigh(
            'the finalists for the personal model',
            finalists.map(({ adapter }) => adapter),
            finalists.map(({ adapter, score }) => score.passed ?? known.get(adapter)!.writing),
            signal,
          ),
        }
      : {},
  }
}

function mean(values: ArrayLike<number>): number {
  let sum = 0
  for (let i = 0; i < values.length; i++) sum += values[i]!
  return values.length === 0 ? 0 : sum / values.length
}
