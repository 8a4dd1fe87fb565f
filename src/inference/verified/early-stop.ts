import { hopeless } from '../../quality/index.js'
import type { Domain } from '../../quality/index.js'

/** Reads a design as it is written, and tells when no way is left for it to become right. */
export class EarlyStop {
  private text = ''
  private judged = 0
  private found: string | undefined

  constructor(private readonly domain: Domain) {}

  /** Why the text is hopeless, once it is. */
  get reason(): string | undefined { return this.found }

  /** @returns whether to stop */
  push(part: string): boolean {
    this.text += part
    // A line at a time: within one, little becomes certain.
    const end = this.text.lastIndexOf('\n')
    if (this.found === undefined && end > this.judged) {
      this.judged = end
      this.found = hopeless(this.domain, this.text)
    }
    return this.found !== undefined
  }
}
