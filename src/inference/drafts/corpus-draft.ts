import { NOTHING } from './draft.js'
import type { Draft, Proposal } from './draft.js'
import { continuations, narrow } from './suffix-array.js'
import type { Range, SuffixArray } from './suffix-array.js'

/** Matches longer than this say no more about what follows. */
const LONGEST_MATCH = 24
/** A match of one token proposes what usually follows it, which is seldom worth a check. */
const SHORTEST_MATCH = 2
/** Counting what follows is linear in distinct continuations; beyond this many occurrences a sample is as good. */
const MOST_OCCURRENCES = 4096

/** Where a match stands in one of the arrays. */
interface Place {
  readonly array: SuffixArray
  readonly range: Range
}

/**
 * A draft from what a house has written before: the longest suffix of the text that occurs in the house's corpus, continued as it most often went on
 * there (after SuffixDecoding, arXiv 2411.04975, with suffix arrays instead of a tree).
 *
 * @param arrays - of the corpus in parts: what is found is what one array of the whole would have
 */
export function indexedDraft(arrays: readonly SuffixArray[]): Draft {
  return { name: 'corpus', propose: (history, maximum) => propose(arrays, history, maximum) }
}

function propose(arrays: readonly SuffixArray[], history: readonly number[], maximum: number): Proposal {
  const matched = longestMatch(arrays, history)
  if (matched < SHORTEST_MATCH) return NOTHING
  let places = arrays.map((array): Place => ({ array, range: occurrences(array, history, matched) })).filter(({ range }) => range.to > range.from)
  const tokens: number[] = []
  const confidence: number[] = []
  while (tokens.length < maximum) {
    const sampled = places.map(({ array, range }): Place => ({ array, range: { from: range.from, to: Math.min(range.to, range.from + MOST_OCCURRENCES) } }))
    const next = mostFrequent(sampled, matched + tokens.length)
    if (!next) break
    tokens.push(next.token)
    // One occurrence more than seen, which may go on differently: a single example is no certainty.
    confidence.push(countOf(next.places) / (countOf(sampled) + 1))
    places = next.places
  }
  return { by: 'corpus', tokens, confidence, matched }
}

function mostFrequent(places: readonly Place[], depth: number): { readonly token: number, readonly places: Place[] } | undefined {
  const found = new Map<number, Place[]>()
  for (const { array, range } of places) {
    for (const next of continuations(array, range, depth)) {
      const having = found.get(next.token)
      if (having) having.push({ array, range: next.range })
      else found.set(next.token, [{ array, range: next.range }])
    }
  }
  let best: { token: number, places: Place[], count: number } | undefined
  for (const [token, having] of found) {
    const count = countOf(having)
    if (!best || count > best.count || (count === best.count && token < best.token)) best = { token, places: having, count }
  }
  return best
}

function countOf(places: readonly Place[]): number {
  return places.reduce((sum, { range }) => sum + range.to - range.from, 0)
}

/** Length of the longest suffix of `history` that occurs in one of the arrays: binary search, since each shorter suffix of a match is a match. */
function longestMatch(arrays: readonly SuffixArray[], history: readonly number[]): number {
  let best = SHORTEST_MATCH - 1
  for (const array of arrays) {
    const occurs = (length: number): boolean => {
      const { from, to } = occurrences(array, history, length)
      return to > from
    }
    // Mostly an array has nothing better than those before it.
    if (best >= Math.min(LONGEST_MATCH, history.length) || !occurs(best + 1)) continue
    let low = best + 1
    let high = Math.min(LONGEST_MATCH, history.length)
    while (low < high) {
      const length = (low + high + 1) >>> 1
      if (occurs(length)) low = length
      else high = length - 1
    }
    best = low
  }
  return best
}

function occurrences(array: SuffixArray, history: readonly number[], length: number): Range {
  let range: Range = { from: 0, to: array.order.length }
  for (let depth = 0; depth < length && range.to > range.from; depth++) {
    range = narrow(array, range, depth, history[history.length - length + depth]!)
  }
  return range
}
