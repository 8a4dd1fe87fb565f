/** Waits for its turn. */
interface Line<T> {
  readonly items: T[]
  /** When one of this client was let in last. */
  served: number
}

/**
 * A queue that is fair over clients: next is whoever has the fewest items that are being served, among equals who waited longest for a turn, and of each
 * client the item that came first. So a client with many items delays one with few by one item at most.
 */
export class FairQueue<T> {
  readonly #lines = new Map<string, Line<T>>()
  /** When each client was served last, while it has items here. */
  #turn = 0

  get size(): number {
    let size = 0
    for (const { items } of this.#lines.values()) size += items.length
    return size
  }

  /** How many items of a client wait. */
  sizeOf(client: string): number { return this.#lines.get(client)?.items.length ?? 0 }

  push(client: string, item: T): void {
    const line = this.#lines.get(client)
    if (line) line.items.push(item)
    else this.#lines.set(client, { items: [item], served: this.#turn++ })
  }

  /** @param serving - how many items of a client are being served now */
  shift(serving: (client: string) => number): T | undefined {
    let next: { readonly client: string, readonly line: Line<T>, readonly count: number } | undefined
    for (const [client, line] of this.#lines) {
      const count = serving(client)
      if (!next || count < next.count || (count === next.count && line.served < next.line.served)) next = { client, line, count }
    }
    if (!next) return undefined
    const item = next.line.items.shift()
    next.line.served = this.#turn++
    if (next.line.items.length === 0) this.#lines.delete(next.client)
    return item
  }

  /** Takes out an item that matches. */
  remove(matches: (item: T) => boolean): T | undefined {
    for (const [client, { items }] of this.#lines) {
      const at = items.findIndex(matches)
      if (at < 0) continue
      const [item] = items.splice(at, 1)
      if (items.length === 0) this.#lines.delete(client)
      return item
    }
    return undefined
  }
}
