import type { ModelWorker } from '../../src/model/index.js'

/** Time that was given: what is done in it ends when `signal` says so. */
export interface GivenTime {
  readonly signal: AbortSignal
  /** Resolves when nothing is to be done first. @throws the signal's reason */
  turn(): Promise<void>
}

interface User {
  readonly abandon: AbortController
  readonly ended: Promise<unknown>
}

/**
 * The time that rounds and users leave over. Whatever is done in it, one thing at a time, waits while the node audits or writes for a user, and is abandoned when
 * the node trains: others wait for all of these.
 */
export class SpareTime {
  #trainings = 0
  #ahead = 0
  #user: User | undefined
  readonly #waiting = new Set<() => void>()

  /** @param over - no time is given any more once it is aborted */
  constructor(private readonly over: AbortSignal) {}

  /** A training of the node itself, or what else is not to be shared: it begins when nothing is done in spare time any more. */
  async training<T>(act: () => Promise<T>): Promise<T> {
    this.#trainings += 1
    try {
      await this.abandon()
      return await act()
    } finally {
      this.#trainings -= 1
      this.#look()
    }
  }

  /** What goes ahead at each step: an audit, a text for a user. */
  async ahead<T>(act: () => Promise<T>): Promise<T> {
    this.#ahead += 1
    try {
      return await act()
    } finally {
      this.#ahead -= 1
      this.#look()
    }
  }

  /** Ends what is being done, and waits until it has. */
  async abandon(): Promise<void> {
    this.#user?.abandon.abort()
    await this.#user?.ended.catch(() => undefined)
  }

  /**
   * Does something as soon as there is time.
   *
   * @returns undefined where it was abandoned
   * @throws what it throws; the reason of the signal where the node ends
   */
  async use<T>(act: (time: GivenTime) => Promise<T>): Promise<T | undefined> {
    const isFree = (): boolean => this.#trainings === 0 && this.#user === undefined
    // Of several who wait, one alone gets it.
    while (!isFree()) await this.#until(isFree, this.over)
    this.over.throwIfAborted()
    const abandon = new AbortController()
    const signal = AbortSignal.any([abandon.signal, this.over])
    const done = act({ signal, turn: () => this.#until(() => this.#ahead === 0, signal) })
    this.#user = { abandon, ended: done }
    try {
      return await done
    } catch (error) {
      if (abandon.signal.aborted && !this.over.aborted) return undefined
      throw error
    } finally {
      this.#user = undefined
      this.#look()
    }
  }

  #until(holds: () => boolean, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted()
    if (holds()) return Promise.resolve()
    return new Promise((resolve, reject) => {
      const end = (settle: () => void): void => {
        this.#waiting.delete(look)
        signal.removeEventListener('abort', stop)
        settle()
      }
      const look = (): void => { if (holds()) end(resolve) }
      const stop = (): void => end(() => reject(signal.reason as Error))
      this.#waiting.add(look)
      signal.addEventListener('abort', stop, { once: true })
    })
  }

  #look(): void {
    for (const look of [...this.#waiting]) look()
  }
}

/** A model's thread of which each call waits for its turn. */
export function inTurn(worker: ModelWorker, time: GivenTime): ModelWorker {
  return {
    async step(...given) {
      await time.turn()
      return worker.step(...given)
    },
    async score(...given) {
      await time.turn()
      return worker.score(...given)
    },
    close: () => Promise.resolve(),
  }
}
