import type { NodeConfig } from '../../src/config/index.js'
import { userMetric } from '../../src/quality/index.js'
import type { Checker, UserMetric, UserMetricFailure, UserMetricInput, UserMetricOptions, UserScore } from '../../src/quality/index.js'
import type { Logger } from '../../src/telemetry/index.js'

import { deferred } from '../deferred.js'

type Failure = Extract<UserScore, { outcome: UserMetricFailure }>

/** What a metric of the user's has done since the node started. */
export interface MetricStatus {
  readonly name: string
  readonly weight: number
  /** SHA-256 of the module that runs. */
  readonly hash: string
  /** Designs with a score, and designs without one by what went wrong. */
  readonly scored: number
  readonly failures: Readonly<Partial<Record<UserMetricFailure, number>>>
  readonly lastFailure: Failure | null
}

/** What groups of designs are worth by the metrics that scored all of them. */
export interface Rating {
  /** Weighted mean, 0..1, for each group. */
  readonly values: readonly number[]
  /** Sum of the weights of the metrics that count, above 0. */
  readonly weight: number
}

export interface UserMetricsOptions extends Pick<UserMetricOptions, 'timeoutMs' | 'memoryMib'> {
  readonly checker: Checker
  readonly log: Logger
}

interface Opened {
  readonly name: string
  readonly weight: number
  readonly metric: UserMetric
  scored: number
  lastFailure: Failure | undefined
}

/** These come late or cost the metric its process; a metric that met one is not asked again for the same rating. */
const COSTLY: ReadonlySet<UserMetricFailure> = new Set<UserMetricFailure>(['METRIC_LOAD_FAILED', 'METRIC_TIMEOUT', 'METRIC_OUT_OF_MEMORY', 'METRIC_CRASHED'])

/** The metrics that a node's user has listed, each in a process of its own. */
export class UserMetrics {
  private constructor(private readonly opened: readonly Opened[], private readonly log: Logger) {}

  /** @throws QualityError METRIC_MODULE_UNREADABLE, METRIC_HASH_MISMATCH */
  static async open(settings: NodeConfig['metrics'], { log, ...options }: UserMetricsOptions): Promise<UserMetrics> {
    const opened: Opened[] = []
    const metrics = new UserMetrics(opened, log)
    try {
      for (const { name, module, weight, hash } of settings) opened.push({ name, weight, metric: await userMetric(module, hash, options), scored: 0, lastFailure: undefined })
    } catch (error) {
      await metrics.close()
      throw error
    }
    return metrics
  }

  /** Whether any metric has a weight. */
  get areUsed(): boolean { return this.opened.some(({ weight }) => weight > 0) }

  status(): MetricStatus[] {
    return this.opened.map(({ name, weight, metric: { hash, failures }, scored, lastFailure }) => ({
      name, weight, hash, scored,
      failures: Object.fromEntries(Object.entries(failures).filter(([, count]) => count > 0)),
      lastFailure: lastFailure ?? null,
    }))
  }

  /**
   * Rates groups of designs against each other, such as those that one adapter wrote. A group's value under a metric is the mean of its designs that have a score.
   * A metric that scores nothing of some group counts for none of them, since only values of the same metrics compare.
   *
   * @param what - what is rated, for the log
   * @returns undefined where no metric counts
   * @throws the signal's reason; QualityError METRIC_CLOSED
   */
  async rate(what: string, groups: readonly (readonly UserMetricInput[])[], signal: AbortSignal): Promise<Rating | undefined> {
    const { promise: stopped, resolve } = deferred<undefined>()
    const stop = (): void => resolve(undefined)
    signal.addEventListener('abort', stop, { once: true })
    try {
      const counted = this.opened.filter(({ weight }) => weight > 0)
      const scores = await Promise.all(counted.map(async (one) => ({ ...one, ...await this.#scoresOf(one, groups, signal, stopped) })))
      const failed = scores.filter(({ failures }) => failures.length > 0)
      if (failed.length > 0) {
        this.log.warn('metrics gave no score for some designs', {
          what, metrics: failed.map(({ name, failures, values }) => `${name}: ${summary(failures)}${values ? '' : ', does not count'}`).join('; '),
        })
      }
      return mean(groups.length, scores.flatMap(({ weight, values }) => values ? [{ weight, values }] : []))
    } finally {
      signal.removeEventListener('abort', stop)
    }
  }

  async close(): Promise<void> {
    await Promise.all(this.opened.map(({ metric }) => metric.close()))
  }

  /** One metric's value of each group; none where a group has no score. */
  async #scoresOf(one: Opened, groups: readonly (readonly UserMetricInput[])[], signal: AbortSignal, stopped: Promise<undefined>): Promise<{ readonly values?: readonly number[], readonly failures: readonly Failure[] }> {
    const values: number[] = []
    const failures: Failure[] = []
    for (const group of groups) {
      let sum = 0
      let scored = 0
      for (const input of group) {
        signal.throwIfAborted()
        const score = await Promise.race([one.metric.score(input), stopped])
        if (score === undefined) break
        if (score.outcome === 'scored') {
          sum += score.value
          scored += 1
          one.scored += 1
          continue
        }
        one.lastFailure = score
        failures.push(score)
        if (COSTLY.has(score.outcome)) return { failures }
      }
      signal.throwIfAborted()
      if (scored === 0) return { failures }
      values.push(sum / scored)
    }
    return { values, failures }
  }
}

function mean(groups: number, metrics: readonly { readonly weight: number, readonly values: readonly number[] }[]): Rating | undefined {
  const weight = metrics.reduce((sum, one) => sum + one.weight, 0)
  if (weight === 0) return undefined
  return { weight, values: Array.from({ length: groups }, (_, group) => metrics.reduce((sum, one) => sum + one.weight * one.values[group]!, 0) / weight) }
}

/** For instance `METRIC_THREW 3 times (no idea)`. */
function summary(failures: readonly Failure[]): string {
  const { outcome, reason } = failures.at(-1)!
  const same = failures.filter((failure) => failure.outcome === outcome).length
  return `${outcome}${same === 1 ? '' : ` ${same} times`} (${reason.slice(0, 200)})`
}
