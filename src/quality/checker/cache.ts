/** Keeps what was used last, up to a total size. */
export class Cache<Value> {
  readonly #entries = new Map<string, { value: Value, size: number }>()
  #size = 0

  constructor(private readonly maximumSize: number) {}

  get(key: string): Value | undefined {
    const entry = this.#entries.get(key)
    if (!entry) return undefined
    this.#entries.delete(key)
    this.#entries.set(key, entry)
    return entry.value
  }

  set(key: string, value: Value, size = 1): void {
    this.#size -= this.#entries.get(key)?.size ?? 0
    this.#entries.delete(key)
    if (size > this.maximumSize) return
    this.#entries.set(key, { value, size })
    this.#size += size
    for (const [oldest, entry] of this.#entries) {
      if (this.#size <= this.maximumSize) return
      this.#entries.delete(oldest)
      this.#size -= entry.size
    }
  }
}
