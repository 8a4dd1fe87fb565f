import { FairQueue } from '../../src/inference/index.js'
import { ApiError } from './errors.js'

/** Gives a place back; calling it again does nothing. */
export type Release = () => void

interface Waiting {
  readonly client: string
  readonly resolve: (release: Release) => void
}

/** Of the waiting places, the share that one client takes at most, so that others get in. */
const SHARE = 0.5
/** Seconds after which a client that was sent away may come again. */
const RETRY_SECONDS = 2

/** Gives a limited number of places to many clients, in the order of a fair queue whose length is bounded. */
export class Places {
  readonly #queue = new FairQueue<Waiting>()
  readonly #held = new Map<string, number>()
  #running = 0

  constructor(private readonly options: {
    /** Held at a time. */
    readonly places: number
    /** Waiting at a time. */
    readonly limit: number
  }) {}

  get running(): number { return this.#running }
  get waiting(): number { return this.#queue.size }

  /**
   * Asks for places, all or none: each comes when it is the client's turn. What is aborted while it waits is rejected with the signal's reason.
   *
   * @throws ApiError queue_full
   */
  enter(client: string, count: number, signal: AbortSignal): Promise<Release>[] {
    const { places, limit } = this.options
    const mustWait = Math.max(0, count - Math.max(0, places - this.#running - this.waiting))
    if (this.waiting + mustWait > limit || (mustWait > 0 && this.#queue.sizeOf(client) + mustWait > Math.max(1, Math.floor(limit * SHARE)))) {
      throw new ApiError(429, 'queue_full', `${this.waiting} texts are waiting to be written: try again in some seconds, or raise api.queueLimit`, { retryAfter: RETRY_SECONDS })
    }
    const entered = Array.from({ length: count }, () => this.#enter(client, signal))
    this.#next()
    return entered
  }

  #enter(client: string, signal: AbortSignal): Promise<Release> {
    return new Promise((resolve, reject) => {
      const leave = (): void => {
        if (this.#queue.remove((one) => one === waiting)) reject(signal.reason as Error)
      }
      const waiting: Waiting = {
        client,
        resolve: (release) => {
          signal.removeEventListener('abort', leave)
          resolve(release)
        },
      }
      this.#queue.push(client, waiting)
      if (signal.aborted) leave()
      else signal.addEventListener('abort', leave, { once: true })
    })
  }

  #next(): void {
    while (this.#running < this.options.places) {
      const next = this.#queue.shift((client) => this.#held.get(client) ?? 0)
      if (!next) return
      this.#running += 1
      this.#held.set(next.client, (this.#held.get(next.client) ?? 0) + 1)
      next.resolve(this.#releaseOf(next.client))
    }
  }

  #releaseOf(client: string): Release {
    let isHeld = true
    return () => {
      if (!isHeld) return
      isHeld = false
      this.#running -= 1
      const held = this.#held.get(client)! - 1
      if (held > 0) this.#held.set(client, held)
      else this.#held.delete(client)
      this.#next()
    }
  }
}
