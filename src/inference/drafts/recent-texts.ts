import { NOTHING } from './draft.js'
import type { Draft, Proposal } from './draft.js'

/** Matches longer than this say no more about what follows. */
const LONGEST_MATCH = 16
const SHORTEST_MATCH = 2
/** Each token ends as many runs of tokens as there are lengths of matches; the table is at most half full. */
const LENGTHS = LONGEST_MATCH - SHORTEST_MATCH + 1
/** Ends a text; no token id is negative. */
const BOUNDARY = -1

export interface RecentTextsOptions {
  /** What the draft is called. */
  readonly name: string
  /** Texts are kept in so many parts; the oldest goes when a further one is begun. */
  readonly parts: number
  /** Tokens of a part; of a longer text the end is kept. */
  readonly partTokens: number
}

/**
 * The newest texts of a node, and where in them what was just written stood before: a draft that learns with every text, at some microseconds a token.
 *
 * Where several places match equally far, the newest part goes first, and in it the newest place: who writes variants of something mostly goes on from the last.
 */
export class RecentTexts implements Draft {
  readonly name: string
  /** The newest first. */
  readonly #parts: Part[] = []

  constructor(private readonly options: RecentTextsOptions) {
    this.name = options.name
  }

  add(text: readonly number[]): void {
    const { parts, partTokens } = this.options
    const kept = text.slice(-(partTokens - 1))
    if (this.#parts[0] === undefined || this.#parts[0].room < kept.length + 1) {
      this.#parts.unshift(new Part(partTokens))
      this.#parts.length = Math.min(this.#parts.length, parts)
    }
    this.#parts[0]!.add(kept)
  }

  propose(tokens: readonly number[], maximum: number): Proposal {
    let best: { readonly part: Part, readonly length: number, readonly at: number } | undefined
    for (const part of this.#parts) {
      const found = part.longest(tokens, best?.length ?? SHORTEST_MATCH - 1)
      if (found) best = { part, ...found }
      if (best?.length === LONGEST_MATCH) break
    }
    if (!best) return NOTHING
    const proposed = best.part.from(best.at, maximum)
    return { by: this.name, tokens: proposed, confidence: proposed.map(() => best.length / (best.length + 1)), matched: best.length }
  }
}

/** Some texts one after another, and for every run of 2 to 16 tokens in them that something follows, where that stood last. */
class Part {
  readonly #tokens: Int32Array
  /** By the hash of a run: its length, and one more than where it ends. Zero is empty; of two runs in one slot the later goes on to the next. */
  readonly #lengths: Uint8Array
  readonly #ends: Int32Array
  readonly #mask: number
  #length = 0

  constructor(tokens: number) {
    const slots = 2 ** Math.ceil(Math.log2(2 * LENGTHS * tokens))
    this.#tokens = new Int32Array(tokens)
    this.#lengths = new Uint8Array(slots)
    this.#ends = new Int32Array(slots)
    this.#mask = slots - 1
  }

  get room(): number {
    return this.#tokens.length - this.#length
  }

  add(text: readonly number[]): void {
    const begin = this.#length
    this.#tokens.set(text, begin)
    this.#tokens[begin + text.length] = BOUNDARY
    this.#length = begin + text.length + 1
    for (let end = begin + SHORTEST_MATCH; end < begin + text.length; end++) {
      let hash = 0
      for (let length = 1; length <= Math.min(LONGEST_MATCH, end - begin); length++) {
        hash = mixed(hash, this.#tokens[end - length]!)
        if (length >= SHORTEST_MATCH) this.#note(hash, length, end)
      }
    }
  }

  /** The longest end of `tokens`, longer than `than`, that something follows here: a shorter end of what is found is found, too, so lengths are halved. */
  longest(tokens: readonly number[], than: number): { readonly length: number, readonly at: number } | undefined {
    let best: { length: number, at: number } | undefined
    let low = than + 1
    let high = Math.min(LONGEST_MATCH, tokens.length)
    while (low <= high) {
      // Mostly a part has nothing better than the ones before it.
      const length = best === undefined ? low : (low + high + 1) >>> 1
      const at = this.#find(tokens, length)
      if (at === undefined) {
        if (best === undefined) return undefined
        high = length - 1
      } else {
        best = { length, at }
        low = length + 1
      }
    }
    return best
  }

  /** What stands from a place on, to the end of its text. */
  from(at: number, maximum: number): number[] {
    const end = this.#tokens.indexOf(BOUNDARY, at)
    return [...this.#tokens.subarray(at, Math.min(end, at + maximum))]
  }

  #note(hash: number, length: number, end: number): void {
    let slot = slotOf(hash, length) & this.#mask
    while (this.#lengths[slot] !== 0 && !(this.#lengths[slot] === length && this.#isSame(this.#ends[slot]!, end, length))) slot = (slot + 1) & this.#mask
    this.#lengths[slot] = length
    this.#ends[slot] = end
  }

  #find(tokens: readonly number[], length: number): number | undefined {
    let hash = 0
    for (let back = 1; back <= length; back++) hash = mixed(hash, tokens[tokens.length - back]!)
    for (let slot = slotOf(hash, length) & this.#mask; this.#lengths[slot] !== 0; slot = (slot + 1) & this.#mask) {
      if (this.#lengths[slot] !== length) continue
      const end = this.#ends[slot]!
      let back = 1
      while (back <= length && this.#tokens[end - back] === tokens[tokens.length - back]) back++
      if (back > length) return end
    }
    return undefined
  }

  #isSame(one: number, other: number, length: number): boolean {
    for (let back = 1; back <= length; back++) if (this.#tokens[one - back] !== this.#tokens[other - back]) return false
    return true
  }
}

/** A hash that goes on with a further token (FNV-1a's step, on 32 bits). */
function mixed(hash: number, token: number): number {
  return Math.imul(hash ^ token, 0x01000193) ^ (hash >>> 15)
}

/** Lengths apart, and the upper bits brought down to where slots are chosen by (the finalizer of MurmurHash3). */
function slotOf(hash: number, length: number): number {
  let slot = hash ^ Math.imul(length, 0x9e3779b1)
  slot = Math.imul(slot ^ (slot >>> 16), 0x85ebca6b)
  slot = Math.imul(slot ^ (slot >>> 13), 0xc2b2ae35)
  return slot ^ (slot >>> 16)
}
