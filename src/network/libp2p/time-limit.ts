import type { Clock } from '../../telemetry/index.js'

/**
 * Runs `act` with a signal that aborts after some milliseconds.
 *
 * @param what - completes "no ... within 5000 ms" in the signal's reason
 */
export async function withTimeLimit<T>(
  clock: Clock,
  milliseconds: number,
  what: string,
  act: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const stop = new AbortController()
  const cancel = clock.after(milliseconds, () => stop.abort(new Error(`no ${what} within ${milliseconds} ms`)))
  try {
    return await act(stop.signal)
  } finally {
    cancel()
  }
}
