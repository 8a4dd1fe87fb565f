import type { Clock } from './clock.js'

/** Node fires longer timers at once, so a longer wait is cut into pieces of this many milliseconds. */
const LONGEST_TIMER = 2 ** 31 - 1

/** The machine's clock: milliseconds since 1970 as of the process's start, and monotone from there on, whatever is done to the wall clock. */
export const systemClock: Clock = {
  now: () => performance.timeOrigin + performance.now(),

  after(milliseconds, run) {
    let timer: NodeJS.Timeout
    const wait = (left: number): void => {
      timer = left > LONGEST_TIMER
        ? setTimeout(() => wait(left - LONGEST_TIMER), LONGEST_TIMER)
        : setTimeout(run, left)
    }
    wait(Math.max(0, milliseconds))
    return () => clearTimeout(timer)
  },
}
