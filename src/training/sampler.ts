import { seededRandom } from '../adapter/index.js'

/** Where a sampler stands; with its seed and the number of examples it is all there is to restore. */
export interface SamplerState {
  readonly epoch: number
  readonly drawn: number
}

/**
 * Draws examples without replacement: every one once an epoch, in an order that depends on the seed and the epoch only.
 */
export class Sampler {
  #epoch = 0
  #drawn = 0
  #order: Int32Array

  /** @param count - examples, 1 or more */
  constructor(private readonly count: number, private readonly seed: number) {
    this.#order = this.#shuffle()
  }

  /** The next example's place in the list. */
  next(): number {
    if (this.#drawn === this.count) {
      this.#epoch++
      this.#drawn = 0
      this.#order = this.#shuffle()
    }
    return this.#order[this.#drawn++]!
  }

  state(): SamplerState {
    return { epoch: this.#epoch, drawn: this.#drawn }
  }

  restore({ epoch, drawn }: SamplerState): void {
    this.#epoch = epoch
    this.#drawn = Math.min(drawn, this.count)
    this.#order = this.#shuffle()
  }

  #shuffle(): Int32Array {
    const random = seededRandom(Buffer.from(`examples ${this.seed} ${this.#epoch}`))
    const order = Int32Array.from({ length: this.count }, (_, i) => i)
    for (let i = order.length - 1; i > 0; i--) {
      const other = random.below(i + 1)
      const held = order[i]!
      order[i] = order[other]!
      order[other] = held
    }
    return order
  }
}
