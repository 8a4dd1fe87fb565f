import { systemClock } from '../../../src/telemetry/index.js'
import type { Clock } from '../../../src/telemetry/index.js'

interface Timer { readonly at: number, readonly run: () => void, cancel: () => void }

/**
 * The time of a machine that is put to sleep, or whose clock is set. Forwards, both the wall's and the protocol's time jump, as after a sleep: timers that are due by then run at
 * once. Backwards only the wall's does, since the protocol's never goes back.
 */
export class JumpingClock implements Clock {
  private slept = 0
  private set = 0
  private readonly timers = new Set<Timer>()

  constructor(private readonly inner: Clock = systemClock, private readonly innerWall: () => number = Date.now) {}

  now(): number {
    return this.inner.now() + this.slept
  }

  /** Milliseconds since 1970 as the machine's clock is set now. */
  wall(): number {
    return this.innerWall() + this.set
  }

  after(milliseconds: number, run: () => void): () => void {
    const timer: Timer = { at: this.now() + milliseconds, run, cancel: () => undefined }
    this.arm(timer)
    return () => {
      timer.cancel()
      this.timers.delete(timer)
    }
  }

  /** @param milliseconds - negative for backwards */
  jump(milliseconds: number): void {
    this.set += milliseconds
    if (milliseconds <= 0) return
    this.slept += milliseconds
    for (const timer of [...this.timers].sort((one, other) => one.at - other.at)) {
      timer.cancel()
      this.arm(timer)
    }
  }

  private arm(timer: Timer): void {
    this.timers.add(timer)
    timer.cancel = this.inner.after(Math.max(0, timer.at - this.now()), () => {
      this.timers.delete(timer)
      timer.run()
    })
  }
}
