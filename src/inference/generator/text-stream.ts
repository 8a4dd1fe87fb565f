import type { Tokenizer } from '../../model/index.js'

/** Marks the bytes of a character that is not complete yet. */
const INCOMPLETE = '\uFFFD'
/** A character has at most four bytes, so that more undecodable tokens than this are no beginning of one. */
const LONGEST_CHARACTER = 4

/** Turns tokens into text as they come; a character that several tokens share appears when it is whole. */
export class TextStream {
  /** Tokens that were shown last: some tokenizers drop a space at the start of what they decode, so that a token's text depends on the one before. */
  #context: readonly number[] = []
  #pending: number[] = []

  constructor(readonly tokenizer: Pick<Tokenizer, 'decode'>) {}

  push(tokens: readonly number[]): string {
    this.#pending.push(...tokens)
    const text = this.#decoded()
    if (text.endsWith(INCOMPLETE) && this.#pending.length < tokens.length + LONGEST_CHARACTER) return ''
    return this.#show(text)
  }

  flush(): string {
    return this.#pending.length > 0 ? this.#show(this.#decoded()) : ''
  }

  #decoded(): string {
    const before = this.tokenizer.decode(this.#context)
    return this.tokenizer.decode([...this.#context, ...this.#pending]).slice(before.length)
  }

  #show(text: string): string {
    this.#context = this.#pending
    this.#pending = []
    return text
  }
}
