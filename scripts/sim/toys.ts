import type { Auditor, Learner } from '../../src/rounds/index.js'
import { createRandom } from '../../src/telemetry/index.js'
import type { Random } from '../../src/telemetry/index.js'

/** What all peers together would learn, and how far a model is from it: a quadratic objective, so that learning can be seen as a distance. */
export class CommonOptimum {
  readonly values: Float32Array

  constructor(length: number, seed: number) {
    const random = createRandom(seed)
    this.values = Float32Array.from({ length }, () => random() * 2 - 1)
  }

  /** One peer's own optimum: the common one and its own noise, up to `scatter` each way. */
  of(random: Random, scatter = 0.3): Float32Array {
    return this.values.map((value) => value + (random() * 2 - 1) * scatter)
  }

  /** Root of the mean squared difference, as a share of that of an adapter of zeros. */
  distance(adapter: Float32Array): number {
    let distance = 0
    let whole = 0
    for (let i = 0; i < adapter.length; i++) {
      distance += (adapter[i]! - this.values[i]!) ** 2
      whole += this.values[i]! ** 2
    }
    return Math.sqrt(distance / whole)
  }
}

export interface ToyLearnerOptions {
  readonly optimum: Float32Array
  /** How long a training takes and how it lets time pass, virtual milliseconds. */
  readonly pause: () => Promise<void>
  /** That it says it has trained on; default 1000. */
  readonly tokens?: number
}

/** Walks towards an optimum, with a rate that falls over a campaign. */
export function toyLearner({ optimum, pause, tokens = 1000 }: ToyLearnerOptions): Learner {
  return {
    async train({ adapter, steps, campaignRound }) {
      await pause()
      const left = (1 - 0.04 / (1 + campaignRound * 0.05)) ** steps
      const values = adapter.map((value, i) => optimum[i]! + (value - optimum[i]!) * left)
      return { adapter: values, tokens, lossFirst: lossOf(adapter, optimum), lossLast: lossOf(values, optimum) }
    },
  }
}

function lossOf(values: Float32Array, optimum: Float32Array): number {
  let sum = 0
  for (let i = 0; i < values.length; i++) sum += (values[i]! - optimum[i]!) ** 2
  return sum / values.length
}

/**
 * Scores an adapter by its distance to the common optimum on coordinates that the seed draws.
 *
 * @param options.coordinates - that one probe looks at; default 8
 * @param options.shift - by which it lies, in 1/65536; default 0
 * @param options.pool - how many coordinates, from the first, the probes look at: what a public pool of probes covers; default all
 */
export function toyAuditor({ values }: CommonOptimum, { coordinates = 8, shift = 0, pool = Infinity } = {}): Auditor {
  return {
    score(adapter, seed, count) {
      const random = createRandom(Buffer.from(seed).readInt32LE(0))
      const scores = Int32Array.from({ length: count }, () => {
        let distance = 0
        for (let i = 0; i < coordinates; i++) {
          const at = Math.floor(random() * Math.min(pool, adapter.length))
          distance += Math.abs(adapter[at]! - values[at]!)
        }
        return Math.max(0, Math.min(65_536, Math.round(65_536 * Math.exp(-distance / coordinates)) + shift))
      })
      return Promise.resolve({ scores })
    },
  }
}
