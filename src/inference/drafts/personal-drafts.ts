import type { Tokenizer } from '../../model/index.js'
import { AnalogyDrafts } from './analogy-draft.js'
import type { Precedent } from './analogy-draft.js'
import { combinedDraft } from './combined-draft.js'
import { indexedDraft } from './corpus-draft.js'
import { indexCorpus } from './corpus-index.js'
import type { CorpusIndex, CorpusSegment } from './corpus-index.js'
import type { Draft } from './draft.js'
import { History } from './history.js'
import type { FinishedText } from './history.js'
import { lookupDraft } from './lookup-draft.js'

/** Verified designs that are precedents beside the house's own. */
const PRECEDENTS_KEPT = 512

/** The drafts of a house: from its own designs, from what it has written with the model since, and from the text itself. */
export class PersonalDrafts {
  private readonly history = new History()
  private readonly precedents: Precedent[] = []
  private analogies: AnalogyDrafts
  private corpus = indexedDraft([])

  constructor(private readonly tokenizer: Pick<Tokenizer, 'encode' | 'decode'>) {
    this.analogies = new AnalogyDrafts(tokenizer, [])
  }

  /**
   * The house's own designs, in place of those before.
   *
   * @param kept - of an earlier index, which may be of other designs
   */
  useCorpus(precedents: readonly Precedent[], kept: readonly CorpusSegment[]): CorpusIndex {
    this.analogies = new AnalogyDrafts(this.tokenizer, precedents)
    for (const precedent of this.precedents) this.analogies.add(precedent)
    const index = indexCorpus(precedents.map(({ design }) => design), kept)
    this.corpus = indexedDraft(index.segments)
    return index
  }

  remember(text: FinishedText): void {
    this.history.add(text)
    if (!text.isVerified) return
    this.analogies.add(text)
    this.precedents.push(text)
    if (this.precedents.length > PRECEDENTS_KEPT) this.precedents.shift()
  }

  /** A draft for one request. */
  for(prompt: readonly number[]): Draft {
    return combinedDraft([this.analogies.for(prompt), ...this.history.drafts, this.corpus, lookupDraft])
  }
}
