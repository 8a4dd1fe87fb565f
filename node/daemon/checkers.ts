import { connectChecker, openChecker } from '../../src/quality/index.js'
import type { Checker } from '../../src/quality/index.js'
import type { NodeConfig } from '../../src/config/index.js'

/** The checker of a node: one shared with other nodes where a socket is named, else its own. Nothing starts before the first check. */
export class Checkers {
  #checker: Promise<Checker> | undefined

  constructor(private readonly settings: NodeConfig['checkers'], private readonly socket: string | undefined) {}

  readonly get = (): Promise<Checker> => {
    this.#checker ??= this.#open().catch((error: unknown) => {
      this.#checker = undefined
      throw error
    })
    return this.#checker
  }

  async close(): Promise<void> {
    const checker = await this.#checker?.catch(() => undefined)
    await checker?.close()
  }

  async #open(): Promise<Checker> {
    return this.socket === undefined ? openChecker(this.settings) : await connectChecker(this.socket)
  }
}
