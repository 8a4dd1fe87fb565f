import type { Tokenizer } from '../../model/index.js'

/** Words whose tokens are kept; beyond that, all are forgotten. */
const WORDS_KEPT = 16_384

/** Texts that are encoded both ways before the quicker one is trusted. */
const TRIALS = 4

/** What stands between two white spaces, with the white space before it, as tokenizers take it. */
const WORDS = /\s*\S+|\s+$/g

/**
 * Encodes texts most of whose words it has seen before, as the designs of a house are. A few texts are encoded whole, too; where a tokenizer does not come to the
 * same, it is asked for whole texts from then on.
 */
export class WordEncoder {
  private readonly words = new Map<string, readonly number[]>()
  private trials = 0
  private isByWord = true

  constructor(private readonly tokenizer: Pick<Tokenizer, 'encode'>) {}

  encode(text: string): number[] {
    if (!this.isByWord) return this.tokenizer.encode(text)
    const ids: number[] = []
    for (const word of text.match(WORDS) ?? []) ids.push(...this.word(word))
    if (this.trials === TRIALS) return ids
    this.trials += 1
    const whole = this.tokenizer.encode(text)
    this.isByWord = whole.length === ids.length && whole.every((id, at) => id === ids[at])
    return whole
  }

  private word(word: string): readonly number[] {
    let ids = this.words.get(word)
    if (ids === undefined) {
      if (this.words.size >= WORDS_KEPT) this.words.clear()
      ids = this.tokenizer.encode(word)
      this.words.set(word, ids)
    }
    return ids
  }
}
