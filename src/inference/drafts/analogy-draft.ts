import type { Tokenizer } from '../../model/index.js'
import { piecesOf, renamed, renamings } from './analogy.js'
import { NOTHING } from './draft.js'
import type { Draft, Proposal } from './draft.js'
import { WordEncoder } from './word-encoder.js'
import { Neighbours } from './neighbours.js'

/** A design of the house with what was asked for. */
export interface Precedent {
  readonly prompt: readonly number[]
  readonly design: readonly number[]
}

/** Precedents that are rewritten for a request: each takes a fifth of a millisecond. */
const PRECEDENTS = 8

/** Precedents that are known: half a millisecond and some ten kilobytes each. */
const PRECEDENTS_AT_MOST = 4096

/** Of these, the ones that came later. */
const LATER_AT_MOST = 512

/** Matches longer than this say no more about what follows. */
const LONGEST_MATCH = 16

/**
 * Drafts from precedents: of the designs that the house has written, those whose specifications are nearest to the one at hand, with the names and numbers of
 * the one replaced by those of the other. What comes of it is seldom right as a whole, but most of its lines are.
 */
export class AnalogyDrafts {
  /** What they are compared and rewritten by, by number. */
  private readonly known = new Map<number, { readonly prompt: readonly string[], readonly design: readonly string[] }>()
  private readonly neighbours = new Neighbours()
  private readonly words: WordEncoder
  /** Numbers of those that came later, the oldest first. */
  private readonly later: number[] = []
  /** Those that are not read yet: until a text is drafted for, nobody needs them. */
  private readonly unread: Precedent[] = []
  private next = 0

  constructor(private readonly tokenizer: Pick<Tokenizer, 'encode' | 'decode'>, precedents: readonly Precedent[]) {
    this.words = new WordEncoder(tokenizer)
    for (const precedent of precedents.slice(LATER_AT_MOST - PRECEDENTS_AT_MOST)) this.read(precedent)
  }

  /** A design that was written since. */
  add(precedent: Precedent): void {
    this.unread.push(precedent)
    if (this.unread.length > LATER_AT_MOST) this.unread.shift()
  }

  /** A draft for one request. */
  for(prompt: readonly number[]): Draft {
    // A text that is written beside others is never drafted for.
    let texts: readonly (readonly number[])[] | undefined
    const prepared = (): readonly (readonly number[])[] => texts ??= this.modelsFor(prompt)
    return {
      name: 'analogy',
      prepare: () => { prepared() },
      propose: (tokens, maximum) => propose(prepared(), prompt.length, tokens, maximum),
    }
  }

  private modelsFor(prompt: readonly number[]): number[][] {
    for (const precedent of this.unread.splice(0)) this.later.push(this.read(precedent))
    for (const number of this.later.splice(0, Math.max(0, this.later.length - LATER_AT_MOST))) this.forget(number)
    const pieces = piecesOf(this.tokenizer.decode(prompt))
    return this.neighbours.nearest(pieces, PRECEDENTS).map((number) => {
      const { prompt: asked, design } = this.known.get(number)!
      return [...prompt, ...this.words.encode(renamed(design, renamings(asked, pieces)))]
    })
  }

  private read({ prompt, design }: Precedent): number {
    const number = this.next++
    const pieces = piecesOf(this.tokenizer.decode(prompt))
    this.known.set(number, { prompt: pieces, design: piecesOf(this.tokenizer.decode(design)) })
    this.neighbours.add(number, pieces)
    return number
  }

  private forget(number: number): void {
    this.neighbours.remove(number, this.known.get(number)!.prompt)
    this.known.delete(number)
  }
}

/** The place in one of the texts that has most of the end of `tokens` before it; of equals in the nearest precedent, the one that is as far into it. */
function propose(texts: readonly (readonly number[])[], begin: number, tokens: readonly number[], maximum: number): Proposal {
  const end = tokens.length
  let best = { length: 0, distance: Infinity, text: [] as readonly number[], at: 0 }
  for (const text of texts) {
    for (let at = begin; at < text.length; at++) {
      if (text[at - 1] !== tokens[end - 1]) continue
      let length = 1
      while (length < LONGEST_MATCH && length < at && text[at - 1 - length] === tokens[end - 1 - length]) length++
      const distance = Math.abs(at - end)
      if (length > best.length || (length === best.length && best.text === text && distance < best.distance)) best = { length, distance, text, at }
    }
  }
  if (best.length === 0) return NOTHING
  const proposed = best.text.slice(best.at, best.at + maximum)
  return { by: 'analogy', tokens: proposed, confidence: proposed.map(() => best.length / (best.length + 1)), matched: best.length }
}
