/** Turns out of lines: one that ends in a backslash goes on in the next. */
export class TurnReader {
  readonly #lines: string[] = []

  /** Whether the turn that was begun goes on. */
  get isOpen(): boolean { return this.#lines.length > 0 }

  /** @returns a turn, where the line ends one */
  push(line: string): string | undefined {
    if (line.endsWith('\\')) {
      this.#lines.push(line.slice(0, -1))
      return undefined
    }
    this.#lines.push(line)
    return this.end()
  }

  /** No further line belongs to the turn. @returns undefined where there is none, or only white space */
  end(): string | undefined {
    const turn = this.#lines.join('\n').trim()
    this.#lines.length = 0
    return turn === '' ? undefined : turn
  }
}
