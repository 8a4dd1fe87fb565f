import type { Clock } from '../../telemetry/index.js'

/** Conditions that somebody waits for. Whoever changes something calls `look`. */
export class Waiting {
  private readonly waiters = new Set<{ readonly holds: () => boolean, readonly done: () => void }>()

  constructor(private readonly clock: Clock) {}

  /** Resolves once the condition holds, and at the latest after so many milliseconds. @returns whether it holds */
  until(holds: () => boolean, milliseconds: number): Promise<boolean> {
    if (holds()) return Promise.resolve(true)
    return new Promise((resolve) => {
      const waiter = {
        holds,
        done: (): void => {
          cancel()
          this.waiters.delete(waiter)
          resolve(holds())
        },
      }
      const cancel = this.clock.after(milliseconds, waiter.done)
      this.waiters.add(waiter)
    })
  }

  pause(milliseconds: number): Promise<boolean> {
    return this.until(() => false, milliseconds)
  }

  look(): void {
    for (const waiter of [...this.waiters]) {
      if (waiter.holds()) waiter.done()
    }
  }

  /** Ends all waiting. */
  stop(): void {
    for (const waiter of [...this.waiters]) waiter.done()
  }
}
