import type { Logger } from '../../src/telemetry/index.js'

import type { DraftMaker } from './draft-maker.js'
import type { Personaliser } from './personaliser.js'
import type { SpareTime } from './spare-time.js'

export interface PersonalFollowerOptions {
  readonly personaliser: Pick<Personaliser, 'refresh'>
  /** Absent where the base is so quick that a trained draft would not pay. */
  readonly draftMaker?: Pick<DraftMaker, 'make'>
  readonly spareTime: SpareTime
  readonly log: Logger
  /** Aborted when the node stops. */
  readonly signal: AbortSignal
}

/** Has the personal model chosen anew whenever the network's has moved, where there is time, and then its draft taught. The newest record wins. */
export class PersonalFollower {
  /** Counts what was told; the model is behind while it differs from `#followed`. */
  #told = 0
  #followed = 0
  #working: Promise<void> | undefined

  constructor(private readonly options: PersonalFollowerOptions) {}

  /** The network's adapter is another one. */
  networkMoved(): void {
    this.#told += 1
    void this.options.spareTime.abandon()
    this.#working ??= this.#work().finally(() => { this.#working = undefined })
  }

  /** Waits until nothing is done any more, once the node stops. */
  async stop(): Promise<void> {
    await this.#working
  }

  async #work(): Promise<void> {
    const { personaliser, draftMaker, spareTime, log, signal } = this.options
    const isOver = (): boolean => signal.aborted
    while (this.#followed < this.#told && !isOver()) {
      // The next training begins in the same breath as a round ends, and goes first.
      await new Promise<void>((resolve) => { setImmediate(resolve) })
      try {
        await spareTime.use(async (time) => {
          const told = this.#told
          await personaliser.refresh(time)
          this.#followed = told
          await draftMaker?.make(time)
        })
      } catch (error) {
        if (isOver()) return
        log.warn('the personal model could not be refreshed, and stays as it was until the next round', { error })
        this.#followed = this.#told
      }
    }
  }
}
