import { decodeDraft, encodeDraft } from '../../src/model/index.js'
import type { RecurrentDraft } from '../../src/model/index.js'
import type { Store } from '../../src/store/index.js'
import type { Logger } from '../../src/telemetry/index.js'

import type { BaseInfo } from '../daemon/base-model.js'

const STATE = 'trained-draft'
const VERSION = 1

/** The draft that was distilled from this node's personal model, in memory and on disk. It never leaves the node. */
export class KeptDraft {
  #draft: RecurrentDraft | undefined

  private constructor(private readonly store: Pick<Store, 'writeState'>, private readonly base: Pick<BaseInfo, 'contentId' | 'config'>) {}

  /** What cannot be read, or is of another base, is made again: nothing but speed depends on it. */
  static async open(store: Pick<Store, 'readState' | 'writeState'>, base: Pick<BaseInfo, 'contentId' | 'config'>, log: Logger): Promise<KeptDraft> {
    const kept = new KeptDraft(store, base)
    try {
      const bytes = await store.readState(STATE, { version: VERSION })
      if (bytes instanceof Uint8Array) {
        const { draft, origin } = decodeDraft(bytes)
        if (origin.base === base.contentId) kept.#draft = draft
      }
    } catch (error) {
      log.warn('the trained draft could not be read and is made again', { error })
    }
    return kept
  }

  get draft(): RecurrentDraft | undefined { return this.#draft }

  /** Serves it from now on. */
  async keep(draft: RecurrentDraft): Promise<void> {
    this.#draft = draft
    await this.store.writeState(STATE, VERSION, encodeDraft(draft, { base: this.base.contentId, hiddenSize: this.base.config.hiddenSize }))
  }
}
