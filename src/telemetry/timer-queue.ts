export interface Timer {
  readonly at: number
  /** Timers of one instant run in the order in which they were set. */
  readonly order: number
  readonly run: () => void
  cancelled: boolean
}

const before = (a: Timer, b: Timer): boolean => a.at < b.at || (a.at === b.at && a.order < b.order)

/** A binary heap of timers, earliest first. Cancelled ones are left in it and dropped when they come up. */
export class TimerQueue {
  private readonly heap: Timer[] = []

  /** The earliest timer that is not cancelled. */
  peek(): Timer | undefined {
    while (this.heap[0]?.cancelled === true) this.removeFirst()
    return this.heap[0]
  }

  pop(): Timer | undefined {
    const first = this.peek()
    if (first !== undefined) this.removeFirst()
    return first
  }

  push(timer: Timer): void {
    let at = this.heap.push(timer) - 1
    while (at > 0) {
      const parent = (at - 1) >> 1
      if (before(this.heap[parent]!, timer)) break
      this.heap[at] = this.heap[parent]!
      at = parent
    }
    this.heap[at] = timer
  }

  private removeFirst(): void {
    const last = this.heap.pop()!
    const length = this.heap.length
    if (length === 0) return
    let at = 0
    for (;;) {
      let child = 2 * at + 1
      if (child >= length) break
      if (child + 1 < length && before(this.heap[child + 1]!, this.heap[child]!)) child++
      if (before(last, this.heap[child]!)) break
      this.heap[at] = this.heap[child]!
      at = child
    }
    this.heap[at] = last
  }
}
