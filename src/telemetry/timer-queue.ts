export interface Timer {
  readonly at: number
  readonly run: () => void
  cancelled: boolean
}

/** Timers of one instant, in the order in which they were set. */
interface Instant {
  readonly at: number
  readonly timers: Timer[]
  /** How many of them have been taken. */
  taken: number
}

/**
 * Timers, earliest first; those of one instant in the order in which they were set. A binary heap of instants: in a simulation many timers share one.
 * Cancelled ones are left in it and dropped when they come up.
 */
export class TimerQueue {
  private readonly heap: Instant[] = []
  private readonly byTime = new Map<number, Instant>()

  /** The earliest timer that is not cancelled. */
  peek(): Timer | undefined {
    for (let first = this.heap[0]; first !== undefined; first = this.heap[0]) {
      while (first.timers[first.taken]?.cancelled === true) first.taken++
      const timer = first.timers[first.taken]
      if (timer !== undefined) return timer
      this.byTime.delete(first.at)
      this.removeFirst()
    }
    return undefined
  }

  pop(): Timer | undefined {
    const timer = this.peek()
    if (timer !== undefined) this.heap[0]!.taken++
    return timer
  }

  push(timer: Timer): void {
    const known = this.byTime.get(timer.at)
    if (known !== undefined) {
      known.timers.push(timer)
      return
    }
    const instant: Instant = { at: timer.at, timers: [timer], taken: 0 }
    this.byTime.set(timer.at, instant)
    let at = this.heap.push(instant) - 1
    while (at > 0) {
      const parent = (at - 1) >> 1
      if (this.heap[parent]!.at < instant.at) break
      this.heap[at] = this.heap[parent]!
      at = parent
    }
    this.heap[at] = instant
  }

  private removeFirst(): void {
    const last = this.heap.pop()!
    const length = this.heap.length
    if (length === 0) return
    let at = 0
    for (;;) {
      let child = 2 * at + 1
      if (child >= length) break
      if (child + 1 < length && this.heap[child + 1]!.at < this.heap[child]!.at) child++
      if (last.at < this.heap[child]!.at) break
      this.heap[at] = this.heap[child]!
      at = child
    }
    this.heap[at] = last
  }
}
