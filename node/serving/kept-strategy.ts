import { randomInt } from 'node:crypto'

import { experienceSchema, learntPlan, Strategy, taskClass } from '../../src/inference/index.js'
import type { Plan } from '../../src/inference/index.js'
import type { Domain } from '../../src/quality/index.js'
import type { Store } from '../../src/store/index.js'
import type { Logger } from '../../src/telemetry/index.js'
import { createRandom } from '../../src/telemetry/index.js'

const STATE = 'strategy'
const VERSION = 1

/** Designs that one task takes at most where the user does not say. */
const DESIGNS_AT_MOST = 8

/** Before so many designs were tried for with a model, a change of it says little against what is known. */
const TRIES_WITH_A_MODEL = 32

/** The strategy of a node, which learns with each task and survives restarts. */
export class KeptStrategy {
  private triesWithModel = 0
  private saving = Promise.resolve()

  private constructor(private readonly store: Pick<Store, 'writeState'>, private readonly log: Logger, private readonly strategy: Strategy) {}

  /** What cannot be read is begun anew: it is experience, not data. */
  static async open(store: Pick<Store, 'readState' | 'writeState'>, log: Logger): Promise<KeptStrategy> {
    const kept = await store.readState(STATE, { version: VERSION }).then((value) => (value === undefined ? undefined : experienceSchema.parse(value))).catch((error: unknown) => {
      log.warn('what was learnt of how designs are best tried for could not be read, and is learnt anew', { error })
      return undefined
    })
    return new KeptStrategy(store, log, new Strategy(createRandom(randomInt(2 ** 31)), kept))
  }

  /** How a design is tried for. */
  planFor(domain: Domain, specification: string): Plan {
    const plan = learntPlan(this.strategy, taskClass(domain, specification), { atLeast: 1, atMost: DESIGNS_AT_MOST, mayRepair: true })
    return {
      next: (before) => plan.next(before),
      learn: (tries) => {
        plan.learn(tries)
        this.triesWithModel += tries.length
        this.save()
      },
    }
  }

  /** Another model is served from now on. One that moves a little with each round is learnt of as one goes: what is older counts less anyway. */
  modelChanged(): void {
    if (this.triesWithModel < TRIES_WITH_A_MODEL) return
    this.triesWithModel = 0
    this.strategy.modelChanged()
    this.save()
  }

  /** Waits until all is on disk. */
  async close(): Promise<void> {
    await this.saving
  }

  private save(): void {
    const { state } = this.strategy
    this.saving = this.saving.then(() => this.store.writeState(STATE, VERSION, state)).catch((error: unknown) => {
      this.log.warn('what was learnt of how designs are best tried for could not be saved', { error })
    })
  }
}
