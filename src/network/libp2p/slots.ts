/** Lets a few through at a time for each key; the others wait in line. */
export class Slots {
  private readonly taken = new Map<string, number>()
  private readonly waiting = new Map<string, (() => void)[]>()

  constructor(private readonly each: number) {}

  /**
   * Waits for a free slot.
   *
   * @returns a function that frees it again
   * @throws the signal's reason where it aborts first
   */
  async take(key: string, signal: AbortSignal): Promise<() => void> {
    signal.throwIfAborted()
    if ((this.taken.get(key) ?? 0) >= this.each) await this.wait(key, signal)
    else this.taken.set(key, (this.taken.get(key) ?? 0) + 1)
    return () => this.free(key)
  }

  private wait(key: string, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const line = this.waiting.get(key) ?? []
      this.waiting.set(key, line)
      const enter = (): void => {
        signal.removeEventListener('abort', leave)
        resolve()
      }
      const leave = (): void => {
        line.splice(line.indexOf(enter), 1)
        reject(signal.reason instanceof Error ? signal.reason : new Error('aborted'))
      }
      signal.addEventListener('abort', leave, { once: true })
      line.push(enter)
    })
  }

  /** Hands the slot on to the first in line, or gives it back. */
  private free(key: string): void {
    const next = this.waiting.get(key)?.shift()
    if (next !== undefined) {
      next()
      return
    }
    this.waiting.delete(key)
    const left = this.taken.get(key)! - 1
    if (left > 0) this.taken.set(key, left)
    else this.taken.delete(key)
  }
}
