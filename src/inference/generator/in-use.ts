/** Something that may be replaced while it is used: it is released once it was replaced and nobody uses it any more. */
export class InUse {
  #users = 0
  #isRetired = false

  constructor(private readonly release: () => Promise<void>) {}

  get isRetired(): boolean {
    return this.#isRetired
  }

  use(): void {
    this.#users += 1
  }

  async leave(): Promise<void> {
    this.#users -= 1
    await this.#releaseUnused()
  }

  /** Nobody else is to use it. */
  async retire(): Promise<void> {
    this.#isRetired = true
    await this.#releaseUnused()
  }

  async #releaseUnused(): Promise<void> {
    if (this.#isRetired && this.#users === 0) await this.release()
  }
}
