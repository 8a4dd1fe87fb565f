import { createHash } from 'node:crypto'

/** A hash over everything that happens, in its order: two runs are the same exactly where theirs are. */
export class Digest {
  private readonly hash = createHash('sha256')
  private waiting: string[] = []

  add(at: number, index: number, name: string, event: unknown): void {
    this.waiting.push(`${at} ${index} ${name} ${JSON.stringify(event, plain)}`)
    if (this.waiting.length >= 4096) this.flush()
  }

  /** Hex SHA-256 of what has been added up to now. */
  get value(): string {
    this.flush()
    return this.hash.copy().digest('hex')
  }

  private flush(): void {
    this.hash.update(this.waiting.join('\n'))
    this.waiting = []
  }
}

/** Stack traces name places in files, which are no part of what happened. */
function plain(_key: string, value: unknown): unknown {
  return value instanceof Error ? value.message : value
}
