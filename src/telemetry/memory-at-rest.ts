import { getHeapStatistics } from 'node:v8'

/** Milliseconds without work after which a thread rests. */
const REST_AFTER = 300
/** Bytes that must have come since the last rest, so that a thread which does little is left alone. */
const WORTH_COLLECTING = 4 * 2 ** 20

export interface MemoryAtRestOptions {
  /** Milliseconds. */
  readonly after?: number
  /** Bytes. */
  readonly worth?: number
  /** Lets go of what is kept for the next work. */
  readonly release?: () => void
  readonly collect?: () => Promise<void>
}

/**
 * Gives a thread's memory back when it has nothing to do. V8 collects garbage while a program works, and not when it has stopped: what the last requests have left
 * would stay with the machine for as long as none comes.
 */
export class MemoryAtRest {
  readonly #options: Required<MemoryAtRestOptions>
  #timer: NodeJS.Timeout | undefined
  #size = memoryOfThread()

  constructor({ after = REST_AFTER, worth = WORTH_COLLECTING, release = () => undefined, collect = collectGarbage }: MemoryAtRestOptions = {}) {
    this.#options = { after, worth, release, collect }
  }

  /** There is something to do. */
  busy(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
  }

  /** There is nothing to do any more. */
  idle(): void {
    this.busy()
    this.#timer = setTimeout(() => void this.#rest(), this.#options.after)
    this.#timer.unref()
  }

  async #rest(): Promise<void> {
    const size = memoryOfThread()
    // What a program has left from its start is soon less.
    this.#size = Math.min(this.#size, size)
    if (size - this.#size < this.#options.worth) return
    this.#options.release()
    await this.#options.collect()
    this.#size = memoryOfThread()
  }
}

/** Bytes, those outside of the heap included. */
function memoryOfThread(): number {
  const { total_physical_size: heap, external_memory: external } = getHeapStatistics()
  return heap + external
}

/** Takes some 50 ms. */
async function collectGarbage(): Promise<void> {
  try {
    const { Session } = await import('node:inspector/promises')
    const session = new Session()
    session.connect()
    try {
      await session.post('HeapProfiler.collectGarbage')
    } finally {
      session.disconnect()
    }
  } catch {
    // Node can be built without its inspector: then memory comes back when V8 finds it.
  }
}
