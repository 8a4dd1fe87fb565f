import { connectChecker, openChecker } from '../../src/quality/index.js'
import type { Checker } from '../../src/quality/index.js'
import type { NodeConfig } from '../../src/config/index.js'

/** The checker of a node: one shared with other nodes where a socket is named, else its own. Nothing starts before the first check. */
export class Checkers {
  #checker: Checker | undefined

  constructor(private readonly settings: NodeConfig['checkers'], private readonly socket: string | undefined) {}

  readonly get = (): Checker => {
    this.#checker ??= this.socket === undefined ? openChecker(this.settings) : connectChecker(this.socket)
    return this.#checker
  }

  async close(): Promise<void> {
    await this.#checker?.close()
  }
}
