import { setImmediate } from 'node:timers/promises'

import type { Clock } from './clock.js'
import { TimerQueue } from './timer-queue.js'

/** Time that passes only when told to, so that a test or a simulation of hours takes moments and runs the same every time. */
export interface VirtualClock extends Clock {
  /** Lets so much time pass: runs due timers in order, and lets promises settle after each. */
  advance(milliseconds: number): Promise<void>
  /** Lets time pass until no timer is left, or until the next would come later than `within` milliseconds from now. */
  runUntilIdle(within?: number): Promise<void>
  /**
   * Lets time pass until `condition` holds; looks after every timer.
   *
   * @returns false where `within` milliseconds went by without it
   */
  runUntil(condition: () => boolean, within: number): Promise<boolean>
  /** Time stands still until real work, such as a worker thread's answer, has settled. Returns the same promise. */
  hold<T>(work: Promise<T>): Promise<T>
}

export interface VirtualClockOptions {
  /** When promises settle and conditions are looked at: after every timer (default), or once after all timers of an instant, much faster where many share one. */
  readonly settle?: 'timer' | 'instant'
}

/** A virtual clock that starts at `start` milliseconds. An error thrown by a timer comes out of the call that lets time pass. */
export function createVirtualClock(start = 0, { settle: settling = 'timer' }: VirtualClockOptions = {}): VirtualClock {
  const queue = new TimerQueue()
  const held = new Set<Promise<unknown>>()
  let now = start

  // Every promise chain that needs no further event has run when an immediate comes up.
  async function settle(): Promise<void> {
    await setImmediate()
    while (held.size > 0) {
      await Promise.allSettled(held)
      await setImmediate()
    }
  }

  async function runTo(end: number, condition: () => boolean): Promise<boolean> {
    await settle()
    for (;;) {
      if (condition()) return true
      const timer = queue.peek()
      if (timer === undefined || timer.at > end) return false
      queue.pop()
      now = Math.max(now, timer.at)
      timer.run()
      if (settling === 'instant') runRest(timer.at)
      await settle()
    }
  }

  function runRest(instant: number): void {
    for (let timer = queue.peek(); timer?.at === instant; timer = queue.peek()) {
      queue.pop()
      timer.run()
    }
  }

  return {
    now: () => now,

    after(milliseconds, run) {
      const timer = { at: now + Math.max(0, milliseconds), run, cancelled: false }
      queue.push(timer)
      return () => { timer.cancelled = true }
    },

    async advance(milliseconds) {
      const end = now + milliseconds
      await runTo(end, () => false)
      now = Math.max(now, end)
    },

    async runUntilIdle(within = Infinity) {
      await runTo(now + within, () => false)
    },

    async runUntil(condition, within) {
      const end = now + within
      if (await runTo(end, condition)) return true
      now = Math.max(now, end)
      return false
    },

    hold(work) {
      held.add(work)
      const release = (): void => { held.delete(work) }
      work.then(release, release)
      return work
    },
  }
}
