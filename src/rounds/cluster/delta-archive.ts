import type { ContentId } from '../../network/index.js'
import type { Context } from '../context.js'
import type { Library } from './library.js'

/** What becomes of the deltas of rounds that are over. */
export class DeltaArchive {
  /** Deltas of the last round: still offered. */
  private shown: readonly ContentId[] = []
  /** Deltas on disk since the last full record. */
  private archived: ContentId[] = []

  constructor(private readonly context: Pick<Context, 'store'>) {}

  /**
   * A round has ended. Its deltas are offered for one round more. Those of a provisional chain stay on disk: should it give way, its change is computed from them.
   *
   * @param isFull - whether the round's record is full
   * @param isOpen - whether a delta of this peer's own may still count
   */
  async take(deltas: Iterable<ContentId>, library: Library, { isFull, isOpen }: { readonly isFull: boolean, readonly isOpen: (content: ContentId) => boolean }): Promise<void> {
    for (const content of this.shown) library.drop(content)
    this.shown = [...deltas]
    if (isFull) {
      for (const content of this.archived) if (!isOpen(content)) await this.context.store.deleteBlob(content)
      this.archived = []
    }
    this.archived.push(...this.shown)
  }
}
