import type { Learner } from '../../src/rounds/index.js'
import type { Logger, TypedEvents } from '../../src/telemetry/index.js'

import { deferred } from '../deferred.js'
import type { AllEvents, Stage } from './events.js'

/** How long one part may take to end before it is left behind, milliseconds. */
const PATIENCE = 4000

/** From a node's start to its end: what it is busy with, and what must be taken down, last come first gone. */
export class Life {
  #stage: Stage = 'opening'
  #ended: Promise<void> | undefined
  #isLeaving = false
  #paused = false
  readonly #parts: { readonly name: string, readonly end: () => Promise<void> }[] = []
  readonly #abort = new AbortController()
  readonly #asked = deferred<undefined>()
  readonly begun = performance.now()

  constructor(private readonly events: TypedEvents<AllEvents>, private readonly log: Logger) {}

  get stage(): Stage { return this.#stage }
  /** Aborted when the node stops. */
  get signal(): AbortSignal { return this.#abort.signal }
  /** Resolves when somebody asked the node to stop. */
  get asked(): Promise<unknown> { return this.#asked.promise }

  enter(stage: Stage): void {
    if (stage === this.#stage || this.signal.aborted) return
    this.#stage = stage
    this.events.emit('stage:changed', { stage })
    this.log.info('stage', { stage })
  }

  /** Whether the node stops for good, so that the others need not wait for it. */
  get isLeaving(): boolean { return this.#isLeaving }

  askToStop({ leave }: { readonly leave: boolean }): void {
    this.#isLeaving = leave
    this.#asked.resolve(undefined)
  }

  atEnd(name: string, end: () => Promise<void>): void {
    this.#parts.push({ name, end })
  }

  /** A learner that no longer trains once training is `pause`d; the peer goes on hearing and answering others. */
  pausing(learner: Learner): Learner {
    return {
      train: (request) => this.#paused
        ? new Promise((_, reject) => {
            const stop = (): void => reject(request.signal.reason instanceof Error ? request.signal.reason : new Error('stopped'))
            if (request.signal.aborted) stop()
            else request.signal.addEventListener('abort', stop, { once: true })
          })
        : learner.train(request),
    }
  }

  pause(): void { this.#paused = true }

  /** Takes everything down. What fails or hangs is logged and does not keep the rest. */
  end(): Promise<void> {
    this.#ended ??= this.#end()
    return this.#ended
  }

  async #end(): Promise<void> {
    this.enter('stopping')
    this.#abort.abort()
    for (const { name, end } of this.#parts.reverse()) {
      let timer: NodeJS.Timeout | undefined
      const late = new Promise<void>((resolve) => {
        timer = setTimeout(() => {
          this.log.warn('a part of the node did not end in time', { part: name, milliseconds: PATIENCE })
          resolve()
        }, PATIENCE)
      })
      await Promise.race([end().catch((error: unknown) => this.log.warn('a part of the node did not end cleanly', { part: name, error })), late])
      clearTimeout(timer)
    }
  }
}
