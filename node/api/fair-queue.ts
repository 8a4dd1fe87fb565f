import { ApiError } from './errors.js'

/** Gives a place back; calling it again does nothing. */
export type Release = () => void

interface Waiting {
  readonly resolve: (release: Release) => void
}

/** Of the waiting places, the share that one client takes at most, so that others get in. */
const SHARE = 0.5
/** Seconds after which a client that was sent away may come again. */
const RETRY_SECONDS = 2

/**
 * Gives a limited number of places to many clients. A place that is free goes to the client that holds fewest; of equals, to the one that has waited
 * for its turn longest.
 */
export class FairQueue {
  readonly #waiting = new Map<string, Waiting[]>()
  readonly #held = new Map<string, number>()
  #running = 0
  #waits = 0

  constructor(private readonly options: {
    /** Held at a time. */
    readonly places: number
    /** Waiting at a time. */
    readonly limit: number
  }) {}

  get running(): number { return this.#running }
  get waiting(): number { return this.#waits }

  /**
   * Asks for places, all or none: each comes when it is the client's turn. What is aborted while it waits is rejected with the signal's reason.
   *
   * @throws ApiError queue_full
   */
  enter(client: string, count: number, signal: AbortSignal): Promise<Release>[] {
    const { places, limit } = this.options
    const own = this.#waiting.get(client)?.length ?? 0
    const mustWait = Math.max(0, count - Math.max(0, places - this.#running - this.#waits))
    if (this.#waits + mustWait > limit || (mustWait > 0 && own + mustWait > Math.max(1, Math.floor(limit * SHARE)))) {
      throw new ApiError(429, 'queue_full', `${this.#waits} texts are waiting to be written: try again in some seconds, or raise api.queueLimit`, { retryAfter: RETRY_SECONDS })
    }
    const entered = Array.from({ length: count }, () => this.#enter(client, signal))
    this.#next()
    return entered
  }

  #enter(client: string, signal: AbortSignal): Promise<Release> {
    return new Promise((resolve, reject) => {
      const leave = (): void => {
        const own = this.#waiting.get(client) ?? []
        const at = own.indexOf(waiting)
        if (at < 0) return
        own.splice(at, 1)
        if (own.length === 0) this.#waiting.delete(client)
        this.#waits -= 1
        reject(signal.reason as Error)
      }
      const waiting: Waiting = {
        resolve: (release) => {
          signal.removeEventListener('abort', leave)
          resolve(release)
        },
      }
      const own = this.#waiting.get(client)
      if (own) own.push(waiting)
      else this.#waiting.set(client, [waiting])
      this.#waits += 1
      if (signal.aborted) leave()
      else signal.addEventListener('abort', leave, { once: true })
    })
  }

  #next(): void {
    while (this.#running < this.options.places && this.#waits > 0) {
      const client = this.#fewest()
      const own = this.#waiting.get(client)!
      const { resolve } = own.shift()!
      // To the end of the line of clients.
      this.#waiting.delete(client)
      if (own.length > 0) this.#waiting.set(client, own)
      this.#waits -= 1
      this.#running += 1
      this.#held.set(client, (this.#held.get(client) ?? 0) + 1)
      resolve(this.#releaseOf(client))
    }
  }

  #fewest(): string {
    let best = ''
    let fewest = Infinity
    for (const client of this.#waiting.keys()) {
      const held = this.#held.get(client) ?? 0
      if (held >= fewest) continue
      best = client
      fewest = held
    }
    return best
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
