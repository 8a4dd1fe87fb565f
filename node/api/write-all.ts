import { setMaxListeners } from 'node:events'

import type { Engine, Written, WrittenPart } from './engine.js'
import type { Places } from './places.js'
import type { ApiMetrics } from './metrics.js'
import { isVerified } from './plan.js'
import type { Job } from './plan.js'

export interface WriteAllOptions {
  readonly engine: Engine
  readonly queue: Places
  readonly metrics: Pick<ApiMetrics, 'written' | 'firstToken'>
  /** Aborted when the client goes away or the server stops, and by us where a text fails. */
  readonly work: AbortController
  /** Sees text as it appears, by the job's place in the list. */
  readonly onPart?: (at: number, part: WrittenPart) => void
  readonly onWritten?: (at: number, written: Written) => void
}

/**
 * Writes the texts of one request, each as soon as the queue gives it a place. Where one fails, the others are ended.
 *
 * @throws ApiError queue_full, before anything is written; what the engine throws
 */
export async function writeAll(jobs: readonly Job[], { engine, queue, metrics, work, onPart, onWritten }: WriteAllOptions): Promise<Written[]> {
  const { signal } = work
  // Every text of the request hears of it.
  setMaxListeners(0, signal)
  const begun = performance.now()
  let isFirst = true
  const failed: { first?: Error } = {}
  const places = queue.enter(jobs[0]!.client, jobs.length, signal)
  const settled = await Promise.allSettled(jobs.map(async (job, at) => {
    let release = (): void => undefined
    try {
      release = await places[at]!
      const written = await (isVerified(job) ? engine.writeVerified.bind(engine, job) : engine.write.bind(engine, job))({
        signal,
        onPart: (part) => {
          if (isFirst) metrics.firstToken(performance.now() - begun)
          isFirst = false
          onPart?.(at, part)
        },
      })
      metrics.written(written)
      onWritten?.(at, written)
      return written
    } catch (error) {
      failed.first ??= error instanceof Error ? error : new Error(String(error))
      work.abort(error)
      throw error
    } finally {
      release()
    }
  }))
  if (failed.first) throw failed.first
  return settled.flatMap((one) => one.status === 'fulfilled' ? [one.value] : [])
}
