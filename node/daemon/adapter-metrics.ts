import type { Probe } from '../../src/audit/index.js'
import type { Example } from '../../src/corpus/index.js'
import type { Logger } from '../../src/telemetry/index.js'

import { ownProbes } from './own-probes.js'
import type { Write } from './round-auditor.js'
import type { UserMetrics } from './user-metrics.js'

/** Designs that an adapter writes to be measured. They are written side by side in one batch, and yet cost some hundred times a forward pass over a given design. */
const WRITTEN_DESIGNS = 4

export interface AdapterMetricsOptions {
  readonly metrics: Pick<UserMetrics, 'rate'>
  readonly write: Write
  /** Own designs that nothing is trained on: their specifications are what is written for. */
  readonly validation: readonly Example[]
  readonly log: Logger
}

/** How the user's metrics tell adapters apart: by what each writes, greedily, for the same few of the peer's own specifications. */
export class AdapterMetrics {
  readonly #asked: readonly Probe[]
  /** An adapter that is rated again, as candidates for the personal model are, writes the same. */
  readonly #written = new WeakMap<Float32Array, readonly string[]>()

  constructor(private readonly options: AdapterMetricsOptions) {
    this.#asked = ownProbes(options.validation, WRITTEN_DESIGNS)
  }

  /**
   * Weighs the user's metrics with what adapters score otherwise, which has weight 1. Where no metric has a score for all of them, that alone decides.
   *
   * @param what - what is rated, for the log
   * @param known - a score for each adapter, 0..1
   * @returns weighted means, 0..1, in their order
   * @throws the signal's reason
   */
  async weigh(what: string, adapters: readonly Float32Array[], known: readonly number[], signal: AbortSignal): Promise<readonly number[]> {
    if (this.#asked.length === 0) return known
    const groups = []
    for (const adapter of adapters) {
      const designs = await this.#writtenBy(adapter, signal)
      if (designs === undefined) return known
      groups.push(this.#asked.map(({ domain, specification }, at) => ({ domain, specification, design: designs[at]! })))
    }
    const rating = await this.options.metrics.rate(what, groups, signal)
    return rating ? known.map((score, at) => (score + rating.weight * rating.values[at]!) / (1 + rating.weight)) : known
  }

  async #writtenBy(adapter: Float32Array, signal: AbortSignal): Promise<readonly string[] | undefined> {
    const before = this.#written.get(adapter)
    if (before) return before
    signal.throwIfAborted()
    try {
      const designs = await this.options.write(adapter, this.#asked.map(({ specification }) => specification), signal)
      this.#written.set(adapter, designs)
      return designs
    } catch (error) {
      signal.throwIfAborted()
      this.options.log.warn('no designs could be written for the metrics, which do not count this time', { error })
      return undefined
    }
  }
}
