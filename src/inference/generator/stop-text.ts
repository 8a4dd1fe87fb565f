/** Holds back text that may turn out to be the beginning of a stop text. */
export class StopText {
  #held = ''

  constructor(readonly stops: readonly string[]) {}

  /** @returns what may be shown now, and whether a stop text ended the output */
  push(text: string): { readonly shown: string, readonly stopped: boolean } {
    this.#held += text
    const at = Math.min(...this.stops.map((stop) => this.#held.indexOf(stop)).map((found) => found < 0 ? Infinity : found))
    if (Number.isFinite(at)) {
      const shown = this.#held.slice(0, at)
      this.#held = ''
      return { shown, stopped: true }
    }
    const keep = Math.max(0, ...this.stops.map((stop) => overlap(this.#held, stop)))
    const shown = this.#held.slice(0, this.#held.length - keep)
    this.#held = this.#held.slice(this.#held.length - keep)
    return { shown, stopped: false }
  }

  /** What was held back when the output ended by itself. */
  flush(): string {
    const rest = this.#held
    this.#held = ''
    return rest
  }
}

/** Length of the longest end of `text` that `stop` begins with. */
function overlap(text: string, stop: string): number {
  for (let length = Math.min(text.length, stop.length - 1); length > 0; length--) {
    if (text.endsWith(stop.slice(0, length))) return length
  }
  return 0
}
